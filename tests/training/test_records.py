"""Which epoch counts, when a training is over, and what says that a network does not learn."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from netlore.storage.documents import read_document
from netlore.training.records import EpochRecord, TrainingRecord

RESULTS = Path(__file__).parents[2] / "results" / "training"


def epoch(number: int, error: float, **more: object) -> EpochRecord:
    plain = {"learning_rate": 0.1, "loss": 1.0, "training_error": 50.0, "validation_loss": 1.0}
    times = {"seconds": 1.0, "batch_seconds": 0.1, "validation_seconds": 0.1}
    return EpochRecord.model_validate({"epoch": number, "error": error, **plain, **times, **more})


def record(errors: list[float], patience: int = 0, planned: int = 9, **more: object) -> TrainingRecord:
    epochs = tuple(epoch(number, error) for number, error in enumerate(errors, 1))
    given = {"seed": 0, "images": 100, "planned": planned, "early_stopping": patience}
    return TrainingRecord.model_validate({**given, "epochs": epochs, **more})


@pytest.mark.parametrize(
    ("errors", "patience", "kept", "stopped"),
    [
        ([9, 5, 6, 7], 0, 4, False),
        ([9, 5, 6, 7], 3, 2, False),
        ([9, 5, 6, 7], 2, 2, True),
        ([9, 5, 5, 5], 2, 2, True),
        ([9, 5, 6, 4], 2, 4, False),
        ([9], 1, 1, False),
        ([9, 9], 1, 1, True),
    ],
)
def test_patience_keeps_the_first_of_the_best_epochs(errors, patience, kept, stopped) -> None:
    found = record(errors, patience)
    assert (found.kept.epoch, found.stopped, found.finished) == (kept, stopped, stopped)
    assert found.error == errors[kept - 1] and found.best_error == min(errors)
    assert record(errors, patience, planned=len(errors)).finished


def of_last(chance: float | None = None, **more: object) -> str | None:
    last = epoch(1, **{"error": 80.0, **more})
    return record([80.0], epochs=(last,), chance_loss=chance).not_learning


def test_a_network_learns_when_its_loss_is_a_hundredth_below_chance() -> None:
    assert of_last(2.0, loss=1.979) is None
    said = of_last(2.0, loss=1.98)
    assert said == "the training loss, 1.980, is not 1 % below 2.000, which is had by class frequencies alone"
    assert of_last(None, loss=5.0) is None, "records of earlier versions do not know"
    assert of_last(0.0, loss=0.1) is None, "of one class there is nothing to learn"


def test_one_answer_for_all_is_no_learning_unless_all_are_right() -> None:
    said = of_last(2.0, predicted_classes=1)
    assert said == "it takes all validation images for one class, with an error of 80.00 %"
    assert of_last(2.0, predicted_classes=2) is None
    assert of_last(2.0, predicted_classes=1, error=0.0) is None


def test_a_loss_that_is_not_finite_is_named_first() -> None:
    said = of_last(2.0, validation_loss=math.nan, predicted_classes=1)
    assert said == "the loss is not finite: 1 in training, nan in validation"


def test_records_of_earlier_versions_lack_what_they_did_not_know() -> None:
    known = {path: json.loads(path.read_text()) for path in sorted(RESULTS.glob("*/seed-0/record.json"))}
    earlier = {path: there for path, there in known.items() if "evaluation" not in there}
    assert earlier
    for path, there in earlier.items():
        found = read_document(path, TrainingRecord)
        assert found.finished and found.error == found.epochs[-1].error and found.not_learning is None
        assert (found.balanced_error, found.majority_error, found.evaluation) == (None, None, None)
        assert found.precision == ""
        written = found.document()
        assert {name: written[name] for name in ("seed", "images", "planned")}.items() <= there.items()
