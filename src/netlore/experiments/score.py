"""`netlore score`: scores of a sample, of named architectures, or of any module."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from netlore.executors import Workers
from netlore.experiments.config import ScoreConfiguration
from netlore.experiments.record import identity, record, saying_all
from netlore.scoring.examination import load_module, probe
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import score
from netlore.scoring.settings import Settings, check_chunks
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.named import parse
from netlore.space.sampling import sample
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreTable


@dataclass(frozen=True)
class ScoreRun:
    """Scores of one folder, the time that the command took, and what it wrote."""

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
    workers: Workers = 1,
    progress: Callable[[int, int], None] | None = None,
) -> ScoreRun:
    """Score, or go on scoring, in a folder; one of another configuration is refused."""
    start = time.perf_counter()
    architectures, settings, space = prepared(configuration)
    with saying_all(), Store(folder, identity("score", configuration, settings.task)) as store:
        kept = record(folder, "score", configuration, space=space.to_document())
        table = score(
            architectures,
            settings.predictors,
            settings.task,
            seed=configuration.seed,
            store=store,
            workers=workers,
            dtype=configuration.dtype,
            device=configuration.device,
            progress=progress,
            chunk_size=settings.chunk_size,
        )
    return ScoreRun(table, time.perf_counter() - start, (store.path, kept))


def score_module(path: str, configuration: ScoreConfiguration) -> dict[str, Score]:
    """Scores of a module that others wrote, named `package.module:attribute`; see `load_module`."""
    settings = settings_of(configuration)
    network = load_module(path, configuration.device)
    task, how = settings.task, (settings.dtype, settings.chunk_size)
    return probe(network, task.images, task.labels, settings.predictors, *how, task.further)


def prepared(configuration: ScoreConfiguration) -> tuple[list[Architecture], Settings, DesignSpace]:
    """What to score, how, and from where; whatever cannot be used is refused here, before anything is written."""
    settings = settings_of(configuration)
    space = configuration.make_space(settings.task)
    if configuration.architectures:
        architectures = [parse(text) for text in configuration.architectures]
    else:
        architectures = sample(space, configuration.networks, configuration.seed)
    check_chunks(architectures, settings)
    return architectures, settings, space


def settings_of(configuration: ScoreConfiguration) -> Settings:
    """How to score."""
    predictors = resolve(configuration.predictors)
    task = configuration.make_task()
    chunk_size = configuration.chunk_size or None
    return Settings(task, predictors, configuration.seed, configuration.dtype, configuration.device, chunk_size)
