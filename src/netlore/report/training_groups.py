"""Which trainings are comparable, and what the seeds of one amount to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from netlore.report.data import TrainingData
from netlore.report.names import short_data
from netlore.training.records import TrainingRecord


@dataclass(frozen=True, eq=False)
class TrainingGroup:
    """Trainings on the same images, judged by the same number of images, by one recipe, over as many epochs.

    Attributes:
        label: A short name of the data set, as in `data_labels`.
        trainings: In the order in which they were given, at least one.
    """

    label: str
    trainings: tuple[TrainingData, ...]

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
    def finished(self) -> tuple[TrainingData, ...]:
        """Those with a finished seed: the only ones whose errors are compared."""
        return tuple(one for one in self.trainings if counted(one)[0].finished)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of all of them, ascending."""
        return tuple(sorted({record.seed for one in self.trainings for record in one.replicates}))


def training_groups(trainings: Sequence[TrainingData]) -> list[TrainingGroup]:
    """Put trainings together that may be compared with each other, in the order of their first."""
    found: dict[tuple[object, ...], list[TrainingData]] = {}
    for one in trainings:
        images = (one.training_images, one.validation_images)
        found.setdefault((one.data, *images, one.recipe, one.first.planned), []).append(one)
    labels = data_labels(trainings)
    return [TrainingGroup(labels[members[0].data], tuple(members)) for members in found.values()]


def data_labels(trainings: Sequence[TrainingData]) -> dict[str, str]:
    """By data set a name for titles and tables: short, unless two would look alike."""
    short = {one.data: short_data(one.data) for one in trainings}
    return short if len(set(short.values())) == len(short) else {name: name for name in short}


def counted(one: TrainingData) -> tuple[TrainingRecord, ...]:
    """The seeds that count: the finished ones, or all while none is finished."""
    return tuple(record for record in one.replicates if record.finished) or one.replicates


def counted_errors(one: TrainingData) -> tuple[float, ...]:
    """Validation error of every seed that counts after its last epoch, percent."""
    return tuple(record.error for record in counted(one))


def mean_error(one: TrainingData) -> float:
    """The mean of these over the seeds, percent."""
    return fmean(counted_errors(one))


def error_spread(one: TrainingData) -> float | None:
    """Their sample standard deviation, percent; None for one seed."""
    errors = counted_errors(one)
    return stdev(errors) if len(errors) > 1 else None
