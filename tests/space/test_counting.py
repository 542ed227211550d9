from __future__ import annotations

import functools
import itertools
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlore.errors import InvalidInput
from netlore.space import counting, families, staged_counting
from netlore.space.budget import Budget
from netlore.space.complexity import BUILT_IN, complexity
from netlore.space.counting import admitted, count
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import choice, joint, uniform
from netlore.space.families.anynet import anynet, anynet_printed
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


@pytest.mark.parametrize("measures", [c for n in (1, 2, 3) for c in itertools.combinations(BUILT_IN, n)], ids=str)
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
    assert len(admitted(space)) == wanted


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


def resnexts(depth: int) -> DesignSpace:
    """A family without stages that can be counted separately: `depth`^3 * 8 networks."""
    depths = tuple(uniform(f"d{i}", 1, depth) for i in (1, 2, 3))
    widths = tuple(choice(f"w{i}", (2, 4)) for i in (1, 2, 3))
    return DesignSpace("resnext", (*depths, *widths, choice("b", (1,)), choice("c", (1,))), num_classes=10)


def test_a_family_without_segments_is_enumerated():
    space = replace(resnexts(2), budget=Budget(params=(0, 2_700)))
    wanted = 0
    for values in itertools.product((1, 2), (1, 2), (1, 2), (2, 4), (2, 4), (2, 4)):
        architecture = families.architecture(
            "resnext", dict(zip(space.hyperparameters, (*values, 1, 1), strict=True))
        )
        wanted += complexity(architecture, 10).params <= 2_700
    assert 0 < wanted < 64 and space.cardinality_within_budget == wanted


def test_what_is_too_large_to_count_is_estimated_and_never_called_exact():
    space = replace(resnexts(110), budget=Budget(params=(0, 20_000)))
    with pytest.raises(InvalidInput, match=r"a space of 10,648,000 architectures is too large to count"):
        _ = space.cardinality_within_budget
    with pytest.raises(InvalidInput, match=r"a space of 10,648,000 architectures is too large to enumerate"):
        admitted(space)
    found = count(space)
    assert not found.exact and str(found) == "about 4.35e+06 (4.33e+06 to 4.37e+06)"
    assert found.high - found.low < 0.05 * found.value


def test_the_interval_of_an_estimate_holds_the_number_95_times_of_100(monkeypatch):
    space = replace(resnexts(110), budget=Budget(params=(0, 20_000)))
    monkeypatch.setattr(counting, "ENUMERABLE", 20_000_000)
    exact = count(space)
    assert exact.exact and exact.low == exact.value == exact.high and str(exact) == f"{exact.value:,}"
    monkeypatch.setattr(counting, "ENUMERABLE", 10_000_000)
    monkeypatch.setattr(counting, "_SAMPLED", 2**12)
    made, found = np.random.default_rng, []
    for seed in range(100):
        monkeypatch.setattr(np.random, "default_rng", lambda _, seed=seed: made(seed))
        found.append(count(space))
    # Fewer than 88 or all of 100 would have a chance of 1 in 100, were it right.
    assert 88 <= sum(one.low <= exact.value <= one.high for one in found) < 100


@pytest.mark.parametrize("hits", ["none", "all"])
def test_an_estimate_of_nothing_or_everything_has_an_open_side(hits):
    space = replace(resnexts(110), budget=Budget(params=(0, 1) if hits == "none" else (0, 1e12)))
    found = count(space)
    # Wilson's interval for 0 of n hits is 0 to z^2 / (n + z^2).
    reach = math.ceil(space.cardinality * 1.959964**2 / (2**18 + 1.959964**2))
    if hits == "none":
        assert (found.value, found.low, found.high) == (0, 0, reach)
    else:
        assert found.value == found.high == space.cardinality and found.low >= space.cardinality - reach - 1


SLOW = """
import sys, time
from netlore.space.budget import Budget
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import choice, uniform
from netlore.space.families.anynet import anynet
kind = sys.argv[1]
if kind == "long grids":
    parts = [uniform(f"{letter}{i}", 1, 400) for letter in "dw" for i in (1, 2, 3)]
    space = DesignSpace("anynet", (*parts, *(choice(f"{x}{i}", (1,)) for x in "gb" for i in (1, 2, 3))), 10)
elif kind == "resnexts":
    parts = [uniform(f"{x}{i}", 1, 9_000) for x in "dw" for i in (1, 2, 3)]
    space = DesignSpace("resnext", (*parts, choice("b", (1,)), choice("c", (1,))), 10)
else:
    wide = {f"w{i}": uniform(f"w{i}", 1, 64) for i in (1, 2, 3)}
    parts = [uniform(f"d{i}", 1, 64) for i in (1, 2, 3)] + [uniform(f"b{i}", 1, 32) for i in (1, 2, 3)]
    space = DesignSpace("anynet", (*wide.values(), *parts, *(choice(f"g{i}", (1,)) for i in (1, 2, 3))), 10)
space = space.within({"flops": (10e6, 50e6), "params": (1e4, 5e6)})
start = time.perf_counter()
found = space.count_within_budget
assert 0 <= found.low <= found.value <= found.high <= space.cardinality
# Not ru_maxrss, which begins with the size of the process that started this one.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(found.exact, int(peak.split()[1]) / 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="reads a process's peak memory from /proc")
@pytest.mark.parametrize("kind", ["long grids", "many stages' points", "resnexts"])
def test_counting_stays_below_a_gigabyte(kind):
    run = subprocess.run([sys.executable, "-c", SLOW, kind], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    exact, megabytes = run.stdout.split()
    assert exact == "False" and float(megabytes) < 1_000


def test_a_table_that_is_too_large_gives_way_to_pairs(monkeypatch):
    space = replace(anynet_of_512(), budget=Budget(flops=(0, 1e6), params=(1e3, 3e4)))
    wanted = space.cardinality_within_budget
    monkeypatch.setattr(staged_counting, "_TABLE", 1)
    assert 0 < replace(space).cardinality_within_budget == wanted


def test_stages_that_are_drawn_together_are_enumerated():
    small = anynet_of_512()
    kept = [d for d in small.distributions if d.names not in {("d1",), ("d2",)}]
    space = replace(
        small, distributions=(joint(("d1", "d2"), ((1, 2), (2, 3))), *kept), budget=Budget(params=(0, 3e4))
    )
    assert space.cardinality == 256
    together = len(admitted(space))
    assert 0 < space.cardinality_within_budget == together < 256


def test_a_stage_of_no_partial_sums_counts_nothing():
    assert replace(anynet_of_512(), budget=Budget(flops=(0, 1))).cardinality_within_budget == 0
    assert replace(anynet_of_512(), budget=Budget((0, 1), (0, 1))).cardinality_within_budget == 0
    assert replace(anynet_of_512(), budget=Budget((0, 1), (0, 1), (0, 1))).cardinality_within_budget == 0
