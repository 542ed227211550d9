"""RegNet: four stages of bottleneck blocks whose widths are a quantised linear function of the block's number.

From the depth d, the initial width w_0, the slope w_a and the multiplier w_m, block j = 0, ..., d - 1 has

    u_j = w_0 + w_a j,   s_j = round(log(u_j / w_0) / log(w_m)),   w_j = w_0 w_m^s_j,

the last one, its width, rounded to a multiple of 8; blocks of equal width are a stage. Widths are then rounded
to multiples of the group width g, which is lowered to the width where it is larger. The bottleneck ratio is 1.
Stem and strides are those of `anynet-imagenet`. `regnet-x` is without squeeze-and-excitation, `regnet-y` has it.
Hyperparameters are d, w0, wa, wm and g; wa and wm are real.

Source: Radosavovic et al. 2020, arXiv:2003.13678, section 3.3, and pycls for what fits widths to groups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netlore.arguments import validated
from netlore.errors import InvalidArchitecture
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.budget import Budget, Limits
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import choice, product
from netlore.space.families.anynet import Gate, no_gate
from netlore.space.families.anynet_imagenet import STAGES, four_stages, quarter, simple_stem
from netlore.space.plan import Plan, Size, whole

STRIDES = (2, 2, 2, 2)
_Q = 8
_DEEPEST = 200
WORDS = {
    "d": ("depth", "depths"),
    "w0": ("initial width", "initial widths"),
    "wa": ("slope of widths", "slopes of widths"),
    "wm": ("width multiplier", "width multipliers"),
    "g": ("group width", "group widths"),
}
GRIDS: dict[str, Sequence[float]] = {
    "d": range(12, 29, 2),
    "w0": (8, 16, 24, 32, 48, 64, 80, 96, 128, 160, 192, 256),
    "wa": (8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0, 96.0, 128.0, 192.0, 256.0),
    "wm": (2.0, 2.25, 2.5, 2.75, 3.0),
}


def linear_widths(
    d: ArrayLike, w0: ArrayLike, wa: ArrayLike, wm: ArrayLike
) -> tuple[list[Size], list[Size], NDArray[np.int64]]:
    """Depths and widths of the first four stages, and how many stages there are; for one network or for arrays."""
    given = np.broadcast_arrays(*(np.asarray(one, float) for one in (d, w0, wa, wm)))
    shape, (depth, first, slope, factor) = given[0].shape, (one.ravel() for one in given)
    blocks = np.arange(int(depth.max()))[:, None]
    steps = np.rint(np.log((first + slope * blocks) / first) / np.log(factor))
    widths = np.rint(first * factor**steps / _Q).astype(np.int64) * _Q
    number = np.concatenate((np.zeros_like(widths[:1]), np.cumsum(widths[1:] != widths[:-1], axis=0)))
    number[blocks >= depth] = -1
    members = [number == i for i in range(STAGES)]
    depths = [whole(one.sum(axis=0).reshape(shape)) for one in members]
    of_stages = [whole(np.where(one, widths, 0).max(axis=0).reshape(shape)) for one in members]
    return depths, of_stages, (number.max(axis=0) + 1).reshape(shape)


@dataclass(frozen=True)
class RegNet:
    """The family, with its gate."""

    name: str
    gate: Gate
    hyperparameters: tuple[str, ...] = ("d", "w0", "wa", "wm", "g")
    reals: tuple[str, ...] = ("wa", "wm")

    @property
    def words(self) -> Mapping[str, tuple[str, str]]:
        """What the letters stand for."""
        return WORDS

    def check(self, values: Mapping[str, Any]) -> None:
        """Raise `InvalidArchitecture` unless the values give four stages."""
        rules = {
            "d": (1 <= values["d"] <= _DEEPEST, f"choose 1 to {_DEEPEST}"),
            "w0": (values["w0"] >= _Q and values["w0"] % _Q == 0, f"choose a multiple of {_Q}"),
            "wa": (values["wa"] >= 0, "choose 0 or more"),
            "wm": (values["wm"] > 1, "choose more than 1"),
            "g": (values["g"] >= 1, "choose 1 or more"),
        }
        for name, (kept, remedy) in rules.items():
            if not kept:
                raise InvalidArchitecture(f"{name} = {values[name]} is out of range; {remedy}.")
        *_, stages = linear_widths(*(values[name] for name in self.hyperparameters[:4]))
        if stages != STAGES:
            raise InvalidArchitecture(
                f"d = {values['d']}, w0 = {values['w0']}, wa = {values['wa']:g} and wm = {values['wm']:g} give "
                f"{stages} stages, not {STAGES}; change the slope or the multiplier."
            )

    def plan(self, values: Mapping[str, Any], num_classes: int, channels: int) -> Plan:
        """Stem, stages and head; values may be arrays."""
        depths, widths, _ = linear_widths(*(values[name] for name in self.hyperparameters[:4]))
        groups = [whole(np.minimum(values["g"], width)) for width in widths]
        fitted = [
            whole(np.maximum(np.rint(np.asarray(width) / group), 1)) * group
            for width, group in zip(widths, groups, strict=True)
        ]
        stem = simple_stem(channels)
        return four_stages(stem, depths, fitted, fitted, groups, STRIDES, self.gate, num_classes)


REGNET_X = RegNet("regnet-x", no_gate)
REGNET_Y = RegNet("regnet-y", quarter)


@validated
def regnet_architecture(
    depth: int, w_0: int, w_a: float, w_m: float, group_width: int, se: bool = False
) -> Architecture:
    """A RegNetX, or a RegNetY if there is squeeze-and-excitation, from its linear parameters.

    Raises:
        InvalidArchitecture: They do not give four stages.

    >>> regnet_architecture(13, 24, 36.44, 2.49, 8).values
    {'d': 13, 'w0': 24, 'wa': 36.44, 'wm': 2.49, 'g': 8}
    """
    values = {"d": depth, "w0": w_0, "wa": w_a, "wm": w_m, "g": group_width}
    return families.architecture("regnet-y" if se else "regnet-x", values)


@validated
def regnet(
    num_classes: int = 1000,
    resolution: int = 224,
    channels: int = 3,
    se: bool = False,
    **limits: Unpack[Limits],
) -> DesignSpace:
    """RegNets of four stages, with `se` those of squeeze-and-excitation; other arguments as in `anynet`.

    Depths are 12, 14, ..., 28, initial widths 8 to 256, slopes 8 to 256, multipliers 2 to 3, near those of the
    authors' best networks; combinations of four stages, equally probable. Group widths are 8, 16, ..., 64.
    """
    linear = product(GRIDS, lambda *values: int(linear_widths(*values)[2]) == STAGES)
    grids = (linear, choice("g", tuple(range(8, 65, 8))))
    return DesignSpace(
        "regnet-y" if se else "regnet-x", grids, num_classes, resolution, channels, Budget.from_keywords(**limits)
    )
