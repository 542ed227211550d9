"""Which networks are shown when there are too many: samples first, rounds evenly, the best always."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from netlore.report.data import StudyData
from netlore.report.explorer.subsample import evenly, shares, thinned
from tests.report.explored import study


@pytest.fixture(scope="module")
def findings() -> StudyData:
    return study(100, 240, rounds=4)


def test_nothing_is_left_out_below_the_limit(findings: StudyData) -> None:
    samples, refined = thinned(findings, 340)
    assert samples[0].tolist() == list(range(100))
    assert refined[0].tolist() == list(range(240))


def test_the_sample_comes_first_and_rounds_share_the_rest(findings: StudyData) -> None:
    """60 of 160 are left for the refinement: 20 best, all in round 4, and 10 more of every round."""
    samples, refined = thinned(findings, 160)
    assert len(samples[0]) == 100
    rounds = findings.refinements[0].networks["round"].to_numpy()[refined[0]]
    assert np.bincount(rounds).tolist() == [0, 10, 10, 10, 30]


def test_the_best_are_always_shown(findings: StudyData) -> None:
    """Even where there is no room at all; scores that are missing are not among the best."""
    samples, refined = thinned(findings, 0)
    networks = findings.refinements[0].networks
    assert networks["score"].to_numpy()[refined[0]].min() == networks["score"].nlargest(20).min()
    for name in findings.samples[0].predictors:
        best = findings.samples[0].frame[name].nlargest(20).index
        assert set(best) <= set(samples[0].tolist())


def test_the_best_of_every_replicate_are_shown(findings: StudyData) -> None:
    one = findings.refinements[0]
    rounds = tuple(dataclasses.replace(entry, frame=entry.frame.assign(seed=7)) for entry in one.first.rounds)
    other = dataclasses.replace(one.first, seed=7, rounds=rounds)  # type: ignore[type-var]
    both = dataclasses.replace(one, refinements=(one.first, other))
    networks = both.networks
    twice = dataclasses.replace(findings, samples=(), refinements=(both,))
    refined = thinned(twice, 0)[1]
    assert networks["seed"].to_numpy()[refined[0]].tolist().count(7) == 20
    assert len(refined[0]) == 40


@pytest.mark.parametrize(
    ("sizes", "room", "expected"),
    [([10, 100, 100], 70, [10, 30, 30]), ([], 5, []), ([3], 100, [3]), ([4, 4], 0, [0, 0]), ([4, 4], -9, [0, 0])],
)
def test_a_room_is_shared_evenly(sizes: list[int], room: int, expected: list[int]) -> None:
    assert shares(sizes, room) == expected


def test_rows_are_chosen_evenly() -> None:
    assert evenly(np.arange(100), 4).tolist() == [0, 25, 50, 75]
    assert evenly(np.arange(3), 0).tolist() == []
