"""What moves through the units, and what is written down on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

from netlore.scoring.evidence import Kind
from netlore.scoring.passes.relu_codes import ActivationCodes


@dataclass(eq=False)
class Forward:
    """Activations and, if wanted, their tangent along the weights."""

    value: Tensor
    tangent: Tensor | None


Backward = dict[str, Tensor]
"""Gradients with respect to the same activations, of what is wanted: of the `loss`, its `tangent` along the
weights, of the `total` of all logits, and of the `limit`."""


def each(g: Backward, apply: Callable[[Tensor], Tensor]) -> Backward:
    """The same linear map on every gradient."""
    return {name: apply(gradient) for name, gradient in g.items()}


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
        c_out, c_in, *kernel = shape = tuple(self.weight.shape)
        found: dict[str, Any] = {"out_features": c_out, "in_features": c_in}
        if kernel:
            found = {"out_channels": c_out, "in_channels": c_in * self.groups, "kernel_size": tuple(kernel)}
            found |= {"padding": (kernel[0] // 2, kernel[1] // 2), "dilation": (1, 1), "padding_mode": "zeros"}
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
        steps: What they do, in the words of the evidence: `backward`, `weights`, `tangents`, `saliency`.
        codes: Where activation codes go; None if not wanted.
        excess: Bytes that are still to be saved by residual blocks that run forward again instead of keeping
            what they need.
        buffer: Where block outputs are kept if there is such an excess.
        keep: Whether what a backward pass needs is kept.
        found: Evidence of each kind by layer.
        curvature: Of each layer <dL/dW, its tangent>; their sum is W^T H dL/dW.
    """

    steps: set[str]
    codes: ActivationCodes | None
    excess: int
    buffer: Buffer | None
    keep: bool
    found: dict[Kind[Any], dict[PlannedLayer, Any]] = field(default_factory=dict)
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

    def take(self, kind: Kind[Any], layer: PlannedLayer, found: Any) -> None:
        """Write down evidence about a layer."""
        self.found.setdefault(kind, {})[layer] = found

    def take_tangent(self, gradient: Tensor, tangent: Tensor) -> None:
        """Write down the product of a weight gradient and its tangent."""
        self.curvature.append((gradient * tangent).sum(dtype=torch.float64))


class Unit(Protocol):
    """An operation; it keeps what its backward pass needs and lets go of it there."""

    def forward(self, x: Forward) -> Forward:
        """Activations behind it."""

    def backward(self, g: Backward) -> Backward:
        """Gradients before it, from those behind it, which it uses up."""


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


class Residual:
    """A branch and a shortcut from the same input, added.

    While too much would be kept, it recomputes: it keeps nothing but its input, and runs forward again before it
    runs backward. The first ones are; when their turn comes, what the others kept is gone already.
    """

    def __init__(self, branch: list[Unit], shortcut: list[Unit], record: Record) -> None:
        self._branch, self._shortcut, self._record = branch, shortcut, record
        self._x: Forward | None = None

    def forward(self, x: Forward) -> Forward:
        """The sum of both paths."""
        if self._record.keep and self._record.excess > 0:
            self._x = x
            with self._record.paused(keep=False):
                return self._sum(x)
        return self._sum(x)

    def _sum(self, x: Forward) -> Forward:
        long, short = run_forward(self._branch, x), run_forward(self._shortcut, x)
        tangent = None
        if long.tangent is not None and short.tangent is not None:
            tangent = long.tangent + short.tangent
        return Forward(long.value.add_(short.value), tangent)

    def backward(self, g: Backward) -> Backward:
        """The sum of both paths' gradients."""
        if self._x is not None:
            with self._record.paused(keep=True):
                self._sum(self._x)
            self._x = None
        # Units use up what they are given: the branch gets a mapping of its own, of the same gradients.
        long = run_backward(self._branch, dict(g))
        short = run_backward(self._shortcut, g)
        return {name: gradient.add_(short[name]) for name, gradient in long.items()}
