"""Captions count the networks without a score, of the predictors that a figure shows."""

from __future__ import annotations

from netlore.report.data import StudyData
from netlore.report.figures.missing import without_score


def test_only_predictors_that_are_shown_are_counted(findings: StudyData) -> None:
    sample = findings.samples[0]
    assert without_score(sample, ["jacov"]) == "without a score, and left out: 2 of jacov"
    assert without_score(sample, sample.predictors).endswith("left out: 1 of grad_norm and 2 of jacov")
    assert without_score(sample, ["synflow"]) == without_score(sample, []) == "none without a score"
