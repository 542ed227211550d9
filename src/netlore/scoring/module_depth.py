"""Depth and layers of a module, counted while it looks at one image."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from netlore.errors import Degenerate
from netlore.scoring.inputs import Inputs, mapped, returned_by, tensors_of
from netlore.scoring.module_complexity import looking_at_one_image
from netlore.scoring.objective import Objective
from netlore.scoring.passes.layers import layers_of
from netlore.space.depth import Depth


def module_depth(network: nn.Module, one_image: Inputs, objective: Objective) -> tuple[Depth, str]:
    """Weighted layers of any module, in the meaning of `netlore.space.depth`; and what is to be known of them.

    Layers are the weights that predictors look at: each once, also if several modules share it. Depth is how many
    products with one of them lie on the longest way from input to output, so that a layer which is called twice
    counts twice. What is multiplied by zero passes nothing on.

    Raises:
        Degenerate: The network has recurrent layers, or hardly any of its weights would be looked at.
    """
    layers = layers_of(network)
    layers.check()
    if any(isinstance(module, nn.RNNBase) for module in network.modules()):
        raise Degenerate("recurrent layers call their weights once for each step, so depth is the input's length")
    image = mapped(one_image, Tensor.clone)
    with looking_at_one_image(network):
        weights = [network.get_parameter(name) for name in layers.names.values()]
        with _Ways(tensors_of(image), weights) as ways:
            found, _ = objective.read(returned_by(network, image), images=1)
    return Depth(ways.to(found), len(weights)), layers.note


class _Ways(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """How many products with a weight lie on the longest way to each tensor.

    Tensors are known by what they store, which views and operations in place share.
    """

    def __init__(self, starts: Iterable[Tensor], weights: Iterable[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._kept: list[Any] = []  # so that no address is used a second time
        self._depths = {self._place(one): 0 for one in starts}
        self._weights = {self._place(one) for one in weights}

    def to(self, tensor: Tensor) -> int:
        """The depth of a tensor; 0 if no way leads there."""
        return self._depths.get(self._place(tensor), 0)

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run an operation, and go one way further."""
        given = [self._place(one) for one in tensors_of((args, kwargs or {}))]
        before = [self._depths[place] for place in given if place in self._depths]
        with_weight = not self._weights.isdisjoint(given)
        found = func(*args, **(kwargs or {}))
        operation = getattr(func, "overloadpacket", func)
        for place in map(self._place, tensors_of(found)):
            if _is_by_zero(operation, args):
                self._depths.pop(place, None)
            elif before:
                self._depths[place] = max(before) + (with_weight and operation in flop_registry)
            elif with_weight:  # what is made of weights alone, as standardised ones
                self._weights.add(place)
        return found

    def _place(self, tensor: Tensor) -> int:
        storage = tensor.untyped_storage()
        self._kept.append(storage)
        place: int = storage._cdata
        return place


def _is_by_zero(operation: Any, args: tuple[Any, ...]) -> bool:
    """Whether a tensor is multiplied by the number 0."""
    return operation in (torch.ops.aten.mul, torch.ops.aten.mul_) and type(args[1]) in (int, float) and not args[1]
