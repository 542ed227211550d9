"""`netlore reliability`: the same networks, scored under several conditions, each a run of `netlore score`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from netlore.errors import DifferentConfiguration, InvalidInput, NetloreError
from netlore.executors import Workers
from netlore.experiments.export import stored_table
from netlore.experiments.record import Progress, record, silent
from netlore.experiments.reliability_config import (
    COMMAND,
    ReliabilityConfiguration,
    conditions_of,
    recorded_reliability,
)
from netlore.experiments.score import prepared, score_run
from netlore.scoring.factors import USUAL
from netlore.scoring.predictor import resolve
from netlore.scoring.reliability import Reliability, reliability_of, values_of
from netlore.scoring.transforms import TRANSFORMS, Transform
from netlore.storage.archive import opened
from netlore.storage.atomic import make_folder
from netlore.storage.documents import RUN, write_document
from netlore.storage.score_table import ScoreTable

RESULT = "reliability.json"


@dataclass(frozen=True, eq=False)
class ReliabilityRun:
    """A study of reliability in a folder: what was asked, found, and written."""

    configuration: ReliabilityConfiguration
    found: Reliability
    seconds: float
    files: tuple[Path, ...] = ()

    @property
    def failed(self) -> int:
        """Scores that are missing."""
        return sum(one.failed for one in self.found.predictors.values())

    def document(self) -> dict[str, Any]:
        """The result as JSON-able values."""
        entries = {name: values_of(one) for name, one in self.found.predictors.items()}
        for entry in entries.values():
            del entry["predictor"]
        return {
            "networks": self.found.networks,
            "conditions": list(self.found.tables),
            "predictors": entries,
            "failed": self.failed,
            "seconds": self.seconds,
            "files": [str(path) for path in self.files],
        }


def reliability_run(
    configuration: ReliabilityConfiguration, folder: Path, workers: Workers = 1, progress: Progress = silent
) -> ReliabilityRun:
    """Score networks, or go on scoring, under each condition in a folder of its own; others are refused."""
    start = time.perf_counter()
    parts = configuration.parts()
    for part in parts.values():
        prepared(part)  # what cannot be used is refused before an hour is spent on what can
    _check(configuration, folder)
    kept = record(make_folder(folder), COMMAND, configuration, parts=list(parts))
    tables = {
        name: score_run(part, folder / name, workers, partial(progress, name)).table
        for name, part in parts.items()
    }
    scales = {one.name: TRANSFORMS.get(one.transform) for one in resolve(configuration.predictors)}
    found = reliability_of(configuration.design, tables, scales, seed=configuration.seed)
    run = ReliabilityRun(configuration, found, time.perf_counter() - start, (folder / RESULT, kept))
    write_document(folder / RESULT, run.document())
    return run


def stored_reliability(folder: Path) -> ReliabilityRun:
    """The study of a folder, or of archives in it, judged again by those conditions that are there; nothing is
    scored."""
    start = time.perf_counter()
    asked = recorded_reliability(folder).configuration
    tables = stored_conditions(folder)
    if USUAL not in tables:
        raise InvalidInput(f"{folder} holds no scores yet; run its {COMMAND} command first.")
    found = reliability_of(asked.design, tables, _scales(asked, folder), seed=asked.seed)
    return ReliabilityRun(asked, found, time.perf_counter() - start)


def stored_conditions(folder: Path) -> dict[str, ScoreTable]:
    """The scores of a folder by condition; one that is not complete is left out."""
    networks, found = None, {}
    for name, path in conditions_of(folder).items():
        with suppress(InvalidInput):  # it has begun, and has no score yet
            table = stored_table(path)
            scored = len({row.architecture.id for row in table.rows})
            networks = networks or scored
            if scored == networks:
                found[name] = table
    return found


def _scales(asked: ReliabilityConfiguration, folder: Path) -> Mapping[str, Transform]:
    """The scale of each predictor: as it is installed here, in the order asked for, and as it is recorded."""
    with opened(folder / USUAL) as reader:
        recorded = {name: one.transform for name, one in reader.predictors().items()}
    found: dict[str, str] = {}
    for given in asked.predictors:
        with suppress(NetloreError):  # its package need not be installed here
            found |= {one.name: one.transform for one in resolve(given)}
    return {name: TRANSFORMS.get(one) for name, one in (found | recorded | found).items() if one in TRANSFORMS}


def _check(configuration: ReliabilityConfiguration, folder: Path) -> None:
    """Refuse a folder of another study; each condition's store looks at its own."""
    if (folder / RUN).is_file():
        there = recorded_reliability(folder).configuration.model_dump(mode="json")
        here = configuration.model_dump(mode="json")
        if there != here:
            raise DifferentConfiguration(folder, there, here)
