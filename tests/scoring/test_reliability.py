"""The reliability of predictors: tables of scores that are written down, and scores that are made."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import rankdata

import netlore as nl
from netlore.scoring.factors import USUAL, ReliabilityDesign
from netlore.scoring.reliability import PredictorReliability, reliability_of, values_of
from netlore.scoring.transforms import LOG
from netlore.storage.score_table import Score, ScoreRow, ScoreTable

DRAWN = nl.sample(nl.anynet(flops=(1e6, 5e6)), 30, seed=0)
DESIGN = ReliabilityDesign(factors=("weights", "batches"), draws=2, batches=2)
RNG = np.random.default_rng(1)
OWN, LUCK = RNG.uniform(1, 9, size=(30, 1)), RNG.normal(size=(30, 3))


def table(values: np.ndarray, predictor: str = "snip") -> ScoreTable:
    """Scores of shape (networks, draws), NaN for one that is missing."""
    rows = []
    for one, of_one in zip(DRAWN, values, strict=True):
        for draw, value in enumerate(of_one):
            found = Score(None, "degenerate", "all alike") if math.isnan(value) else Score(float(value))
            rows.append(ScoreRow(one, 0, draw, predictor, found))
    return ScoreTable(rows, 10)


def judged(usual: np.ndarray, other: np.ndarray) -> PredictorReliability:
    found = reliability_of(DESIGN, {USUAL: table(usual), "batch-1": table(other)}, {"snip": LOG}, resamples=200)
    return found.predictors["snip"]


def test_noise_of_initial_weights_and_of_batches_adds_up_to_the_ceiling() -> None:
    usual = OWN + LUCK[:, :2]
    found = judged(usual, OWN + LUCK[:, :1] + 0.5 * LUCK[:, 2:])
    by_weights, by_batches = (1 - found.factors[name].icc.value for name in ("weights", "batches"))
    ranks = rankdata(usual).reshape(usual.shape)
    between = 2 * ranks.mean(axis=1).var(ddof=1)
    within = ((ranks - ranks.mean(axis=1, keepdims=True)) ** 2).sum() / 30
    assert by_weights == pytest.approx(1 - (between - within) / (between + within))
    assert found.noise == pytest.approx(1 - 1 / (1 + sum(one / (1 - one) for one in (by_weights, by_batches))))
    assert found.ceiling.value == pytest.approx(math.sqrt(1 - found.noise))
    assert found.ceiling.low < found.ceiling.value < found.ceiling.high
    assert found.tau_ceiling == pytest.approx(2 / math.pi * math.asin(found.ceiling.value))


def test_networks_without_all_scores_are_left_out_of_a_factor_and_counted() -> None:
    usual = OWN + LUCK[:, :2]
    usual[3, 1] = usual[4, 0] = math.nan
    found = judged(usual, OWN)
    assert found.failed == 2
    assert [found.factors[name].dropped for name in ("weights", "batches")] == [2, 1]
    assert found.factors["weights"].icc.n == found.reliability.n == 28 and found.factors["batches"].icc.n == 29
    kept = np.delete(usual, [3, 4], axis=0)
    without = judged(np.where(np.isnan(usual).any(axis=1, keepdims=True), math.nan, usual), OWN)
    assert without.factors["weights"].icc == found.factors["weights"].icc and len(kept) == 28


def test_what_cannot_be_said_has_a_reason() -> None:
    few = np.full((30, 2), math.nan)
    few[:5] = OWN[:5]
    found = judged(few, OWN)
    assert found.noise is None and found.reliability.reason == "5 networks have all scores, and 10 are needed"
    alike = judged(np.ones((30, 2)), np.ones((30, 1)))
    assert alike.noise is None and alike.ceiling.reason == "all scores are equal"
    below = judged(OWN - 20 + LUCK[:, :2], OWN - 20)
    assert below.factors["weights"].agreement.reason == "ln S of some scores is undefined"
    assert below.factors["weights"].icc.value is not None, "ranks need no scale"


def test_conditions_that_are_missing_leave_out_their_factor() -> None:
    found = reliability_of(DESIGN, {USUAL: table(OWN + LUCK[:, :2])}, {}).predictors["snip"]
    assert list(found.factors) == ["weights"] and found.ceiling.value is not None
    chosen = replace(DESIGN, factors=("precision",))
    other = reliability_of(chosen, {USUAL: table(OWN), "float64": table(OWN)}, {}).predictors["snip"]
    assert other.noise is None and other.ceiling.reason == "no factor that is drawn was varied"
    assert other.factors["precision"].noise == 0


@pytest.mark.parametrize(("value", "scores"), [(0.0, None), (0.5, 9), (0.9, 1), (1.0, 1)])
def test_the_number_of_scores_whose_mean_is_reliable(value: float, scores: int | None) -> None:
    found = judged(OWN + LUCK[:, :2], OWN)
    assert replace(found, reliability=found.reliability._replace(value=value)).scores_for(0.9) == scores


def test_networks_are_scored_under_every_condition() -> None:
    design = ReliabilityDesign("noise", 2, draws=2, batches=2, batch_sizes=(2, 4), others=("digits",))
    seen: list[tuple[int, int]] = []
    found = nl.reliability(
        DRAWN[:10], ("params", "synflow", "jacov"), design, progress=lambda *of: seen.append(of)
    )
    assert seen[-1] == (60, 60) and [*found.tables] == [*design.conditions()]
    params, synflow, jacov = found.predictors.values()
    assert params.noise == 0 and params.ceiling.value == 1
    assert synflow.factors["batches"].noise == synflow.factors["batch-sizes"].noise == 0, "it sees no image"
    assert synflow.noise == pytest.approx(synflow.factors["weights"].noise)
    assert synflow.noise < 0.3 < jacov.noise
    assert found.frame["predictor"].tolist() == ["params", "synflow", "jacov"]
    assert values_of(jacov)["icc_weights"] == jacov.factors["weights"].icc.value
