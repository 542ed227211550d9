"""How pictures are read, in configurations: of commands, studies and trainings, and in what folders record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from netlore.data import Reading
from netlore.errors import InvalidInput
from netlore.experiments.config import Configuration, ModulesConfiguration, RefineConfiguration, ScoreConfiguration
from netlore.experiments.reading_config import ReadingConfiguration
from netlore.experiments.reliability_config import ReliabilityConfiguration
from netlore.experiments.study.train_config import TrainPart
from netlore.experiments.train_config import TrainConfiguration, configured
from netlore.experiments.validate_config import ValidateConfiguration
from netlore.storage.documents import checked
from tests.experiments.study.plans import plan
from tests.experiments.trained import SMALL

ALL = {"resize": 40, "crop": 32, "skip_bad": True, "image_column": "picture", "label_column": "kind"}


@pytest.mark.parametrize("kind", [Configuration, RefineConfiguration, ScoreConfiguration, ModulesConfiguration])
def test_documents_of_before_load_and_are_written_as_before(kind: type[Configuration]) -> None:
    written = kind().model_dump(mode="json")
    assert written.keys().isdisjoint(ReadingConfiguration.model_fields)
    assert kind(**written) == kind() and kind().reading == Reading()


def test_what_is_said_is_written_and_read_back() -> None:
    asked = ScoreConfiguration(**ALL)
    written = json.loads(asked.model_dump_json())
    assert {name: written[name] for name in ALL} == ALL
    assert ScoreConfiguration(**written) == asked and asked.reading == Reading(**ALL)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"resize": 0}, "resize = 0"),
        ({"crop": 5_000}, "crop = 5000"),
        ({"image_column": ""}, "image_column = ''"),
        ({"resize": 8.5}, "resize = 8.5"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        checked(ScoreConfiguration, given)


def test_a_square_larger_than_what_it_is_cut_from_is_refused_before_data_are_read() -> None:
    with pytest.raises(InvalidInput, match="crop = 9 is more than the shorter side has after resize = 8"):
        ScoreConfiguration(data="digits", resize=8, crop=9).make_task()


def test_every_batch_is_read_as_it_was_asked_for() -> None:
    small = {"resize": 16, "batch_size": 4}
    assert ScoreConfiguration(data="digits", **small).make_task().resolution == 16
    assert ValidateConfiguration(images="digits", **small).make_task().resolution == 16


def test_conditions_of_reliability_share_sizes_and_columns_are_of_the_data_alone() -> None:
    design = ReliabilityConfiguration(data="birds.parquet", **ALL).design
    for name, one in design.conditions().items():
        sizes = (one.reading.resize, one.reading.crop, one.reading.skip_bad)
        assert sizes == (40, 32, True)
        assert (one.reading.image_column is None) == name.startswith("data-")


def test_parts_of_reliability_have_what_their_condition_says() -> None:
    asked = ReliabilityConfiguration(data="digits", resize=16, networks=1, batch_size=2, factors=("data",))
    for name, part in asked.parts().items():
        assert (part.resize, part.data) == (
            16,
            {"usual": "digits", "data-1": "cifar100", "data-2": "digits"}[name],
        )


def test_a_study_reads_all_its_data_in_one_way(tmp_path: Path) -> None:
    text = """
    data = ["digits"]
    predictors = ["synflow"]
    resize = 16
    [sizes.small]
    sample = 3
    networks = 2
    batch_size = 2
    [[sizes.small.train]]
    architectures = ["baseline/resnet-20"]
    """
    found = plan(tmp_path, text)
    assert [part.configuration.resize for part in found.parts] == [16, 16]
    (training,) = found.trainings
    assert isinstance(training, TrainPart) and training.configuration(SMALL).resize == 16


def test_a_training_of_a_refinement_reads_its_data_as_that_did(monkeypatch: pytest.MonkeyPatch) -> None:
    there = Reading(resize=40, crop=32, skip_bad=True)
    what = "netlore.experiments.train_config._meant"
    monkeypatch.setattr(what, lambda _: (None, SMALL, "photos", there))

    def asked(data: str | None = None, **more: Any) -> TrainConfiguration:
        unsaid = dict.fromkeys(ReadingConfiguration.model_fields)
        return configured("run", data, "smoke", 1, {}, **{**unsaid, "skip_bad": False, **more})

    assert (asked().data, asked().reading) == ("photos", there)
    assert asked(resize=64).reading == Reading(resize=64, skip_bad=True)
    assert asked("others").reading == Reading()
    assert asked("others", crop=8).reading == Reading(crop=8)
