"""The structure of a network stage by stage, read from its plan: what the explorer draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count, groupby
from typing import NamedTuple

from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.complexity import Complexity, complexity_of_plan
from netlore.space.outline import lines_of, resolution_after, width_after
from netlore.space.plan import Block, Chain, Graph, Join, Layer, Plan, Product, Repeat, Sum, Switch, paths

Key = tuple[object, ...]


class LayerRow(NamedTuple):
    """A convolution, a linear layer, or attention, whose heads are its groups."""

    place: str
    kind: str
    w_in: int
    w_out: int
    kernel: int
    stride: int
    groups: int

    def __str__(self) -> str:
        if self.kind == "linear":
            return f"linear {self.w_in} → {self.w_out}"
        if self.kind == "attention":
            return f"attention of {self.groups} heads, {self.w_out}"
        groups = f", {self.groups} groups" if self.groups > 1 else ""
        stride = f", stride {self.stride}" if self.stride > 1 else ""
        return f"{self.kernel}\N{MULTIPLICATION SIGN}{self.kernel} {self.w_in} → {self.w_out}{groups}{stride}"


@dataclass(frozen=True)
class Part:
    """A residual block, or layers in sequence between residual blocks.

    It has the channels of its output, the side of its input in pixels, its convolutions and linear layers, and the
    complexity of one such part, batch norms included.
    """

    residual: bool
    width: int
    resolution: int
    layers: tuple[LayerRow, ...]
    complexity: Complexity

    @property
    def core(self) -> LayerRow | None:
        """The layer of a residual block's branch with the largest kernel; of other parts the first layer."""
        inside = [one for one in self.layers if one.place == "branch"] or self.layers[:1]
        return max(inside, key=lambda one: one.kernel, default=None)

    @property
    def text(self) -> str:
        """Its layers in words, those of a shortcut left out."""
        return "; ".join(str(one) for one in self.layers if one.place != "shortcut")


@dataclass(frozen=True)
class Stage:
    """Parts in sequence whose outputs have the same width and resolution, each with how often it is repeated.

    The name is "stem", "stage 1", "stage 2", ..., or "head".
    """

    name: str
    runs: tuple[tuple[Part, int], ...]

    @property
    def blocks(self) -> int:
        """How many parts it has, repetitions counted."""
        return sum(times for _, times in self.runs)


def structure(
    architecture: Architecture, num_classes: int, resolution: int, channels: int = 3
) -> tuple[Stage, ...]:
    """Group the blocks of an architecture of any family into stages; arguments as in `complexity`.

    Only the plan is read: a stage is a sequence of residual blocks with one width and resolution after them.
    Layers before the first residual block are the stem; those that end in a classifier are the head. Complexities
    of all parts add up to the network's.

    Raises:
        UnknownName: The family is not registered.
        InvalidArchitecture: The values do not describe a network of the family.

    >>> from netlore.space.named import named
    >>> [(stage.name, stage.blocks) for stage in structure(named("baseline/resnet-20"), 10, 32)]
    [('stem', 1), ('stage 1', 3), ('stage 2', 3), ('stage 3', 3), ('head', 1)]
    """
    families.check(architecture)
    plan = families.plan_of(architecture.family, architecture.values, num_classes, channels)
    alike = groupby(_parts(plan, resolution), key=lambda one: (one[0].width, one[1], one[0].residual))
    stages = [
        tuple((part, sum(times for *_, times in same)) for part, same in groupby(members, key=lambda one: one[0]))
        for _, members in alike
    ]
    return tuple(Stage(name, runs) for name, runs in zip(_names(stages), stages, strict=True))


def _names(stages: list[tuple[tuple[Part, int], ...]]) -> Iterator[str]:
    """Name the stages: what comes before all residual blocks is the stem, what ends in a classifier the head."""
    residual = [runs[0][0].residual for runs in stages]
    numbers = count(1)
    for index, runs in enumerate(stages):
        if any(layer[1] == "linear" for layer in runs[-1][0].layers):
            yield "head"
        elif index == 0 and not residual[0] and any(residual):
            yield "stem"
        else:
            yield f"stage {next(numbers)}"


@dataclass(frozen=True)
class _Piece:
    """A residual block, a cell, or a chain of layers; equal to others of equal layers, as plans are not."""

    layers: Key
    plan: Block | Chain = field(compare=False)


def _key(plan: Plan) -> Key:
    match plan:
        case Layer():
            sizes = (plan.w_in, plan.w_out, plan.kernel, plan.stride, plan.groups, plan.pads)
            return (plan.kind, *map(int, sizes), plan.has_bias)
        case Chain(parts):
            return tuple(map(_key, parts))
        case Repeat(part, times):
            return "repeat", int(times), _key(part)
        case Switch():
            return _key(plan.chosen)
        case _:
            return (type(plan).__name__, *((place, _key(part)) for place, part in paths(plan)))


def _parts(plan: Plan, resolution: int) -> Iterator[tuple[Part, int, int]]:
    """The parts in order, each with the resolution after it, and how often it is repeated."""
    width = 0
    for piece, times in _pieces(plan):
        while times:
            part, after = _part(_Piece(_key(piece), piece), resolution, width)
            width = part.width
            here = times if after == resolution else 1
            yield part, after, here
            resolution, times = after, times - here


def _pieces(plan: Plan) -> Iterator[tuple[Block | Chain, int]]:
    """Blocks, repeated, and between them chains of layers, each up to the next convolution or pooling."""
    layers: list[Layer] = []
    for part, times in _steps(plan):
        ready = any(layer.kind in ("convolution", "linear") for layer in layers)
        if layers and (isinstance(part, Block) or (ready and part.kind in ("convolution", "global_pool"))):
            yield Chain(tuple(layers)), 1
            layers = []
        if isinstance(part, Block):
            yield part, times
        else:
            layers.append(part)
    if layers:
        yield Chain(tuple(layers)), 1


def _steps(plan: Plan) -> Iterator[tuple[Layer | Block, int]]:
    """Layers, and sums with their repetitions, in series; ReLUs outside sums have no weights and are left out."""
    match plan:
        case Layer():
            if plan.kind != "relu":
                yield plan, 1
        case Sum() | Graph() | Product() | Join():
            yield plan, 1
        case Switch():
            yield from _steps(plan.chosen)
        case Chain(parts):
            for part in parts:
                yield from _steps(part)
        case Repeat(part, count):
            inside = list(_steps(part))
            if len(inside) == 1 and isinstance(inside[0][0], Block):
                yield inside[0][0], inside[0][1] * int(count)
            else:
                yield from inside * int(count)


@lru_cache(maxsize=100_000)  # networks of one space have most of their blocks in common
def _part(piece: _Piece, resolution: int, width: int) -> tuple[Part, int]:
    plan = piece.plan
    rows = tuple(
        LayerRow(line.place, one.kind, *map(int, (one.w_in, one.w_out, one.kernel, one.stride, one.groups)))
        for line in lines_of(plan, resolution)
        for one in [line.layer]
    )
    complexity = complexity_of_plan(plan, resolution)
    part = Part(isinstance(plan, Block), width_after(plan, width), resolution, rows, complexity)
    return part, resolution_after(plan, resolution)
