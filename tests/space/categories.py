"""A small family of plans with a category and a real number, and a space of it."""

from __future__ import annotations

from typing import ClassVar

from netlore.errors import InvalidArchitecture
from netlore.space import families
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import choice, joint
from netlore.space.plan import Chain, Repeat, convolution, head, relu


class Scaled:
    """`d` convolutions whose side `kernel` is a name, and whose width is 8 times `scale`."""

    name, hyperparameters = "scaled-widths", ("d", "scale", "kernel")
    reals = ("scale",)
    categories: ClassVar = {"kernel": ("one", "three", "none")}

    def check(self, values):
        """Widths are whole."""
        if not (8 * values["scale"]).is_integer() or values["d"] < 1:
            raise InvalidArchitecture(f"scale = {values['scale']} makes no whole width; choose eighths.")

    def plan(self, values, num_classes, channels):
        width = (
            (8 * values["scale"] + 0).astype(int)
            if hasattr(values["scale"], "astype")
            else int(8 * values["scale"])
        )
        blocks = [
            Repeat(Chain((convolution(width, width, side), relu(width))), values["d"] * (values["kernel"] == code))
            for code, side in enumerate((1, 3))
        ]
        stem = Chain((convolution(channels, width, 3), relu(width)))
        return Chain((stem, *blocks, head(width, num_classes)))

    def string(self, values):
        """As a benchmark would write it."""
        return f"{values['d']}/{values['scale']}/{values['kernel']}"


def scaled_space(**budget) -> DesignSpace:
    """36 architectures: 4 depths, 3 scales, 3 names."""
    grids = (choice("d", (1, 2, 3, 4)), joint(("scale", "kernel"), _pairs()))
    return DesignSpace("scaled-widths", grids, num_classes=4, resolution=8).within(budget)


def _pairs():
    return [(scale, kernel) for scale in (0.5, 1.0, 1.5) for kernel in ("one", "three", "none")]


def register() -> None:
    """Make it known in this process."""
    if "scaled-widths" not in families.FAMILIES:
        families.FAMILIES.add("scaled-widths", Scaled())
