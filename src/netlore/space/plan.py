"""Plan: the one description of a network that `networks.build` and `space.complexity` both read.

A plan is a tiny algebra. A network is built by folding a plan into modules, its complexity by folding it into
sums; the two cannot drift apart. Sizes are integers or integer arrays: a plan of arrays describes many networks
at once, and that is how a million candidates are checked against a budget without building any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netlore.errors import InvalidInput
from netlore.space.layer import Kind as Kind
from netlore.space.layer import Layer as Layer
from netlore.space.layer import Size as Size

Initialisation = Literal["normal", "uniform"]


@dataclass(frozen=True, eq=False)
class Chain:
    """Parts in sequence; none of them is the identity.

    Attributes:
        initialisation: Of a whole network, the rule of its initial weights; see `networks.initialisation`.
    """

    parts: tuple[Plan, ...]
    initialisation: Initialisation = "normal"


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


@dataclass(frozen=True, eq=False)
class Switch:
    """One of several parts: number `index` of the options. All of them have outputs of one extent.

    Raises:
        InvalidInput: No option has that number.
    """

    index: Size
    options: tuple[Plan, ...]

    def __post_init__(self) -> None:
        if type(self.index) is int and not 0 <= self.index < len(self.options):
            raise InvalidInput(f"there is no option {self.index}; choose one of the {len(self.options)} from 0.")

    @property
    def chosen(self) -> Plan:
        """The option of a plan of integers."""
        return self.options[int(self.index)]


@dataclass(frozen=True, eq=False)
class Graph:
    """A cell: node 0 is its input, node j the sum of what comes in, the last one its output.

    Attributes:
        nodes: For each of the nodes 1, 2, ... what comes in: pairs of a node before it and the part in between.

    Raises:
        InvalidInput: A node into which nothing comes, or something from a node that is not before it.
    """

    nodes: tuple[tuple[tuple[int, Plan], ...], ...]

    def __post_init__(self) -> None:
        for number, incoming in enumerate(self.nodes, start=1):
            if not incoming or any(not 0 <= source < number for source, _ in incoming):
                sources = [source for source, _ in incoming]
                raise InvalidInput(f"node {number} has inputs from {sources}; give one or more nodes before it.")


@dataclass(frozen=True, eq=False)
class Product:
    """A gate: the branch's output times the gate's, both from the same input, as in squeeze-and-excitation."""

    branch: Plan
    gate: Plan


@dataclass(frozen=True, eq=False)
class Join:
    """Outputs of several parts of one input, one behind the other in channels."""

    parts: tuple[Plan, ...]


Plan = Layer | Chain | Sum | Repeat | Switch | Graph | Product | Join
Block = Sum | Graph | Product | Join
"""What has several paths."""


def convolution(w_in: Size, w_out: Size, kernel: Size, stride: Size = 1, groups: Size = 1) -> Chain:
    """A convolution and its batch norm, the pair that nearly all families here are made of."""
    return Chain((Layer("convolution", w_in, w_out, kernel, stride, groups), Layer("batch_norm", w_out, w_out)))


def relu(width: Size) -> Layer:
    """A rectified linear unit on `width` channels."""
    return Layer("relu", width, width)


def projection(w_in: Size, w_out: Size, stride: Size) -> Repeat:
    """The shortcut: the identity, or a 1x1 convolution and batch norm where width or stride changes."""
    needed = whole(np.not_equal(stride, 1) | np.not_equal(w_in, w_out))
    return Repeat(convolution(w_in, w_out, kernel=1, stride=stride), needed)


def head(w_in: Size, num_classes: int) -> Chain:
    """Global average pooling and a linear classifier."""
    return Chain((Layer("global_pool", w_in, w_in), Layer("linear", w_in, num_classes)))


def excitation(width: Size, inner: Size, kind: Kind = "relu") -> Product:
    """Squeeze-and-excitation: channels are weighted by a sigmoid of two layers on their means (Hu et al. 2018)."""
    squeeze, between = Layer("squeeze", width, width), Layer(kind, inner, inner)
    down = Layer("convolution", width, inner, bias=True)
    up = Layer("convolution", inner, width, bias=True)
    return Product(Chain(()), Chain((squeeze, down, between, up, Layer("sigmoid", width, width))))


def count_layers(plan: Plan) -> Size:
    """Layers that a plan stands for, repetitions counted: 4 for two convolutions with batch norm."""
    match plan:
        case Layer():
            return 1
        case Repeat(part, times):
            return count_layers(part) * times
        case Switch(index, options):
            # Any integer counts, also one that is too large for an array.
            return sum((count_layers(one) * whole(np.equal(index, i)) for i, one in enumerate(options)), start=0)
        case _:
            return sum((count_layers(part) for _, part in paths(plan)), start=0)


def paths(plan: Chain | Block) -> list[tuple[str, Plan]]:
    """The parts of a node, in the order of their weights, each with the name of its place."""
    match plan:
        case Chain(parts):
            return [("", part) for part in parts]
        case Sum(branch, shortcut):
            return [("branch", branch), ("shortcut", shortcut)]
        case Product(branch, gate):
            return [("branch", branch), ("gate", gate)]
        case Join(parts):
            return [(f"part {number}", part) for number, part in enumerate(parts, 1)]
        case Graph(nodes):
            return [(f"{i} to {j}", part) for j, incoming in enumerate(nodes, 1) for i, part in incoming]


def look_up(table: Sequence[int], code: Size) -> Size:
    """The entries of a table at codes, such as the kernel of each of a category's names."""
    return table[code] if isinstance(code, int) else np.asarray(table)[code]


def whole(value: ArrayLike) -> Size:
    """As integers; zero-dimensional arrays as plain ones, so that plans of integers hold integers only."""
    found: NDArray[np.int64] = np.asarray(value).astype(np.int64)
    return int(found) if found.ndim == 0 else found
