"""Small architectures and small spaces that tests of several rooms share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from hypothesis import strategies as st

from netlore.errors import InvalidArchitecture
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.design_space import SPACES, DesignSpace
from netlore.space.distribution import Distribution, choice, joint, log_uniform, uniform
from netlore.space.family import Words
from netlore.space.plan import Chain, Plan, Repeat, Size, Sum, convolution, head, projection, relu

FAMILIES = ("anynet", "anynet-printed", "resnet", "resnext")


@st.composite
def small_architectures(draw: st.DrawFn, family: str) -> Architecture:
    """A valid architecture of that family, small enough to be built in milliseconds."""
    values = {f"d{i}": draw(st.integers(1, 3)) for i in (1, 2, 3)}
    small = st.sampled_from((1, 2, 3, 4))
    if family == "resnext":
        values |= {"b": draw(small), "c": draw(small)}
    for i in (1, 2, 3):
        # Width 64 is the stem's: the one for which the first stage needs no projection.
        w = draw(st.sampled_from((1, 2, 6, 8, 12, 64) if family != "resnet" else (1, 2, 5, 9)))
        if family == "anynet":
            values |= {f"w{i}": w, f"g{i}": draw(_divisors(w)), f"b{i}": draw(small)}
        elif family == "anynet-printed":
            b = draw(_divisors(w))
            values |= {f"w{i}": w, f"b{i}": b, f"g{i}": draw(_divisors(w // b))}
        elif family == "resnext":
            values |= {f"w{i}": w * values["c"]}
        else:
            values |= {f"w{i}": w}
    return families.architecture(family, values)


def _divisors(whole: int) -> st.SearchStrategy[int]:
    return st.sampled_from([part for part in range(1, whole + 1) if whole % part == 0])


def anynet_of_512() -> DesignSpace:
    """2 depths, 2 pairs, 2 ratios in each stage: (2 * 2 * 2)^3 = 512 architectures."""
    stages: list[Distribution] = []
    for i, pairs in ((1, ((8, 2), (64, 8))), (2, ((4, 4), (8, 2))), (3, ((2, 1), (16, 4)))):
        stages += [log_uniform(f"d{i}", i, i + 1), joint((f"w{i}", f"g{i}"), pairs), choice(f"b{i}", (1, 4))]
    return DesignSpace("anynet", tuple(stages), num_classes=10, resolution=16)


def anynet_printed_of_216() -> DesignSpace:
    """2 depths, 3 triples in each stage: (2 * 3)^3 = 216 architectures."""
    stages: list[Distribution] = []
    for i in (1, 2, 3):
        triples = ((4, 1, 4), (8, 2, 2), (64, 4, 1))
        stages += [uniform(f"d{i}", 1, 2), joint((f"w{i}", f"g{i}", f"b{i}"), triples)]
    return DesignSpace("anynet-printed", tuple(stages), num_classes=10, resolution=16)


def anynet_of_four() -> DesignSpace:
    """Depths 1 to 4 of the first stage, log-uniform: ln 2, ln 2, ln 3/2, ln 4/3 over ln 8; all else fixed."""
    fixed = [choice(name, (1,)) for name in ("d2", "d3", "g1", "g2", "g3", "b1", "b2", "b3")]
    widths = [choice(name, (8,)) for name in ("w1", "w2", "w3")]
    return DesignSpace("anynet", (log_uniform("d1", 1, 4), *fixed, *widths), num_classes=10, resolution=8)


BLOCKS = ("plain", "grouped", "wide")
SLOPES = (1.0, 1.5, 2.25, 3.375)


@dataclass(frozen=True)
class Mixed:
    """Two stages of residual blocks: numbers of blocks d, kinds of blocks k, and a slope s by which widths grow.

    A plain block has one group, a grouped one four, and a wide one twice the width inside.
    """

    name: str = "mixed"
    hyperparameters: tuple[str, ...] = ("d1", "d2", "k1", "k2", "s")
    reals: tuple[str, ...] = ("s",)
    place: str = "part"

    categories: ClassVar[Mapping[str, tuple[str, ...]]] = {"k1": BLOCKS, "k2": BLOCKS}
    words: ClassVar[Words] = {"d": ("depth", "depths"), "k": ("kind", "kinds"), "s": ("slope", "slopes")}

    def check(self, values: Mapping[str, object]) -> None:
        if any(values[name] not in BLOCKS for name in self.categories):
            raise InvalidArchitecture(f"k1 or k2 is none of {', '.join(BLOCKS)}; choose one of these.")

    def string(self, values: Mapping[str, object]) -> str:
        return "-".join(str(values[name]) for name in self.hyperparameters)

    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        parts: list[Plan] = [convolution(channels, 8, 3), relu(8)]
        width: Size = 8
        for i in (1, 2):
            wider = _whole(4 * np.rint(2 * np.asarray(values["s"]) ** i))
            inner = wider * _whole(np.asarray((1, 1, 2))[values[f"k{i}"]])
            groups = _whole(np.asarray((1, 4, 1))[values[f"k{i}"]])
            parts += [
                _block(width, wider, inner, groups, i),
                Repeat(_block(wider, wider, inner, groups, 1), values[f"d{i}"] - 1),
            ]
            width = wider
        return Chain((*parts, head(width, num_classes)))


def _whole(values: object) -> Size:
    found = np.asarray(values, dtype=np.int64)
    return int(found) if found.ndim == 0 else found


def _block(w_in: Size, w_out: Size, inner: Size, groups: Size, stride: int) -> Chain:
    layers = (convolution(w_in, inner, 1), relu(inner), convolution(inner, inner, 3, stride, groups))
    branch = Chain((*layers, relu(inner), convolution(inner, w_out, 1)))
    return Chain((Sum(branch, projection(w_in, w_out, stride)), relu(w_out)))


def mixed_of_324(num_classes: int = 10, resolution: int = 8, channels: int = 1) -> DesignSpace:
    """3 depths and 3 kinds in each of two parts, and 4 slopes: (3 * 3)^2 * 4 = 324 architectures."""
    parts = [uniform("d1", 1, 3), uniform("d2", 1, 3), choice("k1", BLOCKS), choice("k2", BLOCKS)]
    return DesignSpace("mixed", (*parts, choice("s", SLOPES)), num_classes, resolution, channels)


@contextmanager
def mixed() -> Iterator[None]:
    """Inside, the family `mixed` and its space of 324 are known by that name."""
    families.FAMILIES.add("mixed", Mixed())
    SPACES.add("mixed", mixed_of_324)
    try:
        yield
    finally:
        families.FAMILIES.remove("mixed")
        SPACES.remove("mixed")
