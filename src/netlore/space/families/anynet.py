"""AnyNet: a stem, three stages of residual bottleneck blocks, a head (the paper's Fig. 1).

Hyperparameters of stage i are the depth d_i (blocks), the width w_i (channels), the group width g_i and the
bottleneck ratio b_i. Two conventions are families of their own:

`anynet`
    The convention behind the paper's Table II, settled by its numbers: b *multiplies* the width, g is a group
    *width*. The inner width is w_b = w * b, and its 3x3 convolution has w_b / g groups.

`anynet-printed`
    The convention that the paper's section IV prints: b *divides* the width, w_b = w / b, and g *counts* the
    parallel convolutions.

Shared: the stem is a 3x3 convolution to w_0 = 64 channels; strides are 1, 2, 2; a block is 1x1, 3x3, 1x1, each
with batch norm, and the stride sits in the 3x3; the shortcut is the identity, or a 1x1 convolution with batch
norm where width or stride changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import ClassVar, Unpack

from netlore.arguments import validated
from netlore.errors import InvalidArchitecture
from netlore.space.architecture import Architecture
from netlore.space.budget import Budget, Limits
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import choice, joint, log_uniform, powers_of_two
from netlore.space.families import architecture
from netlore.space.family import Words
from netlore.space.plan import Chain, Plan, Repeat, Size, Sum, convolution, head, projection, relu

STAGES = 3
STEM_WIDTH = 64
STRIDES = (1, 2, 2)
WORDS = {
    "d": ("depth", "depths"),
    "w": ("width", "widths"),
    "g": ("group width", "group widths"),
    "b": ("bottleneck ratio", "bottleneck ratios"),
}
"""What the letter of a hyperparameter stands for, singular and plural."""

LETTERS = tuple(WORDS)


Gate = Callable[[Size, Size], Plan]
"""What stands behind the 3x3 convolution, from the width of a block's input and its inner width."""


def no_gate(w_in: Size, inner: Size) -> Plan:
    """Nothing."""
    return Chain(())


def bottleneck_block(
    w_in: Size, w_out: Size, inner: Size, groups: Size, stride: int, gate: Gate = no_gate
) -> Chain:
    """A residual bottleneck block: 1x1, grouped 3x3 with the stride, a gate, 1x1; then the sum and a ReLU."""
    branch = Chain(
        (
            convolution(w_in, inner, kernel=1),
            relu(inner),
            convolution(inner, inner, kernel=3, stride=stride, groups=groups),
            relu(inner),
            gate(w_in, inner),
            convolution(inner, w_out, kernel=1),
        )
    )
    return Chain((Sum(branch, projection(w_in, w_out, stride)), relu(w_out)))


def stage(
    w_in: Size, width: Size, depth: Size, inner: Size, groups: Size, stride: int, gate: Gate = no_gate
) -> Chain:
    """`depth` bottleneck blocks, the first of which changes width and resolution."""
    return Chain(
        (
            bottleneck_block(w_in, width, inner, groups, stride, gate),
            Repeat(bottleneck_block(width, width, inner, groups, 1, gate), depth - 1),
        )
    )


def stem(channels: int, width: Size) -> Chain:
    """A 3x3 convolution with stride 1."""
    return Chain((convolution(channels, width, kernel=3), relu(width)))


