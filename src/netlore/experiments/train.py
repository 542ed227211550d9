"""`netlore train`: a network trained in a folder, once or with several seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from pydantic import BaseModel, Field

from netlore.errors import InvalidInput
from netlore.experiments.config import check_replicates, short_name
from netlore.experiments.record import record
from netlore.experiments.train_config import (
    COMMAND,
    Facts,
    TrainConfiguration,
    check_same,
    measures,
    recorded_training,
)
from netlore.networks.devices import check_device
from netlore.storage.atomic import make_folder
from netlore.storage.documents import RUN, read_document, write_document
from netlore.training.batches import check_batches, training_data
from netlore.training.records import RECORD, Progress, TrainingRecord
from netlore.training.trainer import check_installed, final_error, train

RESULT, TEST = "training.json", "test.json"
_RESULTS = (
    *("error", "balanced_error", "majority_error", "best_error", "not_learning"),
    *("seconds", "seconds_an_epoch", "images_per_second"),
)


class TestRecord(BaseModel):
    """Images for a test, classified once by the trained network, and the percentage that it got wrong."""

    error: float = Field(ge=0, le=100)
    images: int = Field(ge=1)


@dataclass(frozen=True)
class TrainRun:
    """A training of one folder: a record for each replicate, with seeds that count up, the files written, and what
    came of images for a test, for each replicate that was tried on them."""

    configuration: TrainConfiguration
    facts: Facts
    records: tuple[TrainingRecord, ...]
    files: tuple[Path, ...]
    tests: tuple[TestRecord | None, ...] = ()

    def result(self) -> dict[str, Any]:
        """What came out, as JSON-able values; with replicates, the first stands on top and all follow."""
        configuration = self.configuration
        results = [
            {
                **{"seed": one.seed, "epochs": len(one.epochs), "kept_epoch": one.kept.epoch},
                **{name: getattr(one, name) for name in _RESULTS},
            }
            for one in self.records
        ]
        for entry, test in zip(results, self.tests, strict=False):
            entry |= {} if test is None else {"test_error": test.error, "test_images": test.images}
        several: dict[str, Any] = {}
        if results[1:]:
            errors = [one.error for one in self.records]
            several = {"replicates": results, "errors": {"mean": mean(errors), "stdev": stdev(errors)}}
        return {
            "architecture": configuration.name,
            "id": configuration.make_architecture().id,
            **configuration.model_dump(include={"family", "values", "data", "validation", "recipe"}),
            "changed": {name: getattr(configuration.settings, name) for name in configuration.changed},
            **results[0],
            **measures(configuration, self.facts),
            "training_images": self.facts.training_images,
            "validation_images": self.facts.validation_images,
            **several,
        }

    def document(self) -> dict[str, Any]:
        """The result, and the files that this command wrote."""
        return {**self.result(), "files": [str(path) for path in self.files]}


def train_run(
    configuration: TrainConfiguration,
    folder: Path,
    replicates: int = 1,
    progress: Callable[[int], Progress] | None = None,
    test: bool = False,
) -> TrainRun:
    """Train, or go on training, in a folder, which has a folder for each seed.

    Args:
        replicates: Trainings with seeds that count up from the configuration's; more can be added later.
        progress: Gives, for a seed, a context whose function is called with how far its training is.
        test: Whether, at the end, the images for a test are classified that the data keep apart.

    Raises:
        InvalidInput: Anything that cannot be used, among it a folder of another configuration.
        TrainingDiverged: The loss of one is no longer finite.
    """
    check_installed()
    check_replicates(configuration.seed, replicates)
    check_device(configuration.device)
    how = configuration.reading.given()
    cache, held_out = folder.absolute().parent, configuration.settings.held_out
    data = training_data(configuration.data, configuration.validation, 0, test, cache, held_out, **how)
    if test and data.test is None:
        raise InvalidInput(
            f"{configuration.data} has no images for a test that lie next to others for validation; add a folder "
            "test, or leave out --test."
        )
    facts = Facts.of(data)
    check_batches(data.training, configuration.settings, configuration.devices)
    check_same(folder, configuration, facts)
    make_folder(folder)
    known = recorded_training(folder).replicates if (folder / RUN).is_file() else 1
    more: dict[str, Any] = {"facts": facts.model_dump(mode="json"), "replicates": max(replicates, known)}
    more |= {"left_out": list(data.left_out)} if data.left_out else {}
    kept = record(folder, COMMAND, configuration, "lightning", **more)
    what, where = configuration.make_architecture(), (configuration.device, configuration.devices)
    records = []
    for seed in range(configuration.seed, configuration.seed + replicates):
        shown = None if progress is None else progress(seed)
        place = folder_of(folder, seed)
        records.append(train(what, data, configuration.settings, place, seed, *where, shown))
        if test and data.test is not None:
            error = final_error(what, data, configuration.settings, place, configuration.device)
            found = TestRecord(error=error, images=len(data.test))
            write_document(place / TEST, found.model_dump(mode="json"))
    written = (folder / RESULT, kept, *(folder_of(folder, one.seed) for one in records))
    run = TrainRun(configuration, facts, tuple(records), written, _tests(folder, records))
    write_document(folder / RESULT, run.result())
    return run


def folder_of(folder: Path, seed: int) -> Path:
    """Where the training with this seed lies in a run's folder."""
    return folder / f"seed-{seed}"


def usual_folder(configuration: TrainConfiguration) -> Path:
    """Where a training goes if nothing else is said."""
    parts = (configuration.name, short_name(configuration.data), short_name(configuration.recipe))
    return Path("runs/trained") / "-".join(part.replace("/", "-") for part in parts)


def stored_training(folder: Path) -> TrainRun:
    """What a folder's trainings recorded so far; refused where not one epoch is complete."""
    there = recorded_training(folder)
    seeds = range(there.configuration.seed, there.configuration.seed + there.replicates)
    records = stored_records(folder, seeds)
    if not records:
        raise InvalidInput(f"not one epoch in {folder} is complete; run its train command again to go on with it.")
    return TrainRun(there.configuration, there.facts, records, (), _tests(folder, records))


def _tests(folder: Path, records: Sequence[TrainingRecord]) -> tuple[TestRecord | None, ...]:
    paths = [folder_of(folder, one.seed) / TEST for one in records]
    return tuple(read_document(path, TestRecord) if path.is_file() else None for path in paths)


def stored_records(folder: Path, seeds: range) -> tuple[TrainingRecord, ...]:
    """What a folder's trainings with these seeds recorded, those without an epoch left out."""
    paths = [folder_of(folder, seed) / RECORD for seed in seeds]
    return tuple(read_document(path, TrainingRecord) for path in paths if path.is_file())
