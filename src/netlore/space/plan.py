"""Plan: the one description of a network that `networks.build` and `space.complexity` both read.

A plan is a tiny algebra of four nodes. A network is built by folding a plan into modules, its complexity by
folding it into sums; the two cannot drift apart. Sizes are integers or integer arrays: a plan of arrays
describes many networks at once, and that is how a million candidates are checked against a budget without
building any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from netlore.errors import InvalidInput

Size = int | NDArray[np.int64]
Kind = Literal["convolution", "batch_norm", "relu", "global_pool", "linear"]
KINDS = get_args(Kind)


@dataclass(frozen=True, eq=False)
class Layer:
    """One operation.

    Attributes:
        kind: What it computes. Convolutions have no bias and pad by `kernel // 2`; `global_pool` averages all
            positions; `linear` has a bias.
        w_in: Input channels.
        w_out: Output channels.
        kernel: Side of a convolution's square kernel, in pixels.
        stride: Stride of a convolution, in pixels.
        groups: Groups of a convolution; divides `w_in` and `w_out`.

    Raises:
        InvalidInput: No such kind.
    """

    kind: Kind
    w_in: Size
    w_out: Size
    kernel: int = 1
    stride: int = 1
    groups: Size = 1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidInput(f"a plan has no layer of the kind {self.kind!r}; choose one of {', '.join(KINDS)}.")

    def resolution_after(self, resolution: int) -> int:
        """Side of its output for square input of that side."""
        if self.kind in ("global_pool", "linear"):
            return 1
        if self.kind != "convolution":
            return resolution
        # Padded by kernel // 2: an odd kernel keeps the resolution, an even one adds a pixel.
        return (resolution + 2 * (self.kernel // 2) - self.kernel) // self.stride + 1


@dataclass(frozen=True, eq=False)
class Chain:
    """Parts in sequence."""

    parts: tuple[Plan, ...]


@dataclass(frozen=True, eq=False)
class Sum:
    """A residual connection: the branch's output plus the shortcut's, both from the same input."""

    branch: Plan
    shortcut: Plan


@dataclass(frozen=True, eq=False)
class Repeat:
    """A part, `times` times in sequence with weights of its own each time; zero times is the identity.

    The part must keep channels and resolution unless `times` is one. Written as a node so that a depth, or
    whether a shortcut needs a projection, may differ from network to network in a plan of arrays.
    """

    part: Plan
    times: Size


Plan = Layer | Chain | Sum | Repeat


def convolution(w_in: Size, w_out: Size, kernel: int, stride: int = 1, groups: Size = 1) -> Chain:
    """A convolution and its batch norm, the pair that all families here are made of."""
    return Chain((Layer("convolution", w_in, w_out, kernel, stride, groups), Layer("batch_norm", w_out, w_out)))


def relu(width: Size) -> Layer:
    """A rectified linear unit on `width` channels."""
    return Layer("relu", width, width)


def projection(w_in: Size, w_out: Size, stride: int) -> Repeat:
    """The shortcut: the identity, or a 1x1 convolution and batch norm where width or stride changes."""
    needed = 1 if stride != 1 else _scalar(np.not_equal(w_in, w_out).astype(np.int64))
    return Repeat(convolution(w_in, w_out, kernel=1, stride=stride), needed)


def head(w_in: Size, num_classes: int) -> Chain:
    """Global average pooling and a linear classifier."""
    return Chain((Layer("global_pool", w_in, w_in), Layer("linear", w_in, num_classes)))


def count_layers(plan: Plan) -> Size:
    """Layers that a plan stands for, repetitions counted: 4 for two convolutions with batch norm."""
    match plan:
        case Layer():
            return 1
        case Chain(parts):
            return sum((count_layers(part) for part in parts), start=0)
        case Sum(branch, shortcut):
            return count_layers(branch) + count_layers(shortcut)
        case Repeat(part, times):
            return count_layers(part) * times


def _scalar(value: NDArray[np.int64]) -> Size:
    """Zero-dimensional arrays as plain integers, so that plans of integers hold integers only."""
    return int(value) if np.ndim(value) == 0 else value
