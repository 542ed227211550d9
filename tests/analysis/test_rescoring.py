from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlore.analysis.elite_scores import elite
from netlore.analysis.replicate_comparison import Rescoring, repeatability, rescoring
from netlore.errors import InvalidInput

NAN = math.nan
Scored = list[tuple[str, float]]
NAMES = st.sampled_from("abcdefghijklmnop")
SCORED = st.lists(st.tuples(NAMES, st.integers(-8, 8)), min_size=1, max_size=40)
FRESH = st.lists(st.tuples(NAMES, st.one_of(st.integers(-8, 8), st.just(NAN))), max_size=40)


def judge(fresh: Scored, *replicates: Scored) -> Rescoring | None:
    def split(one: Scored) -> tuple[np.ndarray, list[str]]:
        return np.asarray([score for _, score in one], dtype=np.float64), [name for name, _ in one]

    own = [split(one) for one in replicates]
    elites = [elite(scores, names) for scores, names in own]
    return rescoring([scores for scores, _ in own], [names for _, names in own], elites, *split(fresh))


def test_two_replicates_by_hand() -> None:
    one = judge(
        [("a", 2), ("a", 4), ("b", 6), ("b", 6), ("c", 5), ("c", 7)],
        [("a", 9), ("b", 7), ("a", 9)],
        [("c", 8), ("d", NAN), ("b", 8)],
    )
    assert one is not None
    # Fresh means: a 3, b 6, c 6. Of equal ones the first by name is the best known.
    assert one.means == {"a": (3.0, 2), "b": (6.0, 2), "c": (6.0, 2)}
    assert one.elite_scores == (4.5, 6.0)
    assert (one.best, one.best_known) == ("b", 6.0)
    # Own scores: a has 0 + 0, b of both replicates 0.25 + 0.25; fresh ones: a and c 1 + 1 each, b 0 + 0.
    # Degrees of freedom: 1 + 1, and 3.
    assert one.noise == pytest.approx(math.sqrt(4.5 / 5))
    # a is 3 below, more than one noise unit; b is the second network of the first replicate.
    assert one.reached == (2, 1)


def test_luck_of_the_elite_is_not_noise() -> None:
    """An own score that was selected for being high, 50 above the fresh mean, says nothing of the noise."""
    one = judge([("a", 9), ("a", 11)], [("a", 60)], [("a", 60), ("b", 0)])
    assert one is not None and one.noise == pytest.approx(math.sqrt(2 / 2))


def test_an_elite_without_a_fresh_score_leaves_its_replicate_without() -> None:
    one = judge([("a", 1), ("b", NAN)], [("a", 2), ("b", 1)], [("a", 2)])
    assert one is not None
    assert one.elite_scores == (None, 1.0)
    assert one.noise == 0.0 and one.reached == (1, 1)
    assert judge([("b", NAN)], [("a", 2), ("b", 1)], [("a", 2)]) is None
    assert judge([], [("a", 2)], [("a", 2)]) is None


def test_without_a_second_score_the_best_known_itself_must_be_reached() -> None:
    one = judge([("a", 1), ("b", 2)], [("a", 2)], [("b", 3), ("c", 1)], [("c", 2)])
    assert one is not None
    assert one.reached == (None, 1, None) and one.elite_scores == (1.0, None, None)


def test_what_is_no_elite_is_never_the_best_known_but_can_be_near_it() -> None:
    twelve = [(f"n{i:02}", 50.0 + i) for i in range(12)]
    fresh = [*((name, 3.0) for name, _ in twelve), ("low", 8.0)]
    one = judge([*fresh, *fresh], [("low", 1.0), *twelve], twelve)
    assert one is not None
    assert (one.best_known, one.noise) == (3.0, 0.0)
    assert one.reached == (1, 1) and one.elite_scores == (3.0, 3.0)


@given(FRESH, st.lists(SCORED, min_size=2, max_size=4))
def test_rescoring_equals_its_definition(fresh: Scored, replicates: list[Scored]) -> None:
    one = judge(fresh, *replicates)
    found: dict[str, list[float]] = {}
    for name, score in fresh:
        if not math.isnan(score):
            found.setdefault(name, []).append(score)
    means = {name: statistics.fmean(scores) for name, scores in found.items()}
    elites = []
    for replicate in replicates:
        names = list(dict.fromkeys(name for name, _ in replicate))
        own = {name: statistics.fmean([score for other, score in replicate if other == name]) for name in names}
        elites.append(sorted(names, key=lambda name: -own[name])[:12])
    known = {name for names in elites for name in names if name in means}
    if not known:
        assert one is None
        return
    assert one is not None
    best = max(means[name] for name in known)
    assert one.best_known == pytest.approx(best) and means[one.best] == pytest.approx(best)
    for names, elite_score in zip(elites, one.elite_scores, strict=True):
        if set(names) <= set(means):
            assert elite_score == pytest.approx(statistics.fmean([means[name] for name in names]))
        else:
            assert elite_score is None
    for replicate, reached in zip(replicates, one.reached, strict=True):
        near = [means.get(name, -math.inf) >= best - (one.noise or 0) - 1e-9 for name, _ in replicate]
        assert reached == (near.index(True) + 1 if any(near) else None)


@given(SCORED, st.lists(SCORED, min_size=2, max_size=3))
def test_fresh_scores_equal_to_all_own_ones_change_no_elite_score(extra: Scored, replicates: list[Scored]) -> None:
    """Where every architecture scores the same at every initialisation, there is no luck."""
    value = {name: float(index) for index, name in enumerate("abcdefghijklmnop")}
    steady = [[(name, value[name]) for name, _ in replicate] for replicate in replicates]
    one = judge([(name, value[name]) for name in value] + [(name, value[name]) for name, _ in extra], *steady)
    own = repeatability(
        [np.asarray([score for _, score in replicate]) for replicate in steady],
        [[name for name, _ in replicate] for replicate in steady],
    )
    assert one is not None and one.elite_scores == pytest.approx(own.elite_scores)
    assert one.noise in (0.0, None)


def test_the_elites_that_a_refinement_names_are_judged() -> None:
    scores, names = [np.array([9.0, 6.0]), np.array([7.0])], [["a", "b"], ["c"]]
    one = rescoring(scores, names, [["b"], ["c"]], np.array([3.0, 5.0, 8.0]), ["a", "b", "c"])
    assert one is not None and one.elite_scores == (5.0, 8.0)


def test_what_does_not_fit_is_refused() -> None:
    scores, names = [np.ones(1), np.ones(1)], [["a"], ["a"]]
    with pytest.raises(InvalidInput, match="2 fresh scores are of 1 architectures on 2 batches; give one of each"):
        rescoring(scores, names, names, np.ones(2), ["a"])
    with pytest.raises(InvalidInput, match="two or more refinements"):
        rescoring(scores[:1], names[:1], names[:1], np.ones(1), ["a"])
