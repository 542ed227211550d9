"""Trainings of a study: what its tables mean, what is refused, what is left, and what becomes of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netlore.errors import DifferentConfiguration, InvalidInput, UnknownName
from netlore.experiments.select import ARCHITECTURE, as_document
from netlore.experiments.study import estimate as studying
from netlore.experiments.study.config import planned, read_study
from netlore.experiments.study.estimate import forecast_study
from netlore.experiments.study.folders import check, record_study, study_parts
from netlore.experiments.train import folder_of
from netlore.space import named as catalogue
from netlore.storage.documents import write_document
from netlore.study import train_parts
from netlore.training.records import RECORD
from tests.experiments.trained_studies import OTHER, SMALL, TOML, plan_of

pytest.importorskip("lightning", reason="the extra `train` is not installed")

STUDIES = Path(__file__).parents[3] / "studies"
TABLES = """
title = "Tables"
data = ["noise", "digits"]
predictors = ["synflow", "jacov"]

[[sizes.all.train]]
architectures = ["picked", "baseline/resnet-20"]
recipe = "paper"

[[sizes.all.train]]
architectures = ["picked", "paper/cifar10/jacov"]
data = "images/own.parquet"
refined_on = "digits"
epochs = 3
replicates = 2
"""


def silent(label: str, done: int, total: int, unit: str = "networks", note: str = "") -> None:
    """Progress that is shown to nobody."""


def test_every_architecture_and_data_set_is_a_part(tmp_path: Path) -> None:
    found = plan_of(tmp_path, TABLES, "all")
    assert [(part.name, part.data) for part in found.trainings] == [
        ("train-synflow-noise", "noise"),
        ("train-jacov-noise", "noise"),
        ("train-synflow-digits", "digits"),
        ("train-jacov-digits", "digits"),
        ("train-resnet-20-noise", "noise"),
        ("train-resnet-20-digits", "digits"),
        ("train-synflow-digits-on-own", "images/own.parquet"),
        ("train-jacov-digits-on-own", "images/own.parquet"),
        ("train-paper-cifar10-jacov-own", "images/own.parquet"),
    ]
    assert found.names == (*(part.name for part in found.parts), *(part.name for part in found.trainings))
    first, named, last = found.trainings[0], found.trainings[4], found.trainings[-1]
    # What is picked nobody knows before the refinement is done.
    assert (first.architecture, first.refinement) == (None, "synflow-noise")
    assert (named.architecture, named.refinement) == (catalogue.named("baseline/resnet-20"), None)
    assert named.configuration(named.architecture).settings.epochs == 300
    assert (last.configuration(last.architecture).settings.epochs, list(last.seeds)) == (3, [0, 1])


def test_a_part_is_what_the_command_that_trains_would_do(tmp_path: Path) -> None:
    picked, given = plan_of(tmp_path).trainings
    configuration = given.configuration(SMALL)
    assert (configuration.architecture, configuration.make_architecture()) == (None, SMALL)
    assert (configuration.data, configuration.seed, configuration.device) == (str(tmp_path / "shades"), 3, "cpu")
    assert (configuration.settings.batch_size, configuration.settings.epochs) == (16, 3)
    assert set(configuration.changed) == {"epochs", "batch_size", "learning_rate"}
    assert picked.configuration(SMALL) == configuration
    named = planned(read_study(STUDIES / "training.toml"), "smoke").trainings[0]
    assert named.configuration(catalogue.named("baseline/resnet-20")).name == "baseline/resnet-20"


@pytest.mark.parametrize(("size", "parts"), [("paper", 26), ("laptop", 13), ("smoke", 2)])
def test_the_study_that_only_trains(size: str, parts: int) -> None:
    found = planned(read_study(STUDIES / "training.toml"), size)
    assert (found.parts, len(found.trainings)) == ((), parts)


def test_the_whole_paper_trains_what_it_refined() -> None:
    study = read_study(STUDIES / "paper.toml")
    assert planned(study, "whole").parts == planned(study, "paper").parts
    found = planned(study, "whole").trainings
    assert len(found) == 2 * (7 + 6)
    assert {part.refinement for part in found} >= {"jacov-cifar10", "logdet-cifar100"}
    assert {part.table.recipe for part in found} == {"paper"}
    assert all(not planned(study, size).trainings for size in ("paper", "laptop", "smoke"))


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('recipe = "smoke"\nepochs = 3', 'recipe = "slow"', "recipe 'slow' is not known"),
        ("learning_rate = 0.05", "rate = 0.05", "recipe key 'rate' is not known"),
        ("learning_rate = 0.05", "learning_rate = -1", "learning_rate = -1 is not allowed"),
        ("learning_rate = 0.05", "learning_rate = 2020-01-01", "is not allowed"),
        ("epochs = 3", "epochs = 0", "epochs = 0 is not allowed"),
        ("epochs = 3", "epoch = 2", r"sizes\.small\.train\.0\.epoch = 2 is not allowed"),
        ("epochs = 3", 'validation = "apart"', "belongs to one data set"),
        ("epochs = 3", 'refined_on = "noise"', "refined_on = 'noise' is no data set that is refined on"),
        ('"picked"', '"baseline/resnet-21"', "architecture 'baseline/resnet-21' is not known"),
        ('"picked"', '"baseline/resnet-20", "baseline/resnet-20"', "2 trainings .* folder train-resnet-20-shades"),
        ('"picked"', '"{}"', 'has no "values"'),
        ('predictors = ["jacov"]', "predictors = []", "'picked' stands for"),
    ],
)
def test_what_is_refused_before_anything_is_computed(
    tmp_path: Path, before: str, after: str, complaint: str
) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        plan_of(tmp_path, TOML.replace(before, after, 1))


@pytest.mark.parametrize(
    "text", ['title = "none"\n[sizes.none]\npredictors = []', TOML + "\n[sizes.none]\nsample = 3"]
)
def test_a_size_needs_something_to_do(tmp_path: Path, text: str) -> None:
    text = text.replace('["jacov"]', "[]") if "sample" in text else text
    with pytest.raises(InvalidInput, match="has no predictors to score by"):
        plan_of(tmp_path, text, "none")


def test_data_and_devices_are_tried_beforehand(tmp_path: Path) -> None:
    missing = TOML.replace("epochs = 1", f'epochs = 1\ndata = "{tmp_path / "none.parquet"}"')
    with pytest.raises(InvalidInput, match=r"none\.parquet"):
        check(plan_of(tmp_path, missing, "trained"), tmp_path)
    with pytest.raises(InvalidInput, match="device 'abacus' cannot be used"):
        check(plan_of(tmp_path, 'device = "abacus"\n' + TOML, "trained"), tmp_path)


def test_what_is_trained_is_not_left_and_no_other_training_is_mixed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(tmp_path, size="trained")
    (before,) = forecast_study(plan, tmp_path / "none")
    assert (before.total, before.done, before.finished) == (1, 0, False)
    assert before.seconds > 0
    assert not (tmp_path / "none").exists()

    train_parts(plan, tmp_path, 1, silent)
    (after,) = forecast_study(plan, tmp_path)
    assert (after.done, after.finished, after.seconds) == (1, True, 0.0)
    check(plan, tmp_path)
    with pytest.raises(DifferentConfiguration, match="epochs is 1 there and 2 here"):
        check(plan_of(tmp_path, TOML.replace("epochs = 1", "epochs = 2"), "trained"), tmp_path)

    # What further seeds take is known from the epochs that are recorded; nothing is measured again.
    monkeypatch.setattr(studying, "seconds_an_epoch", None)
    (more,) = forecast_study(plan_of(tmp_path, TOML + "replicates = 3", "trained"), tmp_path)
    record = json.loads((folder_of(tmp_path / more.part.name, 3) / RECORD).read_text(encoding="utf-8"))
    (epoch,) = record["epochs"]
    assert (more.total, more.done, more.finished) == (3, 1, False)
    assert more.seconds == pytest.approx(2 * (epoch["seconds"] + epoch["validation_seconds"]))


def test_a_training_that_stopped_early_has_nothing_left(tmp_path: Path) -> None:
    # Without a step that moves anything the error stays what it is after the first epoch.
    text = TOML.replace("epochs = 1\nset = { batch_size = 16", "epochs = 9\nset = { ema = 0.9, early_stopping = 1")
    plan = plan_of(
        tmp_path, text.replace("early_stopping = 1", "early_stopping = 1, learning_rate = 1e-9"), "trained"
    )
    (made,) = train_parts(plan, tmp_path, 1, silent)
    assert made.run is not None and 2 <= len(made.run.records[0].epochs) < 9
    (after,) = forecast_study(plan, tmp_path)
    assert (after.total, after.finished, after.seconds) == (len(made.run.records[0].epochs), True, 0.0)


def test_a_network_that_is_not_picked_yet_has_a_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = []

    def pace(architecture: object, *rest: object) -> float:
        measured.append(architecture)
        return 2.0

    monkeypatch.setattr(studying, "seconds_an_epoch", pace)
    plan = plan_of(tmp_path)
    assert [one.seconds for one in forecast_study(plan, tmp_path)][1:] == [6.0, 6.0]
    assert measured[0] not in (SMALL, OTHER)
    # Once it is picked it is known, and if it is the same network as another's it is measured once.
    (tmp_path / "jacov-shades").mkdir()
    measured.clear()
    write_document(tmp_path / "jacov-shades" / ARCHITECTURE, as_document(SMALL))
    forecast_study(plan, tmp_path)
    assert measured == [SMALL]


def test_one_network_under_two_names_is_trained_once(tmp_path: Path) -> None:
    write_document(tmp_path / "mine.json", as_document(SMALL))
    second = f"""
