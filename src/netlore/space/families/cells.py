"""Cells: what NAS-Bench-201 and TransNAS-Bench-101 have in common.

A cell has four nodes. Node 0 is its input; each other one is the sum of all nodes before it, each through an
operation of its own. So there are six edges, in the order 0-1, 0-2, 1-2, 0-3, 1-3, 2-3; their operations are the
hyperparameters o1, ..., o6.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from netlore.arguments import validated
from netlore.errors import InvalidArchitecture
from netlore.space.distribution import Distribution, choice
from netlore.space.plan import Chain, Graph, Join, Layer, Plan, Size, Sum, Switch, convolution, relu

EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""Source and target of each edge."""

HYPERPARAMETERS = tuple(f"o{i}" for i in range(1, len(EDGES) + 1))
WORDS = {"o": ("operation", "operations")}

Operation = Callable[[Size, Size, Size], Plan]
"""An operation between two nodes, from channels in, channels out and stride."""


def none(w_in: Size, w_out: Size, stride: Size) -> Plan:
    """No connection: zeros."""
    return Layer("zero", w_in, w_out, stride=stride)


def activated(kernel: int) -> Operation:
    """ReLU, convolution, batch norm."""
    return lambda w_in, w_out, stride: Chain((relu(w_in), convolution(w_in, w_out, kernel, stride)))


def skip(w_in: Size, w_out: Size, stride: Size) -> Plan:
    """The identity; where width or stride changes, two 1x1 convolutions that see different positions of the ReLU,
    their outputs joined, and batch norm (known as factorised reduction)."""
    if np.array_equal(stride, 1) and np.array_equal(w_in, w_out):
        return Chain(())
    half = Layer("convolution", w_in, w_out // 2, stride=stride)
    both = Join((half, Chain((Layer("shift", w_in, w_in), half))))
    return Chain((relu(w_in), both, Layer("batch_norm", w_out, w_out)))


def cell(
    codes: Sequence[Size], operations: Sequence[Operation], w_in: Size, w_out: Size, stride: int = 1
) -> Graph:
    """A cell of one operation per edge; what leaves node 0 changes width and stride."""
    nodes: list[list[tuple[int, Plan]]] = [[] for _ in range(3)]
    for (source, target), code in zip(EDGES, codes, strict=True):
        width, step = (w_out, 1) if source else (w_in, stride)
        part = Switch(code, tuple(operation(width, w_out, step) for operation in operations))
        nodes[target - 1].append((source, part))
    return Graph(tuple(map(tuple, nodes)))


def basic_block(w_in: Size, w_out: Size, stride: Size, shortcut: Plan) -> Sum:
    """Twice ReLU, 3x3 convolution and batch norm, the first time with the stride; no ReLU behind the sum."""
    return Sum(Chain((activated(3)(w_in, w_out, stride), activated(3)(w_out, w_out, 1))), shortcut)


@dataclass(frozen=True, eq=False)
class CellFamily(ABC):
    """A family of networks of equal cells, each edge of which has one of several operations.

    Attributes:
        operations: By their names, in the order of their codes.
        place: What an edge is called.
    """

    name: str
    operations: Mapping[str, Operation]
    hyperparameters: tuple[str, ...] = HYPERPARAMETERS
    place: str = "edge"

    @property
    def categories(self) -> Mapping[str, tuple[str, ...]]:
        """The operations that each edge can have."""
        return dict.fromkeys(self.hyperparameters, tuple(self.operations))

    @property
    def words(self) -> Mapping[str, tuple[str, str]]:
        """What o stands for."""
        return WORDS

    def check(self, values: Mapping[str, object]) -> None:
        """Raise `InvalidArchitecture` unless each value is an operation."""
        for name in self.hyperparameters:
            if values[name] not in self.operations:
                raise InvalidArchitecture(
                    f"{name} = {values[name]!r} is no operation; choose one of {', '.join(self.operations)}."
                )

    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """Stem, cells, head; values are places in the list of operations, or arrays of them."""
        return self.network([values[name] for name in self.hyperparameters], num_classes, channels)

    @abstractmethod
    def network(self, codes: Sequence[Size], num_classes: int, channels: int) -> Plan:
        """The same, from the code of each edge."""

    @abstractmethod
    def string(self, values: Mapping[str, object]) -> str:
        """The benchmark's own string."""

    @property
    def distributions(self) -> tuple[Distribution, ...]:
        """Of all cells, equally probable."""
        return tuple(choice(name, tuple(self.operations)) for name in self.hyperparameters)


@validated
def isomorphism_key(operations: Sequence[str]) -> str:
    """What a cell computes, as an expression of its input 0; cells with equal keys compute the same function.

    `none` is #, `skip_connect` its source, any other operation `(source)@operation`; a node is the sum of its
    terms in alphabetical order. Cells with different keys may compute the same: the key keeps terms that are zero.

    Args:
        operations: The names of the six edges' operations.

    Source: the published code of NATS-Bench (Dong et al. 2021).

    >>> skip, none = "skip_connect", "none"
    >>> isomorphism_key(("avg_pool_3x3", skip, none, none, none, skip))
    '#+#+#+0'
    """
    nodes = ["0"]
    for target in (1, 2, 3):
        ends = zip(EDGES, operations, strict=True)
        terms = [_term(nodes[source], operation) for (source, end), operation in ends if end == target]
        nodes.append("+".join(sorted(terms)))
    return nodes[-1]


def _term(source: str, operation: str) -> str:
    if operation == "none" or source == "#":
        return "#"
    return source if operation == "skip_connect" else f"({source})@{operation}"


@validated
def unreachable(operations: Sequence[str]) -> tuple[bool, ...]:
    """For each edge whether its operation is without effect: not `none` itself, but nothing comes in, or nothing
    goes on to the output."""
    fed, used = {0}, {3}
    for (source, target), operation in zip(EDGES, operations, strict=True):
        if source in fed and operation != "none":
            fed.add(target)
    for (source, target), operation in reversed(list(zip(EDGES, operations, strict=True))):
        if target in used and operation != "none":
            used.add(source)
    return tuple(
        operation != "none" and not (source in fed and target in used)
        for (source, target), operation in zip(EDGES, operations, strict=True)
    )
