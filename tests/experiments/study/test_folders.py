"""How far a study's parts are, what stops one beforehand, and which folders it consists of."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlore.errors import DifferentConfiguration, InvalidInput
from netlore.experiments.config import RefineConfiguration, ScoreConfiguration
from netlore.experiments.refine import refine_run
from netlore.experiments.score import score_run
from netlore.experiments.study.config import Part, StudyPlan
from netlore.experiments.study.estimate import forecast_study
from netlore.experiments.study.folders import check, expanded, record_study, study_parts
from netlore.refinement.methods import PAPER
from netlore.storage.documents import checked

SMALL = {"data": "noise", "batch_size": 2, "networks": 3, "flops": [1e6, 12e6]}
SAMPLE = Part("sample-noise", checked(ScoreConfiguration, {**SMALL, "predictors": ["synflow", "logdet"]}))
REFINED = Part("synflow-noise", checked(RefineConfiguration, {**SMALL, "round_limit": 2}), replicates=2)
PLAN = StudyPlan("A study", "small", (SAMPLE, REFINED))


def computed(folder: Path) -> None:
    assert isinstance(SAMPLE.configuration, ScoreConfiguration)
    assert isinstance(REFINED.configuration, RefineConfiguration)
    score_run(SAMPLE.configuration, folder / SAMPLE.name)
    refine_run(REFINED.configuration, folder / REFINED.name, REFINED.replicates)


def test_before_anything_is_computed_everything_is_left(tmp_path: Path) -> None:
    sample, refinement = forecast_study(PLAN, tmp_path / "none")
    assert (sample.total, sample.done, sample.finished) == (3, 0, False)
    # Two replicates of at most two rounds of three networks.
    assert (refinement.total, refinement.done, refinement.finished) == (12, 0, False)
    assert sample.seconds > 0
    assert refinement.seconds > 0
    assert not (tmp_path / "none").exists()


def test_a_refinement_without_a_limit_is_expected_to_take_the_usual_rounds(tmp_path: Path) -> None:
    part = Part("synflow-noise", checked(RefineConfiguration, SMALL))
    (found,) = forecast_study(StudyPlan("", "", (part,)), tmp_path)
    assert found.total == 3 * PAPER.rounds


def test_what_is_computed_is_not_left(tmp_path: Path) -> None:
    computed(tmp_path)
    sample, refinement = forecast_study(PLAN, tmp_path)
    assert (sample.done, sample.finished, sample.seconds) == (3, True, 0.0)
    assert (refinement.finished, refinement.seconds) == (True, 0.0)
    more = Part(REFINED.name, REFINED.configuration, replicates=3)
    further = Part(REFINED.name, REFINED.configuration.model_copy(update={"round_limit": 9}), replicates=2)
    for part in (more, further):
        (found,) = forecast_study(StudyPlan("", "", (part,)), tmp_path)
        assert not found.finished


def test_a_part_of_another_configuration_is_refused_before_anything_runs(tmp_path: Path) -> None:
    computed(tmp_path)
    check(PLAN, tmp_path)
    other = Part(REFINED.name, REFINED.configuration.model_copy(update={"networks": 4}))
    with pytest.raises(DifferentConfiguration, match="networks"):
        check(StudyPlan("", "", (SAMPLE, other)), tmp_path)


def test_a_part_whose_data_are_missing_is_refused_before_anything_runs(tmp_path: Path) -> None:
    missing = Part("synflow-none", checked(RefineConfiguration, {**SMALL, "data": str(tmp_path / "none.parquet")}))
    with pytest.raises(InvalidInput, match=r"none\.parquet"):
        check(StudyPlan("", "", (SAMPLE, missing)), tmp_path)


def test_a_study_stands_for_the_parts_that_have_begun(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    record_study(PLAN, folder)
    with pytest.raises(InvalidInput, match="no part of the study"):
        study_parts(folder)
    assert isinstance(SAMPLE.configuration, ScoreConfiguration)
    score_run(SAMPLE.configuration, folder / SAMPLE.name)
    other = tmp_path / "other"
    assert expanded([other, folder]) == ("A study", [other, folder / SAMPLE.name])
    assert study_parts(other) is None


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "study.json").write_text("{", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"study\.json is no readable JSON"):
        expanded([tmp_path])
