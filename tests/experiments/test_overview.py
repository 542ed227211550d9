"""What is said of many scores: counted exactly, in one reading; and networks drawn at random, always the same."""

from __future__ import annotations

import math
import random
import statistics

import pytest

import netlore as nl
from netlore.experiments.overview import BEST, drawn_and_overview, overview
from netlore.storage.score_table import Score, ScoreRow

ARCHITECTURES = sorted(nl.sample(nl.anynet(), 60, seed=0), key=lambda one: one.id)
VALUES = random.Random(0).sample(range(1000), 120)


def scored(place: int, predictor: str) -> Score:
    """Of the first networks one predictor has none."""
    if predictor == "b" and place < 15:
        return Score(None, "error", "too deep", 0.5)
    return Score(float(VALUES[2 * place + (predictor == "b")]), seconds=0.25)


ROWS = [ScoreRow(one, 0, 0, name, scored(place, name)) for place, one in enumerate(ARCHITECTURES) for name in "ab"]


def values(predictor: str) -> list[float]:
    return [row.score.value for row in ROWS if row.predictor == predictor and row.score.value is not None]


def test_everything_is_counted_and_ordered() -> None:
    found = overview(iter(ROWS))
    assert found.networks == 60 and found.failed == 15 and found.failures == tuple(ROWS[1:20:2])
    assert [*found.summary] == ["predictor", "scored", "failed", "lowest", "median", "highest", "seconds"]
    for row in found.summary.to_dict("records"):
        own = values(row["predictor"])
        assert (row["scored"], row["failed"]) == (len(own), 60 - len(own))
        assert (row["lowest"], row["highest"]) == (min(own), max(own))
        assert row["median"] == statistics.median(own)
    assert found.summary["seconds"].tolist() == pytest.approx([15.0, 45 * 0.25 + 15 * 0.5])


def test_the_best_are_those_of_all() -> None:
    best = overview(ROWS).best
    for predictor in "ab":
        own = [row.score.value for row in best if row.predictor == predictor]
        assert own == sorted(values(predictor), reverse=True)[:BEST]


def test_no_scores_have_an_overview() -> None:
    assert overview([]).networks == 0
    (row,) = overview([ROWS[1]]).summary.to_dict("records")
    assert (row["scored"], row["failed"]) == (0, 1) and math.isnan(row["median"])


def test_networks_are_drawn_whole_in_their_order_and_always_the_same() -> None:
    drawn, found = drawn_and_overview(iter(ROWS), 25)
    assert drawn == [row for row in ROWS if row in drawn], "the order is that of all"
    assert len(drawn) == 50 and len({row.architecture for row in drawn}) == 25
    assert drawn == drawn_and_overview(ROWS, 25)[0]
    assert found.summary.equals(overview(ROWS).summary)
    assert drawn_and_overview(ROWS, 60)[0] == drawn_and_overview(ROWS, 1000)[0] == ROWS
    fewer = drawn_and_overview(ROWS, 10)[0]
    assert all(row in drawn for row in fewer)


def test_draws_of_one_architecture_are_drawn_apart() -> None:
    rows = [ScoreRow(ARCHITECTURES[0], 0, draw, "a", Score(float(draw))) for draw in range(1000)]
    drawn, found = drawn_and_overview(rows, 200)
    assert len(drawn) == 200 and found.networks == 1000
    # Uniform on 0 to 999: the mean of 200 is 499.5, with a standard deviation of 18.
    assert abs(statistics.mean(row.draw for row in drawn) - 499.5) < 60
