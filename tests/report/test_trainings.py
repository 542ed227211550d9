"""Only what is alike is compared, and only finished seeds count; scores are joined by architecture."""

from __future__ import annotations

import dataclasses
import doctest

import numpy as np
import pandas as pd
import pytest

from netlore.report import names as naming
from netlore.report.data import RefinementData, StudyData
from netlore.report.page.study import study_page
from netlore.report.trainings import (
    ScoreComparison,
    by_source,
    counted,
    data_labels,
    error_spread,
    mean_error,
    score_comparisons,
    training_groups,
    training_notes,
)
from tests.report.conftest import SYNFLOW_ENDS
from tests.report.tabled import (
    evaluated,
    four_trained,
    only,
    record,
    refinement,
    small_sample,
    small_study,
    trained,
)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(naming).failed == 0


def test_groups_share_images_recipe_and_epochs() -> None:
    runs = [
        trained("a", record([5.0])),
        trained("b", record([5.0]), recipe="paper"),
        trained("c", record([5.0]), data="digits"),
        trained("d", record([5.0], planned=2)),
        trained("e", record([5.0]), validation_images=7),
        trained("f", record([5.0]), training_images=7),
        trained("g", record([4.0])),
    ]
    found = [[one.name for one in group.trainings] for group in training_groups(runs)]
    assert found == [["a", "g"], ["b"], ["c"], ["d"], ["e"], ["f"]]


def test_seeds_that_are_not_finished_count_only_while_none_is() -> None:
    a, b, c, d = four_trained()
    assert [len(counted(one)) for one in (a, b, c, d)] == [1, 2, 1, 1]
    assert [mean_error(one) for one in (a, b, c, d)] == [20.0, 12.5, 10.0, 12.0]
    assert [error_spread(one) for one in (a, b, c, d)] == [None, pytest.approx(0.5**0.5), None, None]
    (group,) = training_groups((a, b, c, d))
    assert [one.name for one in group.finished] == ["a", "b", "c"]
    assert group.seeds == (0, 1)


def test_a_network_that_does_not_learn_is_named_in_one_line_on_the_page() -> None:
    records = (evaluated(), evaluated(predicted_classes=1), evaluated(loss=2.19))
    said = training_notes("a", records)
    assert said == [
        "a, seed 7, epoch 1: the network does not learn: it takes all validation images for one class, with an "
        "error of 30.00 %.",
        "a, seed 7, epoch 1: the network does not learn: the training loss, 2.190, is not 1 % below 2.200, which "
        "is had by class frequencies alone.",
    ]
    assert study_page(only(small_study(), trainings=(trained("a", *records),))).notes == said


def test_data_sets_are_called_by_short_names_unless_these_are_alike() -> None:
    one, other, third = (trained("a", record([5.0]), data=data) for data in ("x/d.parquet", "y/d.parquet", "e"))
    assert data_labels([one, third]) == {"x/d.parquet": "d", "e": "e"}
    assert data_labels([one, other]) == {"x/d.parquet": "x/d.parquet", "y/d.parquet": "y/d.parquet"}


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
