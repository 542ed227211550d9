"""The page of docs/closed-forms.md, from the archives that it is made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from paper.closed_forms import BUDGETS, activations, fitted, optimum_row, refined_row, refinements
from paper.closed_forms_data import NAMES, by_mean, noise_of, rank_fit, stored, swept, synflow_fits

from netlore.closed_forms.optimum import optimum
from netlore.closed_forms.synaptic_flow import log_mean_of_values
from netlore.errors import InvalidInput
from netlore.space.families.anynet import anynet

RESULTS = Path(__file__).resolve().parents[2] / "results"


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    return stored(RESULTS, "synflow")


def test_every_stored_score_counts_once(scores: pd.DataFrame) -> None:
    assert not scores.duplicated([*NAMES, "seed", "draw", "classes", "score"]).any()
    sample = scores[scores["run"] == "sample-cifar10"]
    assert 900 < len(sample) <= 1_000 and set(scores["classes"]) == {10, 100}
    one = pd.read_parquet(RESULTS / "laptop" / "sample-cifar10" / "archive.parquet")
    known = set(one.loc[one["predictor"] == "synflow", "score"])
    assert set(sample["score"]) <= known


def test_stored_scores_are_the_mean_flow_and_noise(scores: pd.DataFrame) -> None:
    part = scores.sample(1_500, random_state=0)
    mean, form = synflow_fits(part)
    # Nothing is fitted: the values agree as they are, to about the noise.
    assert mean.r2 > 0.9995 and form.r2 > 0.999
    assert abs(mean.residual.mean()) < 0.5 and mean.residual.std() < 0.9
    low, high = mean.interval
    assert low < mean.r2 < high
    slope, _ = np.polyfit(mean.predicted, mean.scored, 1)
    assert slope == pytest.approx(1, abs=0.003)


def test_noise_is_that_of_scores_of_one_architecture_with_several_weights(scores: pd.DataFrame) -> None:
    part = scores[scores["run"] == "synflow-again"]
    (mean, _), by_hand, free = synflow_fits(part), 0.0, 0
    for _, group in part.groupby(NAMES):
        logs = np.log(group["score"])
        by_hand, free = by_hand + logs.var() * (len(logs) - 1), free + len(logs) - 1
    found = noise_of(part, mean)
    assert found.sd == pytest.approx(np.sqrt(by_hand / free))
    assert found.scores == len(part) and found.architectures == found.scores - free
    # What the mean leaves is that noise and hardly more.
    assert found.sd < found.left < 1.5 * found.sd


def test_the_form_s_optimum_has_the_highest_mean_too_and_nothing_outside_can_have_it(scores: pd.DataFrame) -> None:
    found = optimum(anynet(10, flops=BUDGETS[0]), share=1e-7)
    place, mean, looked_at, bound = by_mean(found)
    assert place < len(found.tied) <= looked_at and mean > bound
    # Of others none is higher, also among those that need not be looked at.
    everyone = log_mean_of_values("anynet", found.values, 10)
    assert (
        everyone.argmax() == place and everyone.max() == pytest.approx(mean) and everyone[looked_at:].max() < bound
    )
    with pytest.raises(InvalidInput, match="raise the share"):
        by_mean(optimum(anynet(10, flops=BUDGETS[0]), share=1e-9))
    row = optimum_row(found, scores)
    assert row["Optimum"] == "d 16,16,16; w 8,16,32; g 8,16,32; b 1,1,1" and row["Tied"] == 4
    # Networks with that form were scored, and their scores are its mean but for noise.
    assert float(row["Scored"].split()[0]) == pytest.approx(mean, abs=1.5)


def test_refinements_stand_beside_the_optimum_of_their_budget() -> None:
    optima = [optimum(anynet(10, flops=budget), share=1e-9) for budget in BUDGETS]
    rows = [refined_row(budget, ends, optima) for budget, ends in refinements(RESULTS / "regimes")]
    assert {row["Budget"] for row in rows} == {"10 to 50 MFLOPs", "50 to 100 MFLOPs", "100 to 200 MFLOPs"}
    assert all(row["Intervals that hold the optimum"].endswith(" of 9") for row in rows)


def test_an_optimum_under_a_larger_budget_is_no_worse() -> None:
    found = [one for _, one in swept("params", (2e4, 2e5, 2e6))]
    assert found[0].value() < found[1].value() < found[2].value()
    assert all((one.measures["params"] <= high).all() for one, high in zip(found, (2e4, 2e5, 2e6), strict=True))


def test_ranks_of_logdet_are_those_of_activations_and_fitted_forms_are_held_out() -> None:
    found = activations(RESULTS)
    by = {row["Ranks of"]: float(row["R2 with ranks of logdet"]) for row in found["rows"]}
    assert by["activations"] > 0.97 > 0.9 > max(by["flops"], by["params"])
    assert found["left"] == pytest.approx(1 - by["activations"], abs=1e-3)
    fits = fitted(RESULTS)
    assert set(fits) == {"logdet", "jacov", "snip", "grad_norm"}
    assert fits["snip"][0].r2 > 0.8 > fits["jacov"][0].r2 > 0.3


def test_a_rank_fit_is_spearman_s_correlation_squared() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    y = np.exp(x) + rng.normal(size=200)
    assert rank_fit("x", y, x).r2 == pytest.approx(pd.Series(x).corr(pd.Series(y), method="spearman") ** 2)
