"""What moves through the units, and what is written down on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

from netlore.scoring.passes.relu_codes import ActivationCodes


@dataclass(eq=False)
class Forward:
    """Activations and, if wanted, their tangent along the weights."""

    value: Tensor
    tangent: Tensor | None

    def take_tangent(self) -> Tensor:
        """Hand the tangent over: nobody else holds it after that, so its memory goes when it is used up."""
        tangent, self.tangent = self.tangent, None
        assert tangent is not None
        return tangent


@dataclass(eq=False)
class Backward:
    """Gradients with respect to the same activations; None where not wanted."""

    loss: Tensor | None
    tangent: Tensor | None
    total: Tensor | None
    limit: Tensor | None

    def each(self, apply: Callable[[Tensor], Tensor]) -> Backward:
        """The same linear map on every gradient."""
        signals = (self.loss, self.tangent, self.total, self.limit)
        return Backward(*(None if gradient is None else apply(gradient) for gradient in signals))

    def plus(self, other: Backward) -> Backward:
        """The sum, in place of this one."""
        ours = (self.loss, self.tangent, self.total, self.limit)
        theirs = (other.loss, other.tangent, other.total, other.limit)
        pairs = zip(ours, theirs, strict=True)
        return Backward(*(None if a is None or b is None else a.add_(b) for a, b in pairs))


@dataclass(eq=False)
class PlannedLayer:
    """A convolution or linear layer of a plan's network: the key under which its evidence is kept.

    It has the attributes of torch's layers, but is no module.

    Attributes:
        weight: Shape (C_out, C_in / groups, k, k), or (classes, C_in).
        stride: Strides of a convolution.
        groups: Its groups.
    """

    weight: Tensor
    stride: tuple[int, int] = (1, 1)
    groups: int = 1

    @property
    def bias(self) -> Tensor | None:
        """None of convolutions; the classifier's is zero before training."""
        return None if self.weight.ndim == 4 else self.weight.new_zeros(len(self.weight))

    def __getattr__(self, name: str) -> Any:
        """What follows from the weight's shape: sizes of a convolution, or features of a linear layer."""
        shape = tuple(self.weight.shape)
        if len(shape) == 2:
            found: dict[str, Any] = {"out_features": shape[0], "in_features": shape[1]}
        else:
            kernel = shape[2:]
            found = {
                "out_channels": shape[0],
                "in_channels": shape[1] * self.groups,
                "kernel_size": kernel,
                "padding": (kernel[0] // 2, kernel[1] // 2),
                "dilation": (1, 1),
                "padding_mode": "zeros",
            }
        if name not in found:
            raise AttributeError(f"a planned layer with a weight of shape {shape} has no attribute {name!r}")
        return found[name]


class Buffer:
    """One piece of memory for what outlives its block.

    Between the large tensors of the blocks, that come and go, those few small ones would leave holes that no
    further large one fits in, and the heap would grow with every block.
    """

    def __init__(self, elements: int, like: Tensor) -> None:
        self._memory = like.new_empty(elements)
        self._used = 0

    def keep(self, activations: Tensor) -> Tensor:
        """A copy, channels last; where the memory is used up, the tensor itself."""
        end = self._used + activations.numel()
        if end > self._memory.numel():
            return restrided(activations)
        kept = _channels_last(self._memory[self._used : end], activations.shape)
        self._used = end
        return kept.copy_(activations)


def restrided(activations: Tensor) -> Tensor:
    """The same activations with the strides of channels last, also where others would mean the same.

    With one channel or one pixel several strides describe one memory, and torch chooses kernels by them.
    """
    return _channels_last(activations.permute(0, 2, 3, 1).reshape(-1), activations.shape)


def _channels_last(flat: Tensor, shape: torch.Size) -> Tensor:
    n, c, height, width = shape
    return flat.view(n, height, width, c).permute(0, 3, 1, 2)


@dataclass
class Record:
    """What the passes are to write down, and what they wrote.

    Attributes:
        keep: Whether a backward pass will follow.
        tangents: Whether tangents along the weights are wanted.
        gradients: Whether weight gradients are wanted.
        saliency: Whether channel saliency is wanted.
        codes: Where activation codes go; None if not wanted.
        excess: Bytes that are still to be saved by residual blocks that run forward again instead of keeping
            what they need.
        buffer: Where block outputs are kept if there is such an excess.
        loss_gradient: dL/dW by layer.
        channel_saliency: Sum over positions of a * dL/da, by layer.
        limit_hessian_weight: H W in the limit of no epsilon, by layer.
        curvature: Sum over layers of <dL/dW, its tangent>, which is W^T H dL/dW.
    """

    keep: bool
    tangents: bool
    gradients: bool
    saliency: bool
    codes: ActivationCodes | None
    excess: int = 0
    buffer: Buffer | None = None
    loss_gradient: dict[PlannedLayer, Tensor] = field(default_factory=dict)
    channel_saliency: dict[PlannedLayer, list[Tensor]] = field(default_factory=dict)
    limit_hessian_weight: dict[PlannedLayer, Tensor] = field(default_factory=dict)
    curvature: list[Tensor] = field(default_factory=list)

    @contextmanager
    def paused(self, keep: bool) -> Iterator[None]:
        """Inside, forward passes keep what `keep` says; activation codes count in the first one only."""
        before = self.keep, self.codes
        self.keep, self.codes = keep, None if keep else self.codes
        try:
            yield
        finally:
            self.keep, self.codes = before

    def take(self, layer: PlannedLayer, gradient: Tensor, tangent: Tensor | None) -> None:
        """Keep a weight gradient, and its product with its tangent."""
        self.loss_gradient[layer] = gradient
        if tangent is not None:
            self.curvature.append((gradient * tangent).sum(dtype=torch.float64))


class Unit(Protocol):
    """An operation; it keeps what its backward pass needs and lets go of it there."""

    def forward(self, x: Forward) -> Forward:
        """Activations behind it."""

    def backward(self, g: Backward) -> Backward:
        """Gradients before it, from those behind it."""


def run_forward(units: list[Unit], x: Forward) -> Forward:
    """Units in order."""
    for unit in units:
        x = unit.forward(x)
    return x


def run_backward(units: list[Unit], g: Backward) -> Backward:
    """Units in reverse order."""
    for unit in reversed(units):
        g = unit.backward(g)
    return g
