"""Outline: a network's layers as a table, repeated parts once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.complexity import Complexity, complexity_of_plan
from netlore.space.plan import Chain, Layer, Plan, Repeat, Sum


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
    """The convolutions and linear layers of a plan of integers, in order; `times` counts repetitions around it."""
    match plan:
        case Layer():
            if plan.kind in ("convolution", "linear"):
                yield Line(place, plan, resolution, times, complexity_of_plan(plan, resolution))
        case Chain(parts):
            for part in parts:
                yield from lines_of(part, resolution, place, times)
                resolution = resolution_after(part, resolution)
        case Sum(branch, shortcut):
            yield from lines_of(branch, resolution, "branch", times)
            yield from lines_of(shortcut, resolution, "shortcut", times)
        case Repeat(part, count):
            if int(count) > 0:
                yield from lines_of(part, resolution, place, times * int(count))


def flattened(parts: Sequence[Plan]) -> Iterator[Layer | Sum]:
    """The layers and sums that parts in series consist of, in order."""
    for part in parts:
        match part:
            case Layer() | Sum():
                yield part
            case Chain(inside):
                yield from flattened(inside)
            case Repeat(inside_part, times):
                yield from flattened([inside_part] * int(times))


def resolution_after(plan: Plan, resolution: int) -> int:
    """Side of the output of a part of a plan, for square input of that side."""
    for part in flattened([plan]):
        if isinstance(part, Layer):
            resolution = part.resolution_after(resolution)
        else:
            resolution = resolution_after(part.branch, resolution)
    return resolution


def width_after(plan: Plan) -> int:
    """Channels of the output of a part of a plan; the part holds at least one layer."""
    match plan:
        case Layer():
            return int(plan.w_out)
        case Chain(parts):
            return width_after(parts[-1])
        case Sum(branch, _):
            return width_after(branch)
        case Repeat(part, _):
            return width_after(part)
