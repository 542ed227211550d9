from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from netlore.errors import InvalidInput
from netlore.space.distribution import (
    Distribution,
    Interval,
    choice,
    joint,
    log_uniform,
    power_of_two,
    powers_of_two,
    uniform,
)
from netlore.space.families.anynet import anynet

PAIRS = joint(("w", "g"), ((1, 1), (2, 1), (2, 2), (4, 1), (4, 2), (4, 4)))


@pytest.mark.parametrize(("low", "high"), [(1, 16), (1, 2), (2, 9), (5, 5), (7, 40)])
def test_log_uniform_is_a_rounded_up_log_uniform_real(low, high):
    made = log_uniform("d", low, high)
    lowest = low - min(1.0, low / 2)
    total = math.log(high / lowest)
    # P(v) is the share of (ln lowest, ln high] that rounds up to v.
    edges = [math.log(lowest), *(math.log(v) for v in range(low, high + 1))]
    assert made.grid("d") == tuple(range(low, high + 1))
    assert made.probabilities == pytest.approx(np.diff(edges) / total, rel=1e-12)


def test_one_has_a_fifth_of_the_probability_of_1_to_16():
    assert log_uniform("d", 1, 16).probabilities[0] == pytest.approx(1 / 5)


@pytest.mark.parametrize(
    "made", [log_uniform("d", 1, 16), uniform("d", 3, 7), PAIRS], ids=["log", "uniform", "pairs"]
)
def test_draws_follow_the_probabilities(made):
    drawn = made.draw(np.random.default_rng(0), 50_000)
    counts = np.bincount(drawn, minlength=made.size)
    assert counts[0] > 0 and counts[-1] > 0, "both ends can be drawn"
    assert chisquare(counts, 50_000 * made.probabilities).pvalue > 1e-3


class _Constant(np.random.Generator):
    """A generator whose every real number is the same, to reach the ends of the unit interval."""

    def __init__(self, value: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.value = value

    def random(self, size):
        return np.full(size, self.value)


@pytest.mark.parametrize(("number", "index"), [(0.0, 0), (math.nextafter(1.0, 0.0), 15)])
def test_the_ends_of_the_unit_interval_are_grid_points(number, index):
    assert log_uniform("d", 1, 16).draw(_Constant(number), 1).tolist() == [index]


@pytest.mark.parametrize(("low", "high"), [(1, 3), (2, 9), (9, 16), (16, 16)])
def test_a_restricted_distribution_is_the_one_made_over_the_narrower_range(low, high):
    assert log_uniform("d", 1, 16).restrict({"d": (low, high)}) == log_uniform("d", low, high)
    assert uniform("d", 1, 16).restrict({"d": (low, high)}) == uniform("d", low, high)


def test_a_restricted_joint_distribution_keeps_the_fitting_rows():
    assert PAIRS.restrict({"w": (2, 4), "g": (2, 2)}).rows == ((2, 2), (4, 2))
    assert PAIRS.restrict({"g": (2, 9)}).rows == ((2, 2), (4, 2), (4, 4))
    assert PAIRS.restrict({"another": (1, 1)}) == PAIRS


@given(
    first=st.tuples(st.integers(-5, 25), st.integers(-5, 25)),
    second=st.tuples(st.integers(-5, 25), st.integers(-5, 25)),
)
def test_restricting_never_widens(first, second):
    whole = log_uniform("d", 1, 16)
    wanted = [v for v in range(1, 17) if first[0] <= v <= first[1]]
    if not wanted:
        with pytest.raises(InvalidInput):
            whole.restrict({"d": first})
        return
    once = whole.restrict({"d": first})
    assert list(once.grid("d")) == wanted
    both = [v for v in wanted if second[0] <= v <= second[1]]
    if both:
        twice = once.restrict({"d": second})
        assert list(twice.grid("d")) == both
        # Conditional probabilities do not depend on the way.
        kept = np.asarray(both) - 1
        assert twice.probabilities == pytest.approx(whole.probabilities[kept] / whole.probabilities[kept].sum())


def test_a_restriction_that_leaves_nothing_says_what_there_is():
    with pytest.raises(InvalidInput) as caught:
        log_uniform("d1", 1, 16).restrict({"d1": (17, 20)})
    assert str(caught.value) == (
        "d1 in [17, 20] leaves nothing of the design space; choose d1 from {1, 2, 3, ..., 16} that fit together."
    )
    with pytest.raises(InvalidInput) as caught:
        PAIRS.restrict({"w": (2, 2), "g": (4, 4)})
    assert str(caught.value) == (
        "w in 2, g in 4 leaves nothing of the design space; choose w from {1, 2, 4}, g from {1, 2, 4} "
        "that fit together."
    )


def test_width_and_group_width_are_drawn_as_one_of_45_pairs():
    pairs = next(d for d in anynet().distributions if d.names == ("w1", "g1"))
    by_hand = {(2**k, 2**m) for k in range(10) for m in range(6) if m <= k}
    assert set(pairs.rows) == by_hand and pairs.size == 45
    assert pairs.probabilities == pytest.approx(np.full(45, 1 / 45))


def test_powers_of_two_are_listed_within_the_range():
    assert powers_of_two("w", 1, 512) == (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
    assert powers_of_two("w", 3, 9) == (4, 8)
    assert power_of_two("w", 3, 9) == choice("w", (4, 8))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: uniform("d", 0, 3), "d from 0 to 3 is not a range of positive values; give 1 <= low <= high."),
        (
            lambda: log_uniform("d", 4, 3),
            "d from 4 to 3 is not a range of positive values; give 1 <= low <= high.",
        ),
        (lambda: power_of_two("w", 5, 7), "w from 5 to 7 holds no power of two; widen the range."),
        (lambda: choice("b", ()), "the grid of b = () is empty or repeats a value; list each value once."),
        (
            lambda: choice("b", (1, 2, 1)),
            "the grid of b = ((1,), (2,), (1,)) is empty or repeats a value; list each value once.",
        ),
    ],
)
def test_a_grid_must_hold_positive_values_once_each(make, message):
    with pytest.raises(InvalidInput) as caught:
        make()
    assert str(caught.value) == message


