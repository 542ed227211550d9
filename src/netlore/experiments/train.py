"""`netlore train`: a network trained in a folder, once or with several seeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

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
from netlore.training.trainer import check_installed, train

RESULT = "training.json"
_RESULTS = (
    *("error", "balanced_error", "majority_error", "best_error", "not_learning"),
    *("seconds", "seconds_an_epoch", "images_per_second"),
)


@dataclass(frozen=True)
class TrainRun:
    """A training of one folder: a record for each replicate, with seeds that count up, and the files written."""

    configuration: TrainConfiguration
    facts: Facts
    records: tuple[TrainingRecord, ...]
    files: tuple[Path, ...]

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
) -> TrainRun:
    """Train, or go on training, in a folder, which has a folder for each seed.

    Args:
        replicates: Trainings with seeds that count up from the configuration's; more can be added later.
        progress: Gives, for a seed, a context whose function is called with how far its training is.

    Raises:
        InvalidInput: Anything that cannot be used, among it a folder of another configuration.
        TrainingDiverged: The loss of one is no longer finite.
    """
    check_installed()
    check_replicates(configuration.seed, replicates)
    check_device(configuration.device)
    data = training_data(configuration.data, configuration.validation)
    facts = Facts.of(data)
    check_batches(data.training, configuration.settings, configuration.devices)
    check_same(folder, configuration, facts)
    make_folder(folder)
    known = recorded_training(folder).replicates if (folder / RUN).is_file() else 1
    more = {"facts": facts.model_dump(mode="json"), "replicates": max(replicates, known)}
    kept = record(folder, COMMAND, configuration, "lightning", **more)
    what, where = configuration.make_architecture(), (configuration.device, configuration.devices)
    records = []
    for seed in range(configuration.seed, configuration.seed + replicates):
        shown = None if progress is None else progress(seed)
        place = folder_of(folder, seed)
        records.append(train(what, data, configuration.settings, place, seed, *where, shown))
    written = (folder / RESULT, kept, *(folder_of(folder, one.seed) for one in records))
    run = TrainRun(configuration, facts, tuple(records), written)
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
    return TrainRun(there.configuration, there.facts, records, ())


def stored_records(folder: Path, seeds: range) -> tuple[TrainingRecord, ...]:
    """What a folder's trainings with these seeds recorded, those without an epoch left out."""
    paths = [folder_of(folder, seed) / RECORD for seed in seeds]
    return tuple(read_document(path, TrainingRecord) for path in paths if path.is_file())
