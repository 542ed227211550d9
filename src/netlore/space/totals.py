"""Totals: the three measures of a plan, added up over its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from netlore.space.layer import Extent
from netlore.space.plan import Chain, Graph, Join, Layer, Plan, Product, Repeat, Size, Sum, Switch, whole


@dataclass(frozen=True, eq=False)
class Complexity:
    """The measures of one network (integers) or of many (integer arrays of one shape).

    Attributes:
        others: Values of the measures that other packages add, by name.
    """

    flops: Size
    params: Size
    activations: Size
    others: Mapping[str, Size] = field(default_factory=dict, repr=False)

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

    def as_dict(self) -> dict[str, Size]:
        """The measures by name, in the order of `MEASURES`."""
        return {"flops": self.flops, "params": self.params, "activations": self.activations, **self.others}


NOTHING = Complexity(0, 0, 0)


def total(plan: Plan, resolution: int) -> Complexity:
    """The three measures of a plan for square images of that resolution."""
    return _fold(plan, Extent(resolution))[0]


def _fold(plan: Plan, extent: Extent) -> tuple[Complexity, Extent]:
    """The complexity of a part and the positions of its output."""
    match plan:
        case Layer():
            after = plan.extent_after(extent)
            return Complexity(plan.flops(after), plan.params, plan.activations(after)), after
        case Chain(parts):
            total = NOTHING
            for part in parts:
                inside, extent = _fold(part, extent)
                total = total + inside
            return total, extent
        case Sum(branch, other) | Product(branch, other):
            inside, after = _fold(branch, extent)
            return inside + _fold(other, extent)[0], after
        case Repeat(part, times):
            # Zero times is the identity, which a part that changes the extent is not.
            inside, after = _fold(part, extent)
            return inside.times(times), after
        case Switch(index, options):
            return _switch(index, options, extent)
        case Graph(nodes):
            return _graph(nodes, extent)
        case Join(joined):
            found = [_fold(part, extent) for part in joined]
            return sum((inside for inside, _ in found), start=NOTHING), found[0][1]


def _switch(index: Size, options: Sequence[Plan], extent: Extent) -> tuple[Complexity, Extent]:
    if isinstance(index, int):
        return _fold(options[index], extent)
    total, after = NOTHING, extent
    for number, option in enumerate(options):
        inside, after = _fold(option, extent)
        total = total + inside.times(whole(index == number))
    return total, after


def _graph(nodes: Sequence[Sequence[tuple[int, Plan]]], extent: Extent) -> tuple[Complexity, Extent]:
    total, extents = NOTHING, [extent]
    for incoming in nodes:
        for source, part in incoming:
            inside, after = _fold(part, extents[source])
            total = total + inside
        extents.append(after)
    return total, extents[-1]
