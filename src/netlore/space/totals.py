"""Totals: the three measures of a plan, added up over its layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from netlore.errors import InvalidInput
from netlore.space.layer import Extent
from netlore.space.plan import Chain, Graph, Join, Layer, Plan, Product, Repeat, Size, Sum, Switch, whole

Value = Size | float | NDArray[np.float64]
"""Of a measure: a whole number, or a real one where its unit consists of several steps; or an array of them."""


@dataclass(frozen=True, eq=False)
class Complexity:
    """The measures of one network (integers) or of many (integer arrays of one shape).

    Attributes:
        others: Values of all measures but these three, by name.
    """

    flops: Size
    params: Size
    activations: Size
    others: Mapping[str, Value] = field(default_factory=dict, repr=False)

    def __add__(self, other: Complexity) -> Complexity:
        return Complexity(
            self.flops + other.flops, self.params + other.params, self.activations + other.activations
        )

    def __eq__(self, other: object) -> bool:
        """Equality of integers; complexities of many networks are compared measure by measure instead."""
        return isinstance(other, Complexity) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash(tuple(self.as_dict().values()))

    def times(self, count: Size) -> Complexity:
        """The complexity of `count` such parts."""
        return Complexity(self.flops * count, self.params * count, self.activations * count)

    def as_dict(self) -> dict[str, Value]:
        """The measures by name, in the order of `MEASURES`."""
        return {"flops": self.flops, "params": self.params, "activations": self.activations, **self.others}


NOTHING = Complexity(0, 0, 0)


Rule = Callable[[Layer, Extent, Extent], Complexity]
"""What a layer counts for, from the positions of its input and of its output."""


def usual(layer: Layer, before: Extent, after: Extent) -> Complexity:
    """The convention of `netlore.space.complexity`."""
    return Complexity(layer.flops(after), layer.params, layer.activations(after))


def total(plan: Plan, resolution: int, rule: Rule = usual) -> Complexity:
    """The three measures of a plan for square images of that resolution, also as others count them."""
    return _fold(plan, Extent(resolution), rule)[0]


def added_up(plan: Plan, resolution: int, count: Callable[[Layer, Extent, Extent], Size]) -> Size:
    """The sum over all layers of what each counts for, from the positions of its input and of its output.

    Layers of repeated parts count each time, those of a switch if they are chosen; sizes may be arrays.

    >>> from netlore.space.plan import Repeat, convolution
    >>> added_up(Repeat(convolution(8, 8, 3), 5), 32, lambda layer, before, after: layer.kind == "convolution")
    5
    """
    return total(plan, resolution, lambda *layer: Complexity(count(*layer), 0, 0)).flops


def _fold(plan: Plan, extent: Extent, rule: Rule) -> tuple[Complexity, Extent]:
    """The complexity of a part and the positions of its output."""
    match plan:
        case Layer():
            after = plan.extent_after(extent)
            if isinstance(after.side, int) and after.side < 1 < extent.side:
                raise InvalidInput(
                    f"a {plan.kind} of kernel {plan.kernel} gets {extent.side}x{extent.side} positions, which are "
                    "too few; use larger images."
                )
            return rule(plan, extent, after), after
        case Chain(parts):
            found = NOTHING
            for part in parts:
                inside, extent = _fold(part, extent, rule)
                found = found + inside
            return found, extent
        case Sum(branch, shortcut):
            (inside, after), (beside, end) = _fold(branch, extent, rule), _fold(shortcut, extent, rule)
            return inside + beside, _same(after, end)
        case Product(branch, gate):
            inside, after = _fold(branch, extent, rule)
            return inside + _fold(gate, extent, rule)[0], after
        case Repeat(part, times):
            # Zero times is the identity, which a part that changes the extent is not.
            inside, after = _fold(part, extent, rule)
            return inside.times(times), after
        case Switch(index, options):
            return _switch(index, options, extent, rule)
        case Graph(nodes):
            return _graph(nodes, extent, rule)
        case Join(joined):
            of_parts = [_fold(part, extent, rule) for part in joined]
            return sum((inside for inside, _ in of_parts), start=NOTHING), of_parts[0][1]


def _switch(index: Size, options: Sequence[Plan], extent: Extent, rule: Rule) -> tuple[Complexity, Extent]:
    if isinstance(index, int):
        return _fold(options[index], extent, rule)
    found, after = NOTHING, extent
    for number, option in enumerate(options):
        inside, after = _fold(option, extent, rule)
        found = found + inside.times(whole(index == number))
    return found, after


def _graph(nodes: Sequence[Sequence[tuple[int, Plan]]], extent: Extent, rule: Rule) -> tuple[Complexity, Extent]:
    found, extents = NOTHING, [extent]
    for incoming in nodes:
        ends = []
        for source, part in incoming:
            inside, end = _fold(part, extents[source], rule)
            found = found + inside
            ends.append(end)
        extents.append(reduce(_same, ends))
    return found, extents[-1]


def _same(one: Extent, other: Extent) -> Extent:
    """The positions of a sum. Sides of one position and less are those of networks without images."""
    a, b = one.side, other.side
    if isinstance(a, int) and isinstance(b, int) and a != b and min(a, b) > 1:
        raise InvalidInput(
            f"outputs of {a}x{a} and {b}x{b} positions cannot be added; use images whose side can be halved as "
            "often as the network does."
        )
    return one
