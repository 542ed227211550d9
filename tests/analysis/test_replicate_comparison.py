from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlore.analysis.elite_scores import elite_course
from netlore.analysis.replicate_comparison import Repeatability, repeatability, rescoring
from netlore.errors import InvalidInput

NAN = math.nan
Replicate = list[tuple[str, int]]
REPLICATE = st.lists(st.tuples(st.sampled_from("abcdefghijklmnop"), st.integers(-8, 8)), min_size=1, max_size=40)
REPLICATES = st.lists(REPLICATE, min_size=2, max_size=4)


def compare(*replicates: list[tuple[str, float]]) -> Repeatability:
    scores = [np.asarray([score for _, score in one], dtype=np.float64) for one in replicates]
    return repeatability(scores, [[name for name, _ in one] for one in replicates])


def test_two_replicates_by_hand() -> None:
    one = compare([("a", 1), ("b", 8), ("a", 3)], [("c", 7), ("a", 5), ("c", 9), ("d", 20)])
    # a: 1, 3, 5 with mean 3 and squared deviations 4 + 0 + 4; c: 7, 9 with mean 8 and 1 + 1.
    # Degrees of freedom: 2 + 1.
    assert one.noise == pytest.approx(math.sqrt(10 / 3))
    # Own means: a 2, b 8; and c 8, a 5, d 20.
    assert one.elite_scores == (5.0, 11.0)
    assert one.spread == pytest.approx(6 / math.sqrt(10 / 3))
    # d scored higher, but once; b is as good as c, and is the second network. c is the first of its replicate.
    assert one.best_known == 8.0
    assert one.reached == (2, 1)
    assert one.best == ("b", "d")


def test_the_elite_is_twelve_architectures_not_scores() -> None:
    fourteen = [(f"n{i}", float(i)) for i in range(14)]
    # Without n0 and n1 the mean of 2, ..., 13 is 7.5; a lucky 99 of n0, with a -99, changes nothing.
    one = compare([*fourteen, ("n0", 99.0), ("n0", -99.0)], fourteen[:3])
    assert one.elite_scores == (7.5, 1.0)


def test_networks_without_a_score_count_as_scored() -> None:
    one = compare([("a", NAN), ("b", -math.inf), ("b", 1), ("a", 2)], [("b", 1), ("a", NAN), ("a", 2)])
    assert one.noise == 0.0
    assert one.spread is None
    assert (one.best_known, one.reached) == (2.0, (4, 3))


def test_without_a_second_score_the_noise_is_not_known() -> None:
    one = compare([("a", 1), ("b", 4)], [("c", 9), ("d", 7), ("d", NAN)])
    assert one.noise is one.spread is None
    assert (one.best_known, one.reached, one.best) == (9.0, (None, 1), ("b", "c"))


def test_equal_scores_have_no_noise_whatever_they_are() -> None:
    assert compare([("a", 0.1)] * 3, [("a", 0.1)] * 4).noise == 0.0


def test_of_equally_good_architectures_the_smaller_id_is_the_best() -> None:
    assert compare([("b", 1), ("a", 1)], [("a", 1), ("b", 1)]).best == ("a", "a")


@given(REPLICATES)
def test_repeatability_equals_its_definition(replicates: list[Replicate]) -> None:
    one = compare(*replicates)  # type: ignore[arg-type]
    pooled: dict[str, list[int]] = {}
    for name, score in (pair for entry in replicates for pair in entry):
        pooled.setdefault(name, []).append(score)
    freedom = sum(len(values) - 1 for values in pooled.values())
    if freedom:
        squares = sum(np.var(values) * len(values) for values in pooled.values())
        assert one.noise == pytest.approx(math.sqrt(squares / freedom), abs=1e-12)
    else:
        assert one.noise is None
    twice = [np.mean(values) for values in pooled.values() if len(values) > 1 or not freedom]
    assert one.best_known == pytest.approx(max(twice))
    for entry, elite in zip(replicates, one.elite_scores, strict=True):
        names = {name for name, _ in entry}
        means = sorted(np.mean([score for other, score in entry if other == name]) for name in names)
        assert elite == pytest.approx(np.mean(means[-12:]))


