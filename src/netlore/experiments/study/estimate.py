"""How far a study is, and how long the rest of it would take."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from netlore.data import split
from netlore.errors import InvalidInput
from netlore.executors.base import usable_cores
from netlore.experiments.config import RefineConfiguration
from netlore.experiments.estimate import scoring_seconds
from netlore.experiments.record import Progress, silent
from netlore.experiments.select import ARCHITECTURE
from netlore.experiments.study.config import Part, StudyPlan
from netlore.experiments.study.train_config import TrainPart
from netlore.experiments.train import stored_records
from netlore.experiments.train_config import fingerprint
from netlore.refinement.methods import METHODS
from netlore.refinement.result import StopReason
from netlore.scoring.draws import numbered
from netlore.scoring.missing import cost
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import Progress as Counted
from netlore.scoring.settings import Settings
from netlore.space.architecture import Architecture
from netlore.space.named import parse
from netlore.space.sampling import sample
from netlore.storage.score_store import FILE_NAME as SCORES
from netlore.storage.score_store import Store
from netlore.training.timing import seconds_an_epoch

_STAND_IN_OF = 60
"""Architectures of an initial space that stand for all of it."""


@dataclass(frozen=True)
class Rest:
    """What is left of a part of a study.

    Attributes:
        total: Networks to score in all, of a refinement as many as its method takes as a rule; or epochs.
        done: Those that its folder holds.
        seconds: Estimated time for the rest; networks of later rounds may be larger than those it was measured on.
    """

    part: Part | TrainPart
    total: int
    done: int
    finished: bool
    seconds: float

    def document(self) -> dict[str, Any]:
        """The forecast as JSON-able values."""
        left = {"finished": self.finished, "seconds": self.seconds}
        if isinstance(self.part, Part):
            return {"part": self.part.name, "networks": self.total, "scored": self.done, **left}
        return {
            "part": self.part.name,
            "architecture": None if self.part.architecture is None else self.part.what,
            "picked_from": self.part.refinement,
            "epochs": self.total,
            "trained": self.done,
            **left,
        }


def forecast_study(plan: StudyPlan, folder: Path, workers: int = 1, progress: Progress = silent) -> list[Rest]:
    """How far every part of a study is, and how long the rest takes; nothing is written.

    Scoring is measured on three networks of the initial space. The pace of a training is that of the epochs that
    are recorded, or of two measured steps; a network that is not picked yet is taken for one of median cost.
    """
    at_once = max(1, min(workers, usable_cores()))
    measured: dict[tuple[str, str, tuple[str, ...]], float] = {}
    found = []
    for part in plan.parts:
        total, done, finished = _state(part, folder / part.name)
        key = (part.configuration.data, part.regime, part.predictors)
        if not finished and key not in measured:
            label = f"measuring {', '.join(part.predictors)}" + (f", {part.regime}" if part.regime else "")
            measured[key] = _seconds_a_network(part, partial(progress, label))
        total = done if finished else max(total, done)
        seconds = 0.0 if finished else (total - done) * measured[key] / at_once
        found.append(Rest(part, total, done, finished, seconds))
    return found + _forecast_trainings(plan, folder, progress)


def _seconds_a_network(part: Part, progress: Counted) -> float:
    asked = part.configuration
    task = asked.make_task()
    settings = Settings(task, resolve(part.predictors), asked.seed, asked.dtype, asked.device)
    drawn = sample(asked.make_space(task), min(_STAND_IN_OF, asked.networks), asked.seed)
    return scoring_seconds(numbered(drawn), settings, progress)[0] / len(drawn)


def _state(part: Part, folder: Path) -> tuple[int, int, bool]:
    """Networks that a part scores as a rule, those whose scores its folder holds, and whether it is finished."""
    asked, total, scored, refinements = part.configuration, part.networks, 0, []
    if (folder / SCORES).is_file():
        with Store(folder, None) as store:
            scored, refinements = store.count() // len(part.predictors), store.refinements()
    if not isinstance(asked, RefineConfiguration):
        return total, scored, scored >= total
    total *= min(METHODS.get(asked.method).rounds or asked.round_limit, asked.round_limit)
    going_on = (None, StopReason.UNFINISHED, StopReason.ROUND_LIMIT)
    over = [len(one.rounds) >= asked.round_limit or one.stopped_because not in going_on for one in refinements]
    return total, scored, sum(over) >= part.replicates


def _forecast_trainings(plan: StudyPlan, folder: Path, progress: Progress) -> list[Rest]:
    read = cache(split)
    first: dict[str, str] = {}
    pace: dict[str, float] = {}
    found = []
    for number, part in enumerate(plan.trainings):
        known = part.architecture
        with suppress(InvalidInput):  # what was recommended when it was last asked; only estimates depend on it
            known = known or parse(str(folder / str(part.refinement) / ARCHITECTURE))
        configuration = part.configuration(known or _stand_in(plan, part))
        key = fingerprint(configuration)
        place = folder / (first.setdefault(key, part.name) if known else part.name)
        records = stored_records(place, part.seeds)
        spared = sum(one.planned - len(one.epochs) for one in records if one.stopped)
        done = sum(len(one.epochs) for one in records)
        total = configuration.settings.epochs * len(part.seeds) - spared
        if not done and key not in pace:
            progress("measuring trainings", number, len(plan.trainings))
            data = read(part.data, part.table.validation, **part.reading.given())
            architecture = configuration.make_architecture()
            pace[key] = seconds_an_epoch(architecture, data, configuration.settings, part.device)
        seconds = sum(one.seconds for one in records) / done if done else pace[key]
        found.append(Rest(part, total, done, done >= total, max(0, total - done) * seconds))
    if pace:
        progress("measuring trainings", len(plan.trainings), len(plan.trainings))
    return found


def _stand_in(plan: StudyPlan, part: TrainPart) -> Architecture:
    """The architecture of median cost in the space that a training's refinement begins with."""
    (asked,) = (one.configuration for one in plan.parts if one.name == part.refinement)
    task = asked.make_task()
    drawn = sample(asked.make_space(task), _STAND_IN_OF, asked.seed)
    return sorted(drawn, key=lambda architecture: cost(architecture, task))[len(drawn) // 2]
