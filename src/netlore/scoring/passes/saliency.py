"""Channel saliency: values of linear maps' outputs times their gradients, found by hooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import ReferenceType, ref

import torch
from torch import Tensor

from netlore.scoring.evidence import WeightedLayer
from netlore.scoring.inputs import tensors_of
from netlore.scoring.passes.derivatives import constant, over_positions
from netlore.scoring.passes.layers import Weight


class _Output:
    """What a linear map returned, image by image, as it was before others wrote over it."""

    def __init__(self, value: Tensor) -> None:
        self.value, self._version = value, value._version

    def copy(self) -> None:
        self.value = self.value.clone()
        self._version = self.value._version

    @property
    def is_overwritten(self) -> bool:
        return self.value._version != self._version


class Saliency:
    """Finds a * dL/da of linear maps' outputs a, whoever calls them.

    Outputs are kept as they are, and copied only before an operation that would overwrite them.

    Args:
        images: How many there are, N.

    Attributes:
        weights: The layer that each weight stands for, by the tensor's identity.
        strange: Layers of attention whose second axis is not that of images, as in attention of windows.
        overwritten: Layers whose output was overwritten by something that could not be seen.
    """

    def __init__(self, images: int) -> None:
        self._images = images
        self.weights: dict[int, WeightedLayer] = {}
        self.strange: list[WeightedLayer] = []
        self.overwritten: list[WeightedLayer] = []
        self._calls: dict[WeightedLayer, list[Tensor]] = {}
        self._log: list[tuple[list[Tensor], int]] = []
        self._again: Iterator[tuple[list[Tensor], int]] | None = None
        self._seen: set[WeightedLayer] = set()
        self._kept: dict[int, list[ReferenceType[_Output]]] = {}
        self._listens = self._is_of_loss = self._reserves = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """During the forward pass, not when a network's own checkpointing repeats parts of it."""
        self._listens = True
        try:
            yield
        finally:
            self._listens = False

    @contextmanager
    def of_loss(self) -> Iterator[None]:
        """During the backward pass of the loss."""
        self._is_of_loss = True
        try:
            yield
        finally:
            self._is_of_loss = False

    @contextmanager
    def reserving(self) -> Iterator[None]:
        """While a part of the forward pass runs that will run again, for nothing but its place."""
        self._reserves = True
        try:
            yield
        finally:
            self._reserves = False

    def also_known_as(self, weight: Tensor, other: Tensor) -> None:
        """A weight, and what it is a view of, stand for the same layer as another."""
        if id(weight) in self.weights:
            self.weights[id(other)] = self.weights[id(weight)]
            if other._base is not None:
                self.weights[id(other._base)] = self.weights[id(weight)]

    @property
    def count(self) -> int:
        """How many outputs were seen so far."""
        return len(self._log)

    @contextmanager
    def repeating(self, first: int) -> Iterator[None]:
        """While a part of the forward pass runs again, from the output of that number on, in the loss's pass."""
        before, listened = self._again, self._listens
        self._again, self._listens = iter(self._log[first:]), self._is_of_loss
        try:
            yield
        finally:
            self._again, self._listens = before, listened

    def __call__(self, weight: Tensor, output: Tensor, channel_axis: int, positions_first: bool) -> Tensor:
        """Wait for the gradient of the output of a linear map with that weight."""
        whole = self.weights.get(id(weight))
        if whole is None and weight._base is not None:
            whole = self.weights.get(id(weight._base))
        if whole is None or not self._listens:
            return output
        self._seen.add(whole)
        if self._reserves:
            with constant():
                self._slot(whole, weight, self._by_image(output.detach(), channel_axis, positions_first))
            return output
        with constant():
            kept = _Output(self._by_image(output.detach(), channel_axis, positions_first))
            if positions_first and output.ndim == 3 and output.shape[1] != self._images:
                self.strange.append(whole)
        calls, slot = self._slot(whole, weight, kept.value) if self._again is None else next(self._again)

        def keep(gradient: Tensor) -> None:
            if not self._is_of_loss:
                return
            if kept.is_overwritten:
                self.overwritten.append(whole)
            with constant():
                of_value = self._by_image(gradient.detach(), channel_axis, positions_first)
                calls[slot] = over_positions(kept.value, of_value)
            kept.value = kept.value.new_empty(0)  # since the graph may outlive this pass

        output.register_hook(keep)  # type: ignore[no-untyped-call]
        self._kept.setdefault(_address(output), []).append(ref(kept))
        return output

    def _slot(self, whole: WeightedLayer, weight: Tensor, value: Tensor) -> tuple[list[Tensor], int]:
        """Where a call's saliency goes."""
        # A slice is a layer of its own.
        layer = whole if weight.shape == whole.weight.shape else Weight(weight.detach())
        calls = self._calls.setdefault(layer, [])
        calls.append(value.new_zeros(value.shape[:2]))
        self._log.append((calls, len(calls) - 1))
        return self._log[-1]

    def before(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Copy what that call may overwrite and is still waited for."""
        if not self._kept:
            return
        for one in tensors_of(_maybe_overwritten(func, args, kwargs)):
            if one.layout == torch.strided:
                for reference in self._kept.pop(_address(one), ()):
                    if (kept := reference()) is not None:
                        kept.copy()

    def _by_image(self, output: Tensor, channel_axis: int, positions_first: bool) -> Tensor:
        """(N, C, ...), where positions come first or are folded into the batch, image by image, as windows are."""
        if output.ndim < 2:
            return output[None]
        if positions_first and output.numel() % (self._images * output.shape[-1]) == 0:
            return output.reshape(-1, self._images, output.shape[-1]).permute(1, 2, 0)
        rows = output.movedim(channel_axis, 1)
        if len(rows) <= self._images or len(rows) % self._images:
            return rows
        return rows.reshape(self._images, -1, *rows.shape[1:]).movedim(1, 2)

    @property
    def found(self) -> dict[WeightedLayer, list[Tensor]]:
        """Per layer and call of it, the sum over positions of a * dL/da, shape (N, C)."""
        return self._calls

    def unseen(self) -> list[WeightedLayer]:
        """The layers of which no output was seen."""
        return [layer for layer in dict.fromkeys(self.weights.values()) if layer not in self._seen]


def _address(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _maybe_overwritten(func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """The arguments that a call may write into; rather too many than too few."""
    if isinstance(func, torch._ops.OpOverload | torch._ops.OpOverloadPacket) and not str(func).startswith("aten."):
        return args, kwargs
    if kwargs.get("out") is not None:
        return kwargs["out"]
    name = getattr(func, "__name__", "").split(".")[0]  # without that of an overload
    writes = (
        (name.endswith("_") and not name.startswith("__"))
        or (name.startswith("__i") and name.endswith("__"))
        or name in ("__setitem__", "__set__")
        or kwargs.get("inplace")
        # Which of the flags stands at that place differs from function to function.
        or (name in _WITH_A_FLAG and any(one is True for one in args))
    )
    return (args[:1] or kwargs) if writes else ()


_WITH_A_FLAG = frozenset(
    name
    for name, one in vars(torch.nn.functional).items()
    if "inplace" in getattr(getattr(one, "__code__", None), "co_varnames", ())
)
