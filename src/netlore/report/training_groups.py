"""Trained architectures: found in their folders, put together where they are comparable, their seeds summed up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, stdev

from netlore.errors import InvalidInput
from netlore.experiments.train import TrainRun, stored_training
from netlore.experiments.train_config import fingerprint, measures
from netlore.report.command_lines import train_command
from netlore.report.data import TrainedArchitecture
from netlore.report.names import short_data
from netlore.training.records import TrainingRecord


def find_trainings(folders: Sequence[Path]) -> tuple[TrainedArchitecture, ...]:
    """What the trainings in these folders found, in their order; those that differ in the seed alone as one.

    Raises:
        InvalidInput: A folder holds no complete epoch, or two hold the same training with the same seed.
    """
    merged: dict[tuple[str, str], TrainedArchitecture] = {}
    for folder in folders:
        run = stored_training(folder)
        found, key = _trained(run), (fingerprint(run.configuration, "seed"), run.facts.digest)
        known = merged[key].replicates if key in merged else ()
        for twice in {one.seed for one in known} & {one.seed for one in found.replicates}:
            raise InvalidInput(
                f"two of the runs train {found.name} on {found.data} by {found.recipe} with seed {twice}; name "
                "one of them."
            )
        replicates = sorted((*known, *found.replicates), key=lambda one: one.seed)
        merged[key] = replace(merged.get(key, found), replicates=tuple(replicates))
    return tuple(merged.values())


def _trained(run: TrainRun) -> TrainedArchitecture:
    configuration, architecture = run.configuration, run.configuration.make_architecture()
    return TrainedArchitecture(
        name=configuration.name,
        architecture=architecture.id,
        text=str(architecture),
        data=configuration.data,
        recipe=configuration.recipe_in_words,
        training_images=run.facts.training_images,
        validation_images=run.facts.validation_images,
        **measures(configuration, run.facts),
        replicates=run.records,
        command=train_command(configuration, len(run.records)),
    )


@dataclass(frozen=True, eq=False)
class TrainingGroup:
    """Trainings on the same images, judged by the same number of images, by one recipe, over as many epochs.

    Attributes:
        label: A short name of the data set, as in `data_labels`.
        trainings: In the order in which they were given, at least one.
    """

    label: str
    trainings: tuple[TrainedArchitecture, ...]

    @property
    def data(self) -> str:
        """The data set as it was asked for."""
        return self.trainings[0].data

    @property
    def recipe(self) -> str:
        """The recipe's name, and what was changed of it."""
        return self.trainings[0].recipe

    @property
    def epochs(self) -> int:
        """Epochs that the recipe asks for."""
        return self.trainings[0].first.planned

    @property
    def finished(self) -> tuple[TrainedArchitecture, ...]:
        """Those with a finished seed: the only ones whose errors are compared."""
        return tuple(one for one in self.trainings if counted(one)[0].finished)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of all of them, ascending."""
        return tuple(sorted({record.seed for one in self.trainings for record in one.replicates}))


def training_groups(trainings: Sequence[TrainedArchitecture]) -> list[TrainingGroup]:
    """Put trainings together that may be compared with each other, in the order of their first."""
    found: dict[tuple[object, ...], list[TrainedArchitecture]] = {}
    for one in trainings:
        images = (one.training_images, one.validation_images)
        found.setdefault((one.data, *images, one.recipe, one.first.planned), []).append(one)
    labels = data_labels(trainings)
    return [TrainingGroup(labels[members[0].data], tuple(members)) for members in found.values()]


def data_labels(trainings: Sequence[TrainedArchitecture]) -> dict[str, str]:
    """By data set a name for titles and tables: short, unless two would look alike."""
    short = {one.data: short_data(one.data) for one in trainings}
    return short if len(set(short.values())) == len(short) else {name: name for name in short}


def counted(one: TrainedArchitecture) -> tuple[TrainingRecord, ...]:
    """The seeds that count: the finished ones, or all while none is finished."""
    return tuple(record for record in one.replicates if record.finished) or one.replicates


def counted_errors(one: TrainedArchitecture) -> tuple[float, ...]:
    """Validation error of every seed that counts after its last epoch, percent."""
    return tuple(record.error for record in counted(one))


def mean_error(one: TrainedArchitecture) -> float:
    """The mean of these over the seeds, percent."""
    return fmean(counted_errors(one))


def error_spread(one: TrainedArchitecture) -> float | None:
    """Their sample standard deviation, percent; None for one seed."""
    errors = counted_errors(one)
    return stdev(errors) if len(errors) > 1 else None
