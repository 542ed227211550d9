"""A study's trainings before they are done: what would stop one, how far they are, and how long the rest takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from netlore.data import split
from netlore.errors import InvalidInput
from netlore.experiments.select import ARCHITECTURE
from netlore.experiments.study.config import StudyPlan
from netlore.experiments.study.train_config import TrainPart
from netlore.experiments.train import folder_of, read_course
from netlore.experiments.train_config import Facts, check_same, fingerprint, recorded_training
from netlore.networks.devices import check_device
from netlore.scoring.scorer import cost
from netlore.space import named as catalogue
from netlore.space.architecture import Architecture
from netlore.space.sampling import sample
from netlore.storage.documents import RUN
from netlore.training.batches import training_data
from netlore.training.estimate import seconds_an_epoch
from netlore.training.records import RECORD, TrainingRecord
from netlore.training.trainer import check_installed

_MEASURING = "measuring trainings"
_STAND_IN_OF = 60
"""Architectures of an initial space whose median stands for a network that is not picked yet."""


def check_trainings(parts: Sequence[TrainPart], folder: Path) -> None:
    """Find out before hours of computing what would stop a training.

    Data are read, and downloaded where they must be; images are decoded only to be compared with those that a
    training in the folder has begun with.

    Raises:
        InvalidInput: The packages that train are missing, a device or data cannot be used, or a folder holds
            another training.
    """
    if parts:
        check_installed()
    for device in dict.fromkeys(part.device for part in parts):
        check_device(device)
    for data, validation in dict.fromkeys((part.data, part.table.validation) for part in parts):
        places = [
            (part, folder / part.name)
            for part in parts
            if (part.data, part.table.validation) == (data, validation) and (folder / part.name / RUN).is_file()
        ]
        if not places:
            split(data, validation)
            continue
        facts = Facts.of(training_data(data, validation))
        for part, place in places:
            # What is picked is not known before its refinement is done: it is compared when it is.
            architecture = part.architecture or recorded_training(place).configuration.make_architecture()
            check_same(place, part.configuration(architecture), facts)


@dataclass(frozen=True)
class TrainForecast:
    """What is left of a training.

    Attributes:
        part: What it is.
        epochs: Epochs of all replicates.
        trained: Those that are recorded.
        seconds: Estimated time for the rest.
    """

    part: TrainPart
    epochs: int
    trained: int
    seconds: float

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.trained >= self.epochs

    def document(self) -> dict[str, Any]:
        """The forecast as JSON-able values."""
        return {
            "part": self.part.name,
            "architecture": None if self.part.architecture is None else self.part.what,
            "picked_from": self.part.refinement,
            "epochs": self.epochs,
            "trained": self.trained,
            "finished": self.finished,
            "seconds": self.seconds,
        }


def forecast_trainings(
    plan: StudyPlan, folder: Path, progress: Callable[[str, int, int], None] | None = None
) -> list[TrainForecast]:
    """How far every training is, and how long the rest takes.

    The pace is that of the epochs that are recorded, or else of two measured steps. A network that is not picked
    yet is taken for one of median cost in the initial space.

    Args:
        plan: The study.
        folder: Its folder, which may not exist yet; nothing is written.
        progress: Told (label, networks measured, networks to measure).
    """
    told = progress or (lambda label, done, total: None)
    read = cache(split)
    first: dict[str, str] = {}
    pace: dict[str, float] = {}
    found = []
    for number, part in enumerate(plan.trainings):
        known = part.architecture or _picked_before(folder / str(part.refinement))
        configuration = part.configuration(known or _stand_in(plan, part))
        key = fingerprint(configuration)
        place = folder / (first.setdefault(key, part.name) if known else part.name)
        records = _records(place, part.seeds)
        trained, epochs = sum(len(one.epochs) for one in records), configuration.settings.epochs * len(part.seeds)
        if trained:
            seconds = sum(one.seconds for one in records) / trained
        else:
            if key not in pace:
                told(_MEASURING, number, len(plan.trainings))
                data = read(part.data, part.table.validation)
                architecture = configuration.make_architecture()
                pace[key] = seconds_an_epoch(architecture, data, configuration.settings, part.device)
            seconds = pace[key]
        found.append(TrainForecast(part, epochs, trained, max(0, epochs - trained) * seconds))
    if pace:
        told(_MEASURING, len(plan.trainings), len(plan.trainings))
    return found


def _records(place: Path, seeds: Sequence[int]) -> list[TrainingRecord]:
    """What a folder's trainings recorded so far, as far as it can be read."""
    found = []
    for seed in seeds:
        try:
            found.append(read_course(folder_of(place, seed) / RECORD))
        except InvalidInput:
            continue
    return found


def _picked_before(refinement: Path) -> Architecture | None:
    """What a refinement's folder recommended when it was last asked; only estimates depend on it."""
    try:
        return catalogue.parse(str(refinement / ARCHITECTURE))
    except InvalidInput:
        return None


def _stand_in(plan: StudyPlan, part: TrainPart) -> Architecture:
    """The architecture of median cost in the space that a training's refinement begins with."""
    (configuration,) = (one.configuration for one in plan.parts if one.name == part.refinement)
    task = configuration.make_task()
    drawn = sample(configuration.make_space(task), _STAND_IN_OF, configuration.seed)
    return sorted(drawn, key=lambda architecture: cost(architecture, task))[len(drawn) // 2]
