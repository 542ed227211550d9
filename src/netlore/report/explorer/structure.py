"""The structure of a network stage by stage, read from its plan: what the explorer draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, groupby
from typing import NamedTuple

from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.complexity import Complexity, complexity_of_plan
from netlore.space.outline import flattened, lines_of, resolution_after, width_after
from netlore.space.plan import Chain, Layer, Plan, Sum


class LayerRow(NamedTuple):
    """A convolution or linear layer."""

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
        groups = f", {self.groups} groups" if self.groups > 1 else ""
        stride = f", stride {self.stride}" if self.stride > 1 else ""
        return f"{self.kernel}\N{MULTIPLICATION SIGN}{self.kernel} {self.w_in} → {self.w_out}{groups}{stride}"


@dataclass(frozen=True)
class Part:
    """A residual block, or layers in sequence between residual blocks.

    Attributes:
        residual: Whether it is a residual block.
        width: Channels of its output.
        resolution: Side of its input, in pixels.
        layers: Its convolutions and linear layers, in order.
        complexity: Of one such part, batch norms included.
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
    """Parts in sequence whose outputs have the same width and resolution.

    Attributes:
        name: "stem", "stage 1", "stage 2", ..., "head".
        runs: Each part and how often it is repeated, in order.
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
    plan = families.get(architecture.family).plan(dict(architecture.items), num_classes, channels)
    alike = groupby(_parts(plan, resolution), key=lambda one: (one[0].width, one[1], one[0].residual))
    stages = [tuple((part, len(list(same))) for (part, _), same in groupby(members)) for _, members in alike]
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


def _parts(plan: Plan, resolution: int) -> Iterator[tuple[Part, int]]:
    """The parts in order, each with the resolution after it."""
    # A repeated block is one object each time: what is known of it need not be computed again.
    pieces = list(_pieces(plan))
    known: dict[tuple[int, int], tuple[Part, int]] = {}
    for piece in pieces:
        key = (id(piece), resolution)
        if key not in known:
            known[key] = _part(piece, resolution), resolution_after(piece, resolution)
        part, resolution = known[key]
        yield part, resolution


def _pieces(plan: Plan) -> Iterator[Sum | Chain]:
    """Residual blocks, and between them chains of layers, each up to the next convolution or pooling.

    The ReLU that follows a residual block has no weights and belongs to no piece.
    """
    layers: list[Layer] = []
    for part in flattened([plan]):
        ready = any(layer.kind in ("convolution", "linear") for layer in layers)
        if isinstance(part, Sum) or (ready and part.kind in ("convolution", "global_pool")):
            yield from _chain(layers)
            layers = []
        if isinstance(part, Sum):
            yield part
        else:
            layers.append(part)
    yield from _chain(layers)


def _chain(layers: list[Layer]) -> Iterator[Chain]:
    if any(layer.kind != "relu" for layer in layers):
        yield Chain(tuple(layers))


@lru_cache(maxsize=100_000)  # networks of one space have most of their blocks in common
def _part(piece: Sum | Chain, resolution: int) -> Part:
    rows = tuple(
        LayerRow(line.place, one.kind, int(one.w_in), int(one.w_out), one.kernel, one.stride, int(one.groups))
        for line in lines_of(piece, resolution)
        for one in [line.layer]
    )
    complexity = complexity_of_plan(piece, resolution)
    return Part(isinstance(piece, Sum), width_after(piece), resolution, rows, complexity)
