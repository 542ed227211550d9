"""Small architectures and small spaces that tests of several rooms share."""

from __future__ import annotations

from hypothesis import strategies as st

from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import Distribution, choice, joint, log_uniform, uniform

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