[[sizes.trained.train]]
architectures = ["{tmp_path / "mine.json"}"]
recipe = "smoke"
epochs = 1
set = {{ batch_size = 16 }}
replicates = 2
"""
    plan = plan_of(tmp_path, TOML + second, "trained")
    names = [part.name for part in plan.trainings]
    assert names == [f"train-{SMALL.id}-shades", "train-mine-shades"]
    first, other = train_parts(plan, tmp_path, 1, silent)
    assert (first.folder, other.folder) == (names[0], names[0])
    assert first.run is not None and other.run is not None
    assert [record.seed for record in other.run.records] == [3, 4]
    assert first.run.records[0].error == other.run.records[0].error
    record_study(plan, tmp_path)
    assert study_parts(tmp_path) == ("Refined and trained", [tmp_path / names[0]])
    assert [one.finished for one in forecast_study(plan, tmp_path)] == [True, True]


def test_a_training_that_comes_to_nothing_does_not_stop_the_others(tmp_path: Path) -> None:
    text = TOML.replace("batch_size = 16 }", "batch_size = 16, learning_rate = 1e30 }")
    fine = f"""
[[sizes.trained.train]]
architectures = ['{OTHER.to_json()}']
recipe = "smoke"
epochs = 1
"""
    plan = plan_of(tmp_path, text + fine, "trained")
    lost, kept = train_parts(plan, tmp_path, 1, silent)
    assert (lost.run, kept.reason) == (None, "")
    assert "lower learning_rate = 1e+30" in lost.document()["reason"]
    assert kept.document()["architecture"] == OTHER.id
    record_study(plan, tmp_path)
    # It has begun, but there is nothing to report of it.
    assert (tmp_path / lost.folder / "run.json").is_file()
    assert study_parts(tmp_path) == ("Refined and trained", [tmp_path / kept.folder])


def test_where_nothing_can_be_picked_the_others_are_trained(tmp_path: Path) -> None:
    picked, given = train_parts(plan_of(tmp_path), tmp_path, 1, silent)
    assert picked.run is None
    assert "jacov-shades" in picked.reason  # there is no such refinement
    assert given.run is not None
    assert not (tmp_path / picked.folder).exists()


def test_without_the_extra_only_studies_that_train_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netlore.training import trainer

    monkeypatch.setattr(trainer, "find_spec", lambda name: None)
    with pytest.raises(InvalidInput, match=r"pip install 'netlore\[train\]'"):
        check(plan_of(tmp_path), tmp_path)
    text = TOML.split("[[sizes.small.train]]")[0]
    check(plan_of(tmp_path, text), tmp_path)


def test_an_unknown_size_has_no_trainings(tmp_path: Path) -> None:
    with pytest.raises(UnknownName):
        plan_of(tmp_path, size="huge")
