"""`netlore score`: scores of a sample, of named architectures, or of any module."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from netlore.runs.configuration import ScoreConfiguration, identity, record
from netlore.sampling import sample
from netlore.scores import Score, ScoreTable
from netlore.scoring.examining import probe
from netlore.scoring.module import load_module
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import Settings, score
from netlore.space import catalogue
from netlore.store import Store


@dataclass(frozen=True)
class ScoreRun:
    """Scores of one folder.

    Attributes:
        table: A row per network and predictor.
        seconds: Time that this command took.
        files: What was written.
    """

    table: ScoreTable
    seconds: float
    files: tuple[Path, ...]

    @property
    def failed(self) -> int:
        """Scores that are missing."""
        return len(self.table.failures)

    @property
    def summary(self) -> pd.DataFrame:
        """A row per predictor: scored, failed, and lowest, median and highest raw score."""
        groups = self.table.frame.groupby("predictor", sort=False)
        return pd.DataFrame(
            {
                "scored": groups["score"].count(),
                "failed": groups["status"].agg(lambda column: int((column != "ok").sum())),
                "lowest": groups["score"].min(),
                "median": groups["score"].median(),
                "highest": groups["score"].max(),
                "seconds": groups["seconds"].sum(),
            }
        ).reset_index()

    def document(self) -> dict[str, Any]:
        """The result as JSON-able values."""
        rows = self.summary.astype(object).where(self.summary.notna(), None).to_dict(orient="records")
        return {
            "networks": len(self.table.wide),
            "predictors": {row.pop("predictor"): row for row in rows},
            "failed": self.failed,
            "seconds": self.seconds,
            "files": [str(path) for path in self.files],
        }


def score_run(
    configuration: ScoreConfiguration,
    folder: Path,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> ScoreRun:
    """Score, or go on scoring, in a folder.

    Raises:
        InvalidInput: Anything that cannot be used, among it a folder of another configuration.
    """
    start = time.perf_counter()
    predictors = resolve(configuration.predictors)
    task = configuration.make_task()
    if configuration.architectures:
        architectures = [catalogue.parse(text) for text in configuration.architectures]
    else:
        architectures = sample(configuration.make_space(task), configuration.networks, configuration.seed)
    # A device that cannot be used is refused before anything is written.
    Settings(task, predictors, configuration.seed, configuration.dtype, configuration.device)
    with Store(folder, identity("score", configuration, task)) as store:
        kept = record(folder, "score", configuration)
        table = score(
            architectures,
            predictors,
            task,
            seed=configuration.seed,
            store=store,
            workers=workers,
            dtype=configuration.dtype,
            device=configuration.device,
            progress=progress,
        )
    return ScoreRun(table, time.perf_counter() - start, (store.path, kept))


def score_module(path: str, configuration: ScoreConfiguration) -> dict[str, Score]:
    """Scores of a module that others wrote, named `package.module:attribute`; see `load_module`."""
    task = configuration.make_task()
    network = load_module(path, configuration.device)
    return probe(network, task.images, task.labels, configuration.predictors, configuration.dtype)