@dataclass(frozen=True)
class AnyNet:
    """The AnyNet family in one of its two conventions: whether b multiplies the width and g is a group width
    (Table II), or b divides it and g counts the groups (section IV)."""

    name: str
    multiplies: bool
    baselines: tuple[str, ...] = ()

    words: ClassVar[Words] = WORDS

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """d1, d2, d3, w1, ..., b3."""
        return tuple(f"{letter}{i}" for letter in LETTERS for i in range(1, STAGES + 1))

    def check(self, values: Mapping[str, int]) -> None:
        """Raise `InvalidArchitecture` unless every value is positive and widths, groups and ratios fit."""
        check_positive(values)
        for i in range(1, STAGES + 1):
            w, g, b = (values[f"{letter}{i}"] for letter in "wgb")
            if self.multiplies:
                check_divides(f"w{i}", w, f"g{i}", g)
            else:
                check_divides(f"w{i}", w, f"b{i}", b)
                check_divides(f"w{i} / b{i}", w // b, f"g{i}", g)

    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """Stem, stages and head; values may be arrays."""
        return Chain(tuple(self.segment_plan(i, values, num_classes, channels) for i in range(STAGES)))

    def segments(self) -> tuple[tuple[str, ...], ...]:
        """The hyperparameters of each stage."""
        return tuple(tuple(f"{letter}{i}" for letter in LETTERS) for i in range(1, STAGES + 1))

    def interface(self, stage: int) -> str:
        """A stage hands its width on."""
        return f"w{stage + 1}"

    def segment_plan(self, stage_index: int, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """One stage, with the stem before the first and the head after the last."""
        d, w, g, b = (values[f"{letter}{stage_index + 1}"] for letter in LETTERS)
        w_in = values[f"w{stage_index}"] if stage_index else STEM_WIDTH
        inner = w * b if self.multiplies else w // b
        groups = inner // g if self.multiplies else g
        parts: list[Plan] = [stem(channels, STEM_WIDTH)] if stage_index == 0 else []
        parts.append(stage(w_in, w, d, inner, groups, STRIDES[stage_index]))
        if stage_index == STAGES - 1:
            parts.append(head(w, num_classes))
        return Chain(tuple(parts))

    def segment_resolution(self, stage: int, resolution: int) -> int:
        """Resolution at the start of a stage: halved, rounding up, by every strided stage before it."""
        for stride in STRIDES[:stage]:
            resolution = -(-resolution // stride)
        return resolution


_BASELINES = ("resnet-20", *(f"resnext-29-{shape}" for shape in ("1x16", "2x8", "4x4", "8x2", "16x1")))

ANYNET = AnyNet("anynet", multiplies=True, baselines=tuple(f"baseline/{name}" for name in _BASELINES))
ANYNET_PRINTED = AnyNet("anynet-printed", multiplies=False)


@validated
def anynet_architecture(
    depths: Sequence[int], widths: Sequence[int], group_widths: Sequence[int], bottleneck_ratios: Sequence[int]
) -> Architecture:
    """An AnyNet in the Table II convention, from one value for each of the three stages: blocks, channels,
    channels per group of the 3x3 convolutions, which divide the width, and inner width of a block over its width.

    Raises:
        InvalidArchitecture: Not three values each, or a width its group width does not divide.

    >>> str(anynet_architecture((15, 16, 16), (8, 16, 64), (8, 16, 16), (1, 1, 1)))
    'd 15,16,16; w 8,16,64; g 8,16,16; b 1,1,1'
    """
    names = ("depths", "widths", "group_widths", "bottleneck_ratios")
    values: dict[str, int] = {}
    for letter, name, given in zip(LETTERS, names, (depths, widths, group_widths, bottleneck_ratios), strict=True):
        if len(given) != STAGES:
            raise InvalidArchitecture(
                f"{name} has {len(given)} values; an AnyNet has {STAGES} stages, give one each."
            )
        values |= {f"{letter}{i}": value for i, value in enumerate(given, start=1)}
    return architecture(ANYNET.name, values)


@validated
def anynet(
    num_classes: int = 10,
    resolution: int = 32,
    channels: int = 3,
    **limits: Unpack[Limits],
) -> DesignSpace:
    """The paper's AnyNet design space, in the Table II convention.

    Per stage: depth log-uniform over 1..16; width and group width uniform over the 45 pairs of powers of two
    w <= 512, g <= 32 in which g divides w; bottleneck ratio uniform over {1, 2, 4}. That is
    (16 * 45 * 3)^3 = 10,077,696,000 architectures.

    Args:
        num_classes: Outputs of the classifier.
        resolution: Side of the square input images, in pixels, which have `channels` channels.
        limits: See `Limits`; the paper's is flops=(10e6, 50e6).

    Source: section V-B of the paper.

    >>> anynet().cardinality
    10077696000
    """
    pairs = tuple((w, g) for w in powers_of_two("w", 1, 512) for g in powers_of_two("g", 1, 32) if w % g == 0)
    stages = (
        (log_uniform(f"d{i}", 1, 16), joint((f"w{i}", f"g{i}"), pairs), choice(f"b{i}", (1, 2, 4)))
        for i in range(1, STAGES + 1)
    )
    return DesignSpace(
        "anynet", tuple(chain(*stages)), num_classes, resolution, channels, Budget.from_keywords(**limits)
    )


@validated
def anynet_printed(
    num_classes: int = 10,
    resolution: int = 32,
    channels: int = 3,
    **limits: Unpack[Limits],
) -> DesignSpace:
    """AnyNet in the convention that the paper's section IV prints: inner width w / b, g parallel convolutions.

    Ranges are those of `anynet`; of the combinations, those are networks in which b divides w and g divides
    w / b, drawn with equal probability: 117 per stage, so (16 * 117)^3 = 6,560,206,848 architectures. Arguments
    as in `anynet`.
    """
    same = anynet(num_classes, resolution, channels, **limits)
    triples = tuple(
        (w, g, b)
        for w in powers_of_two("w", 1, 512)
        for g in powers_of_two("g", 1, 32)
        for b in (1, 2, 4)
        if w % b == 0 and (w // b) % g == 0
    )
    stages = (
        (log_uniform(f"d{i}", 1, 16), joint((f"w{i}", f"g{i}", f"b{i}"), triples)) for i in range(1, STAGES + 1)
    )
    return replace(same, family="anynet-printed", distributions=tuple(chain(*stages)))


def check_positive(values: Mapping[str, int]) -> None:
    """Raise `InvalidArchitecture` unless every value is positive."""
    for name, value in values.items():
        if value < 1:
            raise InvalidArchitecture(f"{name} = {value} is not positive; choose 1 or more.")


def check_divides(whole_name: str, whole: int, part_name: str, part: int) -> None:
    if whole % part:
        raise InvalidArchitecture(
            f"{whole_name} = {whole} is not divisible by {part_name} = {part}; "
            f"choose {whole_name} from {{{part}, {2 * part}, ...}} or lower {part_name}."
        )