def test_batches_are_no_noise_of_initialisation() -> None:
    # Own scores differ by nothing; new ones by 2 under two initialisations, and by 10 from batch to batch.
    own = [np.asarray([1.0, 1.0]), np.asarray([2.0])], [["a", "a"], ["b"]], [["a"], ["b"]]
    fresh, names = np.asarray([4.0, 6.0, 14.0, 16.0]), ["a"] * 4
    together, apart = (rescoring(*own, fresh, names, batches) for batches in (None, [0, 0, 1, 1]))
    assert together is not None and apart is not None
    assert together.means == apart.means == {"a": (10.0, 4)}
    # Sums of squares about each batch's mean: 2 and 2, with a degree of freedom each, and one of the own scores.
    assert apart.noise == pytest.approx((4 / 3) ** 0.5)
    assert together.noise == pytest.approx((104 / 4) ** 0.5)
    with pytest.raises(InvalidInput, match="4 fresh scores are of 4 architectures on 3 batches"):
        rescoring(*own, fresh, names, [0, 0, 1])


@given(REPLICATES)
def test_the_order_of_replicates_does_not_matter(replicates: list[Replicate]) -> None:
    one, other = compare(*replicates), compare(*replicates[::-1])  # type: ignore[arg-type]
    assert (one.noise, one.spread, one.best_known) == (other.noise, other.spread, other.best_known)
    for field in ("elite_scores", "reached", "best"):
        assert getattr(one, field) == getattr(other, field)[::-1]


@given(REPLICATES, st.integers(-100, 100))
def test_a_shift_of_the_scores_shifts_the_means_and_nothing_else(replicates: list[Replicate], by: int) -> None:
    one = compare(*replicates)  # type: ignore[arg-type]
    other = compare(*[[(name, score + by) for name, score in entry] for entry in replicates])
    assert other.elite_scores == pytest.approx([score + by for score in one.elite_scores])
    assert other.best_known == pytest.approx(one.best_known + by)
    assert other.noise == pytest.approx(one.noise, abs=1e-12)


@given(REPLICATE)
def test_a_course_ends_at_the_elite_score(replicate: Replicate) -> None:
    names, scores = [name for name, _ in replicate], np.asarray([float(score) for _, score in replicate])
    course = elite_course(scores, names)
    assert course[:, 0].tolist() == list(range(1, len(names) + 1))
    for end, value in course:
        part = replicate[: int(end)]
        assert value == compare(part, part).elite_scores[0]  # type: ignore[arg-type]


@given(REPLICATE, st.integers(1, 14))
def test_a_course_of_fewer_elites_ends_at_the_mean_of_as_many(replicate: Replicate, elites: int) -> None:
    names, scores = [name for name, _ in replicate], np.asarray([float(score) for _, score in replicate])
    means = {name: np.mean([score for other, score in replicate if other == name]) for name in names}
    best = sorted(means.values())[-elites:]
    assert elite_course(scores, names, elites=elites)[-1].tolist() == pytest.approx([len(names), np.mean(best)])
    if elites == 12:
        np.testing.assert_array_equal(elite_course(scores, names), elite_course(scores, names, elites=12))


def test_a_course_is_short_however_long_the_refinement() -> None:
    scores = np.asarray([NAN, *range(1, 3000)], dtype=np.float64)
    course = elite_course(scores, [f"n{i}" for i in range(3000)])
    assert course.shape == (200, 2)
    assert np.isnan(course[0, 1])
    # The last twelve scores are 2,988, ..., 2,999.
    assert course[-1].tolist() == [3000.0, 2993.5]


@pytest.mark.parametrize(
    ("scores", "names", "message"),
    [
        ([[1.0]], [["a"]], "two or more refinements, and has 1 and 1"),
        ([[1.0], [2.0]], [["a"]], "has 2 and 1"),
        ([[1.0], [2.0, 3.0]], [["a"], ["a"]], "refinement 2 has 2 scores and 1 architectures"),
        ([[NAN], [2.0]], [["a"], ["a"]], "refinement 1 has 0 finite scores"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    scores: list[list[float]], names: list[list[str]], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        repeatability([np.asarray(one) for one in scores], names)


@pytest.mark.parametrize(("scores", "names"), [([], []), ([1.0], []), ([1.0], ["a", "b"])])
def test_a_course_needs_an_architecture_for_each_score(scores: list[float], names: list[str]) -> None:
    with pytest.raises(InvalidInput, match="an architecture for each of one or more scores"):
        elite_course(np.asarray(scores), names)


def test_a_course_needs_an_elite() -> None:
    with pytest.raises(InvalidInput, match="elites = 0 is not positive; choose 1 or more"):
        elite_course(np.asarray([1.0]), ["a"], elites=0)
