"""Outline: a network's layers as a table, repeated parts once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.complexity import Complexity
from netlore.space.layer import Extent
from netlore.space.plan import Block, Chain, Graph, Join, Layer, Plan, Product, Repeat, Sum, Switch, paths


@dataclass(frozen=True)
class Line:
    """A convolution or linear layer of a network, its place (`main`, `branch` or `shortcut`), the side of its
    input in pixels, how often the part that it belongs to is repeated, and its complexity, batch norm aside."""

    place: str
    layer: Layer
    resolution: int
    times: int
    complexity: Complexity


def outline(architecture: Architecture, num_classes: int, resolution: int = 32, channels: int = 3) -> list[Line]:
    """The convolutions and linear layers of an architecture, in order.

    Raises:
        InvalidArchitecture: The values do not describe a network of the family.
    """
    families.check(architecture)
    plan = families.plan_of(architecture.family, architecture.values, num_classes, channels)
    return list(lines_of(plan, resolution))


def lines_of(plan: Plan, resolution: int, place: str = "main", times: int = 1) -> Iterator[Line]:
    """The convolutions, linear layers and attentions of a plan of integers, in order; `times` counts repetitions
    around it."""
    yield from _lines(plan, Extent(resolution), place, times)


def _lines(plan: Plan, extent: Extent, place: str, times: int) -> Iterator[Line]:
    match plan:
        case Layer():
            if plan.kind in ("convolution", "linear", "attention"):
                after = plan.extent_after(extent)
                measures = Complexity(plan.flops(after), plan.params, plan.activations(after))
                yield Line(place, plan, int(extent.side), times, measures)
        case Chain(parts):
            for part in parts:
                yield from _lines(part, extent, place, times)
                extent = _after(part, extent)
        case Sum() | Product() | Join():
            for name, part in paths(plan):
                yield from _lines(part, extent, name, times)
        case Graph(nodes):
            names, extents = iter(paths(plan)), [extent]
            for incoming in nodes:
                for (source, part), (name, _) in zip(incoming, names, strict=False):
                    yield from _lines(part, extents[source], name, times)
                extents.append(_after(incoming[0][1], extents[incoming[0][0]]))
        case Switch():
            yield from _lines(plan.chosen, extent, place, times)
        case Repeat(part, count):
            if int(count) > 0:
                yield from _lines(part, extent, place, times * int(count))


def flattened(parts: Sequence[Plan]) -> Iterator[Layer | Block]:
    """The layers and blocks that parts in series consist of, in order."""
    for part in parts:
        match part:
            case Chain(inside):
                yield from flattened(inside)
            case Repeat(inside_part, times):
                yield from flattened([inside_part] * int(times))
            case Switch():
                yield from flattened([part.chosen])
            case _:
                yield part


def resolution_after(plan: Plan, resolution: int) -> int:
    """Side of the output of a part of a plan, for square input of that side."""
    return int(_after(plan, Extent(resolution)).side)


def _after(plan: Plan, extent: Extent) -> Extent:
    for part in flattened([plan]):
        match part:
            case Layer():
                extent = part.extent_after(extent)
            case Sum(branch) | Product(branch):
                extent = _after(branch, extent)
            case Join(joined):
                extent = _after(joined[0], extent)
            case Graph(nodes):
                extents = [extent]
                for incoming in nodes:
                    source, inside = incoming[0]
                    extents.append(_after(inside, extents[source]))
                extent = extents[-1]
    return extent


def width_after(plan: Plan, width: int = 0) -> int:
    """Channels of the output of a part of a plan, for input of that width."""
    for part in flattened([plan]):
        match part:
            case Layer():
                width = int(part.w_out)
            case Sum(branch) | Product(branch):
                width = width_after(branch, width)
            case Join(joined):
                width = sum(width_after(inside, width) for inside in joined)
            case Graph(nodes):
                widths = [width]
                for incoming in nodes:
                    source, inside = incoming[0]
                    widths.append(width_after(inside, widths[source]))
                width = widths[-1]
    return width
