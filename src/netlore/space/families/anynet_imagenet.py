"""AnyNet and ResNet for ImageNet, as pycls has them: four stages of residual bottleneck blocks.

Hyperparameters of stage i are the depth d_i, the width w_i, the group width g_i and the bottleneck ratio b_i, a
real number that multiplies the width: the inner width is w * b, which g divides.

`anynet-imagenet`
    A 3x3 convolution of stride 2 to 32 channels, then stages of stride 2. `anynet-imagenet-se` has
    squeeze-and-excitation in each block, to a quarter of the width of the block's input.

`resnet-imagenet`
    ResNet's stem, a 7x7 convolution of stride 2 to 64 channels and a max pool of stride 2, then stages of strides
    1, 2, 2, 2. ResNet-50 has the depths 3, 4, 6, 3, the widths 256, 512, 1024, 2048, a quarter of them for group
    widths, and the ratio 0.25; ResNeXt-50 32x4d has the group widths 4, 8, 16, 32 and the ratio 0.5.

Sources: Radosavovic et al. 2020, arXiv:2003.13678; He et al. 2016, arXiv:1512.03385; Xie et al. 2017,
arXiv:1611.05431.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from netlore.arguments import validated
from netlore.errors import InvalidArchitecture
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.budget import Budget, Limits
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import Distribution, log_uniform
from netlore.space.families.anynet import LETTERS, WORDS, Gate, check_divides, check_positive, no_gate, stage
from netlore.space.plan import Chain, Layer, Plan, Size, convolution, excitation, head, relu, whole

STAGES = 4


def simple_stem(channels: int) -> tuple[Plan, int]:
    """A 3x3 convolution of stride 2 to 32 channels, and its width."""
    return Chain((convolution(channels, 32, 3, 2), relu(32))), 32


def resnet_stem(channels: int) -> tuple[Plan, int]:
    """A 7x7 convolution of stride 2 to 64 channels and a max pool of stride 2, and its width."""
    pool = Layer("max_pool", 64, 64, kernel=3, stride=2)
    return Chain((convolution(channels, 64, 7, 2), relu(64), pool)), 64


def quarter(w_in: Size, inner: Size) -> Plan:
    """Squeeze-and-excitation of the inner width, to a quarter of the input's, rounded."""
    return excitation(inner, whole(np.rint(0.25 * np.asarray(w_in))))


@dataclass(frozen=True)
class AnyNetImageNet:
    """A family of four stages, with its stem, its strides, and its gate."""

    name: str
    strides: tuple[int, ...] = (2, 2, 2, 2)
    gate: Gate = no_gate

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """d1, d2, d3, d4, w1, ..., b4."""
        return tuple(f"{letter}{i}" for letter in LETTERS for i in range(1, STAGES + 1))

    @property
    def reals(self) -> tuple[str, ...]:
        """Bottleneck ratios."""
        return tuple(f"b{i}" for i in range(1, STAGES + 1))

    @property
    def words(self) -> Mapping[str, tuple[str, str]]:
        """What the letters stand for."""
        return WORDS

    def check(self, values: Mapping[str, Any]) -> None:
        """Raise `InvalidArchitecture` unless depths, widths and groups are positive and fit."""
        check_positive({name: value for name, value in values.items() if name not in self.reals})
        for i in range(1, STAGES + 1):
            w, b = values[f"w{i}"], values[f"b{i}"]
            inner = w * b
            if inner != int(inner) or inner < 1:
                raise InvalidArchitecture(
                    f"b{i} = {b:g} times w{i} = {w} is no width; choose 0.25, 0.5 or 1, or another w{i}."
                )
            check_divides(f"w{i} * b{i}", int(inner), f"g{i}", values[f"g{i}"])

    def plan(self, values: Mapping[str, Any], num_classes: int, channels: int) -> Plan:
        """Stem, stages and head; values may be arrays."""
        d, w, g, b = ([values[f"{letter}{i}"] for i in range(1, STAGES + 1)] for letter in LETTERS)
        inner = [whole(np.rint(one * ratio)) for one, ratio in zip(w, b, strict=True)]
        make = resnet_stem if self.strides[0] == 1 else simple_stem
        return four_stages(make(channels), d, w, inner, g, self.strides, self.gate, num_classes)


