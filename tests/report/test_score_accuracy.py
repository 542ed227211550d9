"""Scores and accuracies are joined by architecture, and only what is comparable is compared."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from netlore.report.data import RefinementData, StudyData
from netlore.report.score_accuracy import ScoreComparison, by_source, score_comparisons
from tests.report.conftest import SYNFLOW_ENDS
from tests.report.tabled import four_trained, only, record, refinement, small_sample, small_study, trained


@pytest.fixture(scope="module")
def study() -> StudyData:
    return dataclasses.replace(small_study(), trainings=four_trained())


def values_of(found: list[ScoreComparison]) -> list[tuple[object, ...]]:
    return [(one.what, one.correlation.n, one.correlation.dropped, one.correlation.tau) for one in found]


def test_predictors_come_first_and_costs_are_their_yardsticks(study: StudyData) -> None:
    found = score_comparisons(study)
    # Of a, b and c, whose errors fall; d is not finished.
    assert values_of(found) == [
        ("grad_norm", 3, 0, pytest.approx(-1 / 3)),
        ("synflow", 3, 0, pytest.approx(1.0)),
        ("jacov", 1, 2, None),
        ("flops", 3, 0, pytest.approx(1.0)),
        ("params", 3, 0, pytest.approx(1.0)),
        ("activations", 3, 0, pytest.approx(1.0)),
    ]
    assert {one.source for one in found} == {"cifar10 (sample, seed 0)"}
    assert found[1].values.tolist() == [1e3, 1e30, 4e30]
    assert found[1].errors.tolist() == [20.0, 12.5, 10.0]
    assert [one.of_predictor for one in found] == [True] * 3 + [False] * 3
    assert by_source(found) == [found]


def test_the_data_sets_may_have_different_names(study: StudyData) -> None:
    elsewhere = tuple(dataclasses.replace(one, data="a/b.parquet") for one in study.trainings)
    found = score_comparisons(dataclasses.replace(study, trainings=elsewhere))
    assert {(one.group.label, one.source) for one in found} == {("b", "cifar10 (sample, seed 0)")}


def test_two_networks_or_another_recipe_are_not_compared(study: StudyData) -> None:
    a, b, c, d = study.trainings
    assert score_comparisons(dataclasses.replace(study, trainings=(a, b, d))) == []
    other = dataclasses.replace(c, recipe="paper")
    assert score_comparisons(dataclasses.replace(study, trainings=(a, b, other, d))) == []
    assert score_comparisons(only(study)) == []


def scored_refinement(seeds: int) -> RefinementData:
    """a is drawn three times; d has no score that is finite."""
    one = refinement(SYNFLOW_ENDS, seeds, 1.0)
    frame = pd.DataFrame({"architecture": list("aaabcd"), "synflow": [1.0, 5.0, 2.0, 3.0, 4.0, np.inf]})
    entry = dataclasses.replace(one.first.rounds[0], frame=frame)
    refinements = tuple(dataclasses.replace(each, rounds=(entry,)) for each in one.refinements)
    return dataclasses.replace(one, refinements=refinements)


def test_a_refinement_s_scores_are_on_its_scale_and_the_median_of_draws(study: StudyData) -> None:
    finished = (*study.trainings[:3], trained("d", record([30.0, 9.0])), trained("e", record([30.0, 8.0])))
    (found, *costs) = score_comparisons(only(study, refinements=(scored_refinement(1),), trainings=finished))
    assert found.source == "cifar10 (refinement for synflow, seed 0)"
    assert (found.what, found.scale) == ("synflow", "ln S")
    assert found.values[:3] == pytest.approx([2.0, 3.0, 4.0])
    assert np.isnan(found.values[3:]).all()
    assert (found.correlation.n, found.correlation.dropped) == (3, 2)
    # d is scored, though in vain, so its costs count; e is not.
    assert [(one.correlation.n, one.correlation.dropped) for one in costs] == [(4, 1)] * 3


def test_scores_of_different_runs_are_never_mixed(study: StudyData) -> None:
    both = only(study, samples=(small_sample(),), refinements=(scored_refinement(2),), trainings=four_trained())
    sources = [(found[0].source, len(found)) for found in by_source(score_comparisons(both))]
    assert sources == [("cifar10 (sample, seed 0)", 6), ("cifar10 (refinement for synflow, 2 seeds)", 4)]
