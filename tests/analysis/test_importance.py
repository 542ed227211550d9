"""Importance on data whose cause is known, and against R^2 worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from netlore.analysis import importance as module
from netlore.analysis.importance import importance
from netlore.errors import InvalidInput

RNG = np.random.default_rng(0)
COLUMNS = {name: RNG.integers(1, 17, 300) for name in ("d1", "d2", "d3")}
NOISE = RNG.normal(size=300)


def test_what_decides_the_score_matters_and_nothing_else_does() -> None:
    found = importance(COLUMNS, np.exp(COLUMNS["d3"] / 2.0))
    assert found.names == ("d1", "d2", "d3")
    assert found.n == 300
    assert found.r2 > 0.99
    # A perfect forest that sees a shuffled cause predicts the rank of another network: R^2 = 1 - 2 Var / Var = -1.
    assert found.values[2] == pytest.approx(2, abs=0.25)
    assert np.abs(found.values[:2]).max() < 0.01
    assert found.spread.shape == (3,)
    assert (found.spread[2] > 0) and (found.spread[:2] < 0.01).all()


def test_of_two_causes_the_stronger_matters_more() -> None:
    found = importance(COLUMNS, 2.0 * COLUMNS["d1"] + COLUMNS["d2"])
    assert found.values[0] > found.values[1] > 0.1 > abs(found.values[2])


def test_noise_is_not_explained() -> None:
    found = importance(COLUMNS, NOISE)
    assert found.r2 < 0.1
    assert np.abs(found.values).max() < 0.3


def test_only_the_order_of_scores_matters_and_seeds_repeat() -> None:
    scores = COLUMNS["d1"] + NOISE
    found, again, other = (
        importance(COLUMNS, scores),
        importance(COLUMNS, np.exp(scores)),
        importance(COLUMNS, scores, seed=1),
    )
    np.testing.assert_array_equal(found.values, again.values)
    np.testing.assert_array_equal(found.spread, again.spread)
    assert found.r2 == again.r2
    assert found.r2 != other.r2


def test_mean_and_spread_are_over_folds(monkeypatch) -> None:
    held_out = []

    def losses(learned, held, owners, seed):
        held_out.extend(held[0][:, 0])
        assert not set(learned[0][:, 0]) & set(held[0][:, 0])
        return [(0.5, np.array([1.0, 0.0])), (0.7, np.array([3.0, 0.0]))][len(held_out) // 15 - 1]

    monkeypatch.setattr(module, "_losses", losses)
    found = importance({"a": np.arange(30), "b": np.ones(30)}, np.arange(30.0), folds=2)
    assert sorted(held_out) == list(range(30))
    assert found.values.tolist() == [2.0, 0.0]
    assert found.spread == pytest.approx([2**0.5, 0])  # sqrt(((1 - 2)^2 + (3 - 2)^2) / (2 - 1))
    assert found.r2 == pytest.approx(0.6)


def test_networks_without_a_score_are_left_out() -> None:
    scores = np.where(np.arange(300) < 40, np.nan, COLUMNS["d1"] + NOISE)
    found = importance(COLUMNS, scores)
    kept = importance({name: column[40:] for name, column in COLUMNS.items()}, scores[40:])
    assert found.n == 260
    np.testing.assert_array_equal(found.values, kept.values)


@pytest.mark.parametrize(
    ("scores", "folds", "message"),
    [
        (np.arange(24.0), 5, "give 25 or more"),
        (np.ones(30), 5, "All 30 scores equal 1"),
        (np.arange(30.0), 1, "folds = 1"),
    ],
)
def test_what_cannot_be_explained_is_refused(scores, folds, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        importance({"d1": np.arange(len(scores))}, scores, folds=folds)