def four_stages(
    stem: tuple[Plan, int],
    depths: Sequence[Size],
    widths: Sequence[Size],
    inner: Sequence[Size],
    group_widths: Sequence[Size],
    strides: Sequence[int],
    gate: Gate,
    num_classes: int,
) -> Plan:
    """A stem and its width, stages of bottleneck blocks, and the head."""
    parts: list[Plan] = [stem[0]]
    w_in: Size = stem[1]
    for d, w, v, g, stride in zip(depths, widths, inner, group_widths, strides, strict=True):
        parts.append(stage(w_in, w, d, v, v // g, stride, gate))
        w_in = w
    return Chain((*parts, head(w_in, num_classes)))


ANYNET_IMAGENET = AnyNetImageNet("anynet-imagenet")
ANYNET_IMAGENET_SE = AnyNetImageNet("anynet-imagenet-se", gate=quarter)
RESNET_IMAGENET = AnyNetImageNet("resnet-imagenet", strides=(1, 2, 2, 2))


@validated
def anynet_imagenet_architecture(
    depths: Sequence[int],
    widths: Sequence[int],
    group_widths: Sequence[int],
    bottleneck_ratios: Sequence[float],
    family: str = "anynet-imagenet",
) -> Architecture:
    """An architecture of one of this module's families, from four values each.

    Raises:
        InvalidArchitecture: Not four values each, or widths, ratios and group widths that do not fit.

    >>> str(anynet_imagenet_architecture((1, 2, 7, 12), (32, 64, 160, 384), (16, 16, 16, 16), (1, 1, 1, 1)))
    'd 1,2,7,12; w 32,64,160,384; g 16,16,16,16; b 1,1,1,1'
    """
    names = ("depths", "widths", "group_widths", "bottleneck_ratios")
    values: dict[str, float] = {}
    for letter, name, given in zip(LETTERS, names, (depths, widths, group_widths, bottleneck_ratios), strict=True):
        if len(given) != STAGES:
            raise InvalidArchitecture(f"{name} has {len(given)} values; give {STAGES}, one for each stage.")
        values |= {f"{letter}{i}": value for i, value in enumerate(given, start=1)}
    return families.architecture(family, values)


@validated
def anynet_imagenet(
    num_classes: int = 1000,
    resolution: int = 224,
    channels: int = 3,
    se: bool = False,
    **limits: Unpack[Limits],
) -> DesignSpace:
    """The space in which RegNet's authors found theirs (AnyNetX), with `se` AnyNetXE.

    Per stage: depth log-uniform over 1..16; width log-uniform over multiples of 8 up to 1,024, bottleneck ratio
    0.25, 0.5 or 1 (there, 4, 2 or 1 divide), group width 1, 2, 4, ..., 32. Only those combinations are in it in
    which the group width divides the inner width. Other arguments as in `anynet`.

    Source: Radosavovic et al. 2020, section 3.2.
    """
    grids = []
    for i in range(1, STAGES + 1):
        grids += [log_uniform(f"d{i}", 1, 16), _blocks(i)]
    family = "anynet-imagenet-se" if se else "anynet-imagenet"
    budget = Budget.from_keywords(**limits)
    return DesignSpace(family, tuple(grids), num_classes, resolution, channels, budget)


def _blocks(i: int) -> Distribution:
    """Widths, group widths and ratios of a stage, the width with the probability of its part of the logarithm."""
    rows = [
        (w, g, b)
        for w in range(8, 1025, 8)
        for g in (1, 2, 4, 8, 16, 32)
        for b in (0.25, 0.5, 1.0)
        if w * b % g == 0
    ]
    number = {w: sum(row[0] == w for row in rows) for w, _, _ in rows}
    weights = tuple((math.log(w) - math.log(w - min(8, w / 2))) / number[w] for w, _, _ in rows)
    return Distribution((f"w{i}", f"g{i}", f"b{i}"), tuple(rows), weights)
