"""MnasNet's space for ImageNet, as Accel-NAS-Bench has it: seven stages of inverted residual blocks.

The stem is a 3x3 convolution of stride 2 to 32 channels, the head a 1x1 convolution to 1,280, the mean of all
positions, and a classifier. A stage of l blocks has a fixed width, and its first block a fixed stride. A block
widens its input e times by a 1x1 convolution (not for e = 1), has a depthwise k x k convolution with the stride,
squeeze-and-excitation to a quarter of the input's width where se is 1, and a 1x1 convolution to the stage's width;
all blocks but the first end in a sum with their input. Behind each convolution is batch norm, behind all but a
block's last one SiLU.

Source: Tan et al. 2019, arXiv:1807.11626; Tan and Le 2019, arXiv:1905.11946; Ahmad et al. 2024 (Accel-NAS-Bench),
arXiv:2404.08005.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Unpack

from netlore.arguments import validated
from netlore.errors import InvalidArchitecture
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.budget import Budget, Limits
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import choice
from netlore.space.families.inverted import inverted_block
from netlore.space.plan import Chain, Layer, Plan, Repeat, Size, Sum, convolution, excitation, head

STEM_WIDTH, HEAD_WIDTH = 32, 1280
WIDTHS = (16, 24, 40, 80, 112, 192, 320)
STRIDES = (1, 2, 2, 2, 1, 2, 1)
STAGES = len(WIDTHS)
CHOICES = {"e": (1, 4, 6), "k": (3, 5), "l": (1, 2, 3), "se": (0, 1)}
WORDS = {
    "e": ("expansion", "expansions"),
    "k": ("kernel", "kernels"),
    "l": ("number of blocks", "numbers of blocks"),
    "se": ("squeeze-and-excitation", "squeeze-and-excitation"),
}


@dataclass(frozen=True)
class MnasNet:
    """The family of networks of inverted residual blocks."""

    name: str = "mnasnet"

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """e1, ..., e7, k1, ..., l1, ..., se1, ..., se7."""
        return tuple(f"{letter}{i}" for letter in WORDS for i in range(1, STAGES + 1))

    @property
    def words(self) -> Mapping[str, tuple[str, str]]:
        """What the letters stand for."""
        return WORDS

    def check(self, values: Mapping[str, int]) -> None:
        """Raise `InvalidArchitecture` unless values are positive, kernels odd, and se is 0 or 1."""
        for name, value in values.items():
            switch = name.startswith("se")
            if value not in (0, 1) if switch else value < 1:
                raise InvalidArchitecture(f"{name} = {value}; choose {'0 or 1' if switch else '1 or more'}.")
            if name.startswith("k") and value % 2 == 0:
                raise InvalidArchitecture(f"{name} = {value} is even; choose 3 or 5.")

    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """Stem, stages and head; values may be arrays."""
        parts: list[Plan] = [_activated(channels, STEM_WIDTH, 3, 2)]
        for i, (w_in, width) in enumerate(pairwise((STEM_WIDTH, *WIDTHS)), start=1):
            e, k, blocks, se = (values[f"{letter}{i}"] for letter in WORDS)
            first = inverted_block(w_in, width, e, k, STRIDES[i - 1], "silu", _gate(w_in, e, se))
            further = inverted_block(width, width, e, k, 1, "silu", _gate(width, e, se))
            parts += [first, Repeat(Sum(further, Chain(())), blocks - 1)]
        return Chain((*parts, _activated(WIDTHS[-1], HEAD_WIDTH, 1, 1), head(HEAD_WIDTH, num_classes)))


def _activated(w_in: int, w_out: int, kernel: int, stride: int) -> Plan:
    return Chain((convolution(w_in, w_out, kernel, stride), Layer("silu", w_out, w_out)))


def _gate(w_in: int, expansion: Size, wanted: Size) -> Plan:
    return Repeat(excitation(w_in * expansion, w_in // 4, "silu"), wanted)


MNASNET = MnasNet()


@validated
def mnasnet_architecture(
    expansions: Sequence[int], kernels: Sequence[int], layers: Sequence[int], se: Sequence[int]
) -> Architecture:
    """A MnasNet from seven values each: expansions and kernels of each stage's blocks, their number, and whether
    they have squeeze-and-excitation (1 or 0).

    Raises:
        InvalidArchitecture: Not seven values each, or not those of a network.

    >>> b0 = mnasnet_architecture((1, 6, 6, 6, 6, 6, 6), (3, 3, 5, 3, 5, 5, 3), (1, 2, 2, 3, 3, 4, 1), (1,) * 7)
    >>> str(b0)
    'e 1,6,6,6,6,6,6; k 3,3,5,3,5,5,3; l 1,2,2,3,3,4,1; se 1,1,1,1,1,1,1'
    """
    values: dict[str, int] = {}
    given = {"expansions": expansions, "kernels": kernels, "layers": layers, "se": se}
    for letter, (name, row) in zip(WORDS, given.items(), strict=True):
        if len(row) != STAGES:
            raise InvalidArchitecture(
                f"{name} has {len(row)} values; a MnasNet has {STAGES} stages, give one each."
            )
        values |= {f"{letter}{i}": value for i, value in enumerate(row, start=1)}
    return families.architecture(MNASNET.name, values)


@validated
def mnasnet(
    num_classes: int = 1000,
    resolution: int = 224,
    channels: int = 3,
    **limits: Unpack[Limits],
) -> DesignSpace:
    """Accel-NAS-Bench's space: in each of seven stages e of {1, 4, 6}, k of {3, 5}, 1 to 3 blocks, se of {0, 1},
    each with equal probability: 36^7 = 78,364,164,096 networks. Arguments as in `anynet`.

    >>> mnasnet().cardinality
    78364164096
    """
    grids = tuple(
        choice(f"{letter}{i}", values) for i in range(1, STAGES + 1) for letter, values in CHOICES.items()
    )
    budget = Budget.from_keywords(**limits)
    return DesignSpace(MNASNET.name, grids, num_classes, resolution, channels, budget)
