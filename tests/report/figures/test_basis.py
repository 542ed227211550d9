"""Captions say what is drawn, and count the networks without a score of the predictors that a figure shows."""

from __future__ import annotations

from netlore.report.data import StudyData
from netlore.report.figures.figure import of_refinements, of_sample, predictor_looks
from tests.report.conftest import JACOV_ENDS, build


def test_only_predictors_that_are_shown_are_counted(findings: StudyData) -> None:
    sample = findings.samples[0]
    assert of_sample(sample, ["jacov"]).endswith("seed 0; left out without a score: 2 of jacov.")
    assert of_sample(sample, sample.predictors).endswith("score: 1 of grad_norm and 2 of jacov.")
    assert of_sample(sample, ["synflow"]).endswith("without a score: none.")


def test_refinements_are_named_by_how_many_networks_a_round_had(findings: StudyData) -> None:
    runs = findings.refined("cifar10")
    assert of_refinements(runs) == "cifar10 (synflow, jacov): 500 networks a round, seed 0."
    other = build(JACOV_ENDS, seed=3, predictor="jacov", networks=1007)
    assert of_refinements([runs[0], other]) == (
        "cifar10 (synflow): 500 networks a round, seed 0; cifar10 (jacov): 1,007 networks a round, seed 3."
    )


def test_a_predictor_has_a_look_by_its_place_in_the_study(findings: StudyData) -> None:
    assert list(predictor_looks(findings)) == ["grad_norm", "synflow", "jacov"]
