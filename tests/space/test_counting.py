from __future__ import annotations

import functools
import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlore.errors import InvalidInput
from netlore.space import families
from netlore.space.budget import Budget
from netlore.space.complexity import MEASURES, complexity
from netlore.space.counting import enumerate_within_budget
from netlore.space.design_space import DesignSpace, anynet, anynet_printed
from netlore.space.distribution import choice, joint, uniform
from tests.space.small import anynet_of_512, anynet_printed_of_216

SPACES = {"anynet": anynet_of_512, "anynet-printed": anynet_printed_of_216}


@functools.cache
def listed(name: str) -> list[dict[str, int]]:
    """The complexities of every architecture of a small space, one at a time."""
    space = SPACES[name]()
    found = []
    for rows in itertools.product(*(d.rows for d in space.distributions)):
        values = {
            n: v
            for d, row in zip(space.distributions, rows, strict=True)
            for n, v in zip(d.names, row, strict=True)
        }
        architecture = families.architecture(space.family, values)
        found.append(complexity(architecture, space.num_classes, space.resolution).as_dict())
    return found


@st.composite
def limits(draw: st.DrawFn, name: str, measure: str) -> tuple[float, float]:
    """Whole, real and infinite limits, often equal to a complexity that occurs."""
    values = [found[measure] for found in listed(name)]
    limit = st.one_of(
        st.sampled_from(values),
        st.sampled_from(values).map(lambda value: value + 0.5),
        st.floats(0, 1.1 * max(values)),
        st.just(0),
        st.just(math.inf),
    )
    low, high = sorted((draw(limit), draw(limit)))
    return low, high


@pytest.mark.parametrize("measures", [c for n in (1, 2, 3) for c in itertools.combinations(MEASURES, n)], ids=str)
@pytest.mark.parametrize("name", SPACES)
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_counting_is_enumeration(name, measures, data):
    given_limits = {measure: data.draw(limits(name, measure)) for measure in measures}
    space = replace(SPACES[name](), budget=Budget(**given_limits))
    wanted = sum(
        all(low <= found[measure] <= high for measure, (low, high) in given_limits.items())
        for found in listed(name)
    )
    assert space.cardinality_within_budget == wanted
    assert sum(len(chunk["d1"]) for chunk in enumerate_within_budget(space)) == wanted


@pytest.mark.parametrize(("num_classes", "within"), [(10, 901_115_488), (100, 901_117_100)])
def test_the_paper_s_budget_leaves_nine_hundred_million(num_classes, within):
    space = anynet(num_classes, flops=(10e6, 50e6))
    assert space.cardinality == 10_077_696_000
    assert space.cardinality_within_budget == within


def test_without_a_budget_all_architectures_count():
    assert anynet().cardinality_within_budget == 10_077_696_000
    assert anynet(flops=(0, math.inf)).cardinality_within_budget == 10_077_696_000
    assert anynet_printed(params=(0, math.inf)).cardinality_within_budget == (16 * 117) ** 3


def test_limits_of_several_measures_leave_less_than_each_alone():
    # Whoever is within 10 to 50 MFLOPs has few parameters, some, or many.
    parts = ((0, 1e5 - 1), (1e5, 5e5), (5e5 + 1, math.inf))
    spaces = [anynet(flops=(10e6, 50e6), params=params).restrict({"d1": (9, 16)}) for params in parts]
    whole = anynet(flops=(10e6, 50e6)).restrict({"d1": (9, 16)})
    counts = [space.cardinality_within_budget for space in spaces]
    assert sum(counts) == whole.cardinality_within_budget and min(counts) > 0


def resnets(depth: int) -> DesignSpace:
    """A family without stages that can be counted separately: `depth`^3 * 8 networks."""
    depths = tuple(uniform(f"d{i}", 1, depth) for i in (1, 2, 3))
    return DesignSpace("resnet", (*depths, *(choice(f"w{i}", (2, 4)) for i in (1, 2, 3))), num_classes=10)


def test_a_family_without_segments_is_enumerated():
    space = replace(resnets(2), budget=Budget(params=(0, 1_000)))
    wanted = 0
    for values in itertools.product((1, 2), (1, 2), (1, 2), (2, 4), (2, 4), (2, 4)):
        architecture = families.architecture("resnet", dict(zip(space.hyperparameters, values, strict=True)))
        wanted += complexity(architecture, 10).params <= 1_000
    assert 0 < wanted < 64 and space.cardinality_within_budget == wanted


def test_a_family_without_segments_can_be_too_large_to_count():
    space = replace(resnets(110), budget=Budget(params=(0, 1_000)))
    with pytest.raises(InvalidInput, match=r"a space of 10,648,000 architectures is too large to enumerate"):
        _ = space.cardinality_within_budget


def test_stages_that_are_drawn_together_are_enumerated():
    small = anynet_of_512()
    kept = [d for d in small.distributions if d.names not in {("d1",), ("d2",)}]
    space = replace(
        small, distributions=(joint(("d1", "d2"), ((1, 2), (2, 3))), *kept), budget=Budget(params=(0, 3e4))
    )
    assert space.cardinality == 256
    together = sum(len(chunk["d1"]) for chunk in enumerate_within_budget(space))
    assert 0 < space.cardinality_within_budget == together < 256


def test_a_stage_of_no_partial_sums_counts_nothing():
    assert replace(anynet_of_512(), budget=Budget(flops=(0, 1))).cardinality_within_budget == 0
    assert replace(anynet_of_512(), budget=Budget((0, 1), (0, 1))).cardinality_within_budget == 0
    assert replace(anynet_of_512(), budget=Budget((0, 1), (0, 1), (0, 1))).cardinality_within_budget == 0
