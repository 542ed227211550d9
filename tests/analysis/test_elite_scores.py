from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlore.analysis.elite_scores import elite, elite_course, elite_draws, mean, mean_scores, pooled_noise
from netlore.errors import InvalidInput

NAN = math.nan
SCORED = st.lists(st.tuples(st.sampled_from("abcdefghijklmnop"), st.integers(-8, 8)), min_size=1, max_size=40)


def test_the_elite_is_the_best_by_means_and_the_smaller_id_of_equal_ones() -> None:
    scores = np.asarray([1.0, 9.0, 5.0, 0.0, 5.0, NAN])
    names = ["a", "lucky", "b", "lucky", "c", "d"]
    # lucky has the mean 4.5, b and c have 5, and d has none.
    assert elite(scores, names) == ("b", "c", "lucky", "a")
    assert elite(scores, names, elites=2) == ("b", "c")
    assert elite(scores, ["z", *names[1:4], "y", "d"], elites=2) == ("b", "y")
    assert elite(scores[::-1], names[::-1]) == ("b", "c", "lucky", "a"), "the order of scoring does not matter"
    assert elite(np.asarray([NAN]), ["a"]) == ()


@given(SCORED, st.integers(1, 14))
def test_the_mean_of_the_elite_is_the_end_of_the_course(scored: list[tuple[str, int]], elites: int) -> None:
    names, scores = [name for name, _ in scored], np.asarray([float(score) for _, score in scored])
    means = mean_scores(scores, names)
    assert {name: statistics.fmean([s for n, s in scored if n == name]) for name in names} == pytest.approx(
        {name: mean for name, (mean, _) in means.items()}
    )
    chosen = elite(scores, names, elites=elites)
    assert len(chosen) == len(set(chosen)) == min(elites, len(set(names)))
    course = elite_course(scores, names, elites=elites)
    assert statistics.fmean(means[name][0] for name in chosen) == pytest.approx(course[-1, 1])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5))
def test_a_mean_is_the_same_to_the_last_bit_however_it_is_taken(values: list[float]) -> None:
    assert mean(values) == mean_scores(np.asarray(values), ["a"] * len(values))["a"][0]
    assert mean([values[0]] * 3) == values[0]


def test_elites_have_as_many_scores_as_were_finite() -> None:
    scores = np.asarray([9.0, 5.0, NAN, 5.0, 1.0, NAN])
    names = ["a", "b", "a", "b", "c", "d"]
    # a has one finite score, b two, c one, and d none.
    assert [elite_draws(scores, names, elites=n) for n in (1, 2, 3, 4)] == [1.0, 1.5, 4 / 3, 4 / 3]
    assert math.isnan(elite_draws(np.asarray([NAN]), ["a"]))


def test_noise_is_pooled_over_owners_of_any_kind() -> None:
    # 1 and 3 have the squared deviations 1 + 1, 4, 4 and 7 have 1 + 1 + 4: 8 with 1 + 2 degrees of freedom.
    owners = [("a", 0), ("a", 1), ("a", 0), ("a", 1), ("b", 0), ("a", 1), ("b", 0)]
    scores = np.asarray([1.0, 4.0, 3.0, 4.0, 50.0, 7.0, NAN])
    assert pooled_noise(scores, owners) == pytest.approx(math.sqrt(8 / 3))
    assert pooled_noise(scores[:2], owners[:2]) is None


@pytest.mark.parametrize(
    ("scores", "names", "elites", "message"),
    [
        ([], [], 12, "has 0 for 0; give as many"),
        ([1.0], ["a", "b"], 12, "an architecture for each of one or more scores, and has 2 for 1"),
        ([1.0], ["a"], 0, "elites = 0 is not positive; choose 1 or more"),
    ],
)
def test_what_has_no_elite_is_refused(scores: list[float], names: list[str], elites: int, message: str) -> None:
    for of in (elite, elite_draws):
        with pytest.raises(InvalidInput, match=message):
            of(np.asarray(scores), names, elites=elites)
