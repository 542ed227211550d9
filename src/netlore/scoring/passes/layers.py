"""Which weights predictors look at, and what share of a network that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from netlore.errors import Degenerate
from netlore.scoring.evidence import WeightedLayer
from netlore.scoring.passes.isolation import tensors_in_mode

_Convolution = nn.modules.conv._ConvNd  # 1 to 3 dimensions, transposed ones as well
_ATTENTION = ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight")
LEAST_SHARE = 0.5
"""A network of whose weights less is looked at has no score of the predictors that look at weights."""


@dataclass(frozen=True, eq=False)
class Weight:
    """A weight that is no layer's `weight`: of a projection inside attention or a recurrent layer, or a slice."""

    weight: Tensor

    def __getattr__(self, name: str) -> Any:
        """Features as linear layers have them."""
        sizes = {"out_features": 0, "in_features": 1}
        if name not in sizes:
            raise AttributeError(name)
        return self.weight.shape[sizes[name]]


@dataclass(frozen=True, eq=False)
class Layers:
    """The weights of a network's linear maps, each once however many layers share it.

    They are those of convolutions of one to three dimensions and transposed ones, linear layers, and the
    projections of attention and of recurrent layers and cells. Embeddings, which are tables, are none.

    Attributes:
        names: The parameter's name for each of them.
        refused: Why the network's weights cannot be looked at; empty: they can.
        total: Entries of all parameters with two or more axes but embeddings.
        left_out: The names of those that are looked at by nobody.
    """

    names: dict[WeightedLayer, str]
    refused: str
    total: int
    left_out: tuple[str, ...]

    @property
    def _counted(self) -> int:
        return sum(layer.weight.numel() for layer in self.names)

    @property
    def share(self) -> float:
        """Part of all weights' entries that is looked at."""
        return self._counted / max(1, self.total)

    @property
    def note(self) -> str:
        """What is left out, in words; empty if nothing is."""
        if not self.left_out:
            return ""
        more = f" and {len(self.left_out) - 2} more" if len(self.left_out) > 2 else ""
        missing = self.total - self._counted
        return f"leaves out {missing:,} of {self.total:,} weights: {', '.join(self.left_out[:2])}{more}"

    def check(self) -> None:
        """Refuse a network whose weights cannot be looked at, or less than `LEAST_SHARE` of them."""
        if self.refused:
            raise Degenerate(self.refused)
        if self.total and self.share < LEAST_SHARE:
            raise Degenerate(
                f"only {self._counted:,} of {self.total:,} weights would be looked at, a share below {LEAST_SHARE}"
            )


def layers_of(network: nn.Module) -> Layers:
    """The weights of a network that predictors look at."""
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    found: dict[int, tuple[WeightedLayer, str]] = {}
    own = tensors_in_mode(network, training=True)
    refused, tables = "", set()
    for path, module in network.named_modules():
        if isinstance(module, nn.Embedding | nn.EmbeddingBag):
            tables.add(id(module.weight))
        for layer, attribute in _of_module(module):
            # Looked up, not read: reading a weight that is computed may change what it is computed from.
            parameter = module._parameters.get(attribute)
            if parameter is None:
                refused = refused or (
                    f"the weight of layer {path!r} is computed from other parameters; remove its parametrization"
                )
            elif id(parameter) in names:
                name = names[id(parameter)]
                # Some layers change their weights with the mode; what counts are those in training.
                same = own[name] is parameter or torch.equal(own[name], parameter)
                found.setdefault(id(parameter), (layer if layer and same else Weight(own[name]), name))
    weights = {
        n: p for n, p in network.named_parameters() if p.ndim > 1 and (id(p) not in tables or id(p) in found)
    }
    left_out = tuple(name for name, parameter in weights.items() if id(parameter) not in found)
    total = sum(parameter.numel() for parameter in weights.values())
    return Layers(dict(found.values()), refused, total, left_out)


def _of_module(module: nn.Module) -> Iterator[tuple[WeightedLayer | None, str]]:
    """A module's own weights by their attributes, with the layer that stands for it, if it is that."""
    if isinstance(module, _Convolution | nn.Linear):
        yield module, "weight"
    elif isinstance(module, nn.MultiheadAttention):
        for name in _ATTENTION:
            if module._parameters.get(name) is not None:
                yield None, name
    elif isinstance(module, nn.RNNBase | nn.RNNCellBase):
        for name in module._parameters:
            if name.startswith("weight_"):
                yield None, name