def test_an_interval_reads_as_in_table_1():
    assert str(Interval(15, 15)) == "15" and str(Interval(16, 32)) == "[16, 32]"


def test_columns_are_arrays_of_the_rows():
    assert [*zip(*(column.tolist() for column in PAIRS.columns.values()), strict=True)] == [*PAIRS.rows]
    assert isinstance(PAIRS, Distribution) and PAIRS.grid("g") == (1, 2, 4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: uniform("d1", 1, 10**9), "the grid of d1 has 1,000,000,000 points; choose 100,000 or fewer."),
        (lambda: log_uniform("d1", 1, 10**8), "the grid of d1 has 100,000,000 points; choose 100,000 or fewer."),
        (
            lambda: uniform("d1", 10**20, 10**20),
            "the highest d1 = 1e+20 is out of range; choose 1 to 2,147,483,647.",
        ),
        (lambda: power_of_two("w1", 1, 10**400), "the highest w1 = a huge number is out of range; choose 1 to "),
        (lambda: choice("d1", (1, 2**40)), "d1 = 1099511627776 is out of range; choose -2,147,483,647 to "),
        (lambda: choice("d1", (1, float("nan"))), "d1 = nan is out of range; choose -2,147,483,647 to "),
        (lambda: choice("d1", (1, "two")), "the grid of d1 = {1, two} mixes numbers and names; give one of both."),
        (lambda: choice("d1", (True, 2)), "d1 = True is not a whole number; give an integer."),
    ],
)
def test_values_that_no_memory_holds_are_refused_at_once(make, message):
    with pytest.raises(InvalidInput) as caught:
        make()
    assert str(caught.value).startswith(message)


def test_a_value_is_looked_at_before_it_is_compared():
    with pytest.raises(InvalidInput, match="is not a whole number"):
        choice("b", [[1], [1]])
