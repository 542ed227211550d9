"""What attention looks at: queries, keys, values, and maps."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netlore.networks.transformer import Attention
from netlore.scoring.evidence import Kind
from netlore.scoring.kinds.view import AS_GIVEN, View, made
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.passes.attention import likeness
from netlore.scoring.passes.interception import Interception

_NAMES = {
    r"(to_)?(q|k|v|query|key|value|queries|keys|values)(_proj|_lin|_linear)?": 1,
    r"(to_)?(kv|qk)(_proj)?": 2,
    r"(to_)?(w?qkv|c_attn|query_key_value)(_proj)?": 3,
}
"""How layers are called, and how many of queries, keys and values they give."""

_OF_TORCH = {"in_proj_weight": 3, "q_proj_weight": 1, "k_proj_weight": 1, "v_proj_weight": 1}
_SOFTMAX = {torch.softmax, Tensor.softmax, F.softmax}
_ATTENTION = inspect.signature(F.multi_head_attention_forward)


def projections_of(network: nn.Module) -> dict[str, int]:
    """Weights that make queries, keys or values, by their parameters' names, and how many of these each makes.

    They are those of torch's attention, of layers that are called as usual, and of layers that come directly
    before netlore's attention.
    """
    found: dict[str, int] = {}
    for path, module in network.named_modules():
        start = f"{path}." if path else ""
        if isinstance(module, nn.MultiheadAttention):
            found |= {f"{start}{name}": count for name, count in _OF_TORCH.items() if hasattr(module, name)}
        elif isinstance(module, nn.Sequential):
            parts = list(module.named_children())
            for (name, _), (_, after) in pairwise(parts):
                if isinstance(after, Attention):
                    found[f"{start}{name}.weight"] = 3
        weight, count = getattr(module, "weight", None), _pieces(path)
        if count and isinstance(weight, Tensor) and weight.ndim == 2 and not isinstance(module, nn.Embedding):
            found[f"{start}weight"] = count
    return found


def _pieces(layer: str) -> int:
    name = layer.rpartition(".")[2].lower()
    return next((count for pattern, count in _NAMES.items() if re.fullmatch(pattern, name)), 0)


@dataclass(frozen=True, eq=False)
class Peaks:
    """Means of maxima, float64 scalars, in the order in which they were found.

    Attributes:
        projections: Of each call of a layer that gives queries, keys or values the mean over images and channels
            of the maximum over positions, as often as it gives one of them.
        maps: Of each attention map the mean over images and pairs of positions of the maximum over heads.
    """

    projections: list[Tensor] = field(default_factory=list)
    maps: list[Tensor] = field(default_factory=list)


def attention_peaks(view: View = AS_GIVEN) -> Kind[list[Peaks]]:
    """Means of maxima of queries, keys, values and attention maps; an entry for each draw.

    Queries, keys and values are outputs of the layers whose weights `projections_of` finds (`query`, `q_proj`,
    `qkv`, `to_k`, ...). Maps are what softmax gives along the last of four axes, and what torch's attention
    multiplies values with.
    """
    return made(_attention_peaks, view, "one forward pass")


@torch.no_grad()
def _attention_peaks(own: OwnPass, view: View) -> list[Peaks]:
    """Means of maxima of queries, keys, values and attention maps."""
    found = []
    for draw in view.drawn(own):
        with _Watch(draw.network) as watch:
            own.outputs(draw.network, draw.inputs)
        found.append(watch.peaks)
    return found


class _Watch(Interception):
    """Keeps peaks of what attention looks at."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.peaks = Peaks()
        self._weights: dict[int, int] = {}
        self._inside: Mapping[str, Any] = {}
        for name, count in projections_of(network).items():
            module = network.get_submodule(name.rpartition(".")[0])
            if isinstance(module, nn.Linear):  # others may use its weight without calling it
                self._weights[id(module.weight)] = count
            elif not isinstance(module, nn.MultiheadAttention):
                module.register_forward_hook(self._hook(count))

    def _hook(self, count: int) -> Callable[[nn.Module, Any, Any], None]:
        def look(_: nn.Module, given: Any, output: Any) -> None:
            if isinstance(output, Tensor) and output.ndim > 2:
                self._add_projections(output.flatten(1, -2), 1, count)

        return look

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Know what torch's attention was called with."""
        if func is F.multi_head_attention_forward:
            self._inside = _ATTENTION.bind(*args, **(kwargs or {})).arguments
        return super().__torch_function__(func, types, args, kwargs)

    def call(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Call the function, and look at what it returns, or computes on its way."""
        found = func(*args, **kwargs)
        if func is F.scaled_dot_product_attention:
            self._add_map(_map(*args, **kwargs))
        elif func is F.linear:
            self._look_at_linear(args[1] if len(args) > 1 else kwargs["weight"], found)
        elif func in _SOFTMAX and (args[1] if len(args) > 1 else kwargs.get("dim")) in (-1, found.ndim - 1):
            if self.in_attention:  # which has images and heads on one axis
                self._add_map(found.unflatten(0, (-1, self._inside["num_heads"])))
            elif found.ndim == 4:
                self._add_map(found)
        return found

    def _look_at_linear(self, weight: Tensor, output: Tensor) -> None:
        if self.in_attention:  # where positions come before images
            if weight is not self._inside["out_proj_weight"]:
                pieces = max(1, len(weight) // self._inside["embed_dim_to_check"])
                self._add_projections(output, 0, pieces)
        elif id(weight) in self._weights and output.ndim > 2:
            self._add_projections(output.flatten(1, -2), 1, self._weights[id(weight)])

    def _add_projections(self, output: Tensor, positions: int, pieces: int) -> None:
        # Of equal sizes, so that the sum of their means is a multiple of the mean of all.
        self.peaks.projections.append(pieces * output.amax(dim=positions).mean(dtype=torch.float64))

    def _add_map(self, of_heads: Tensor) -> None:
        self.peaks.maps.append(of_heads.amax(dim=1).mean(dtype=torch.float64))


def _map(*args: Any, **kwargs: Any) -> Tensor:
    """softmax(q k^T / sqrt(d)) of torch's attention, (N, heads, positions, positions), before dropout."""
    found = likeness(*args, **kwargs)[0].softmax(dim=-1)
    return found if found.ndim > 3 else found.unsqueeze(1)
