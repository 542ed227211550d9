"""`netlore score`: scores of a sample, or of named architectures; and of elites, again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pandas as pd

from netlore.arguments import validated
from netlore.errors import InvalidInput
from netlore.executors import Executor, Workers, opened
from netlore.experiments.config import (
    Configuration,
    RefineConfiguration,
    ScoreConfiguration,
    short_name,
)
from netlore.experiments.overview import Overview, overview
from netlore.experiments.record import Progress as Labelled
from netlore.experiments.record import identity, omitted, record, recorded, saying_all, silent
from netlore.scoring.draws import FirstDraws, numbered
from netlore.scoring.noise import NoiseOfFamily, known_noise
from netlore.scoring.predictor import resolve
from netlore.scoring.reference import POPULATION, populated
from netlore.scoring.scorer import Progress, opened_store, score_missing, stored_table
from netlore.scoring.settings import Settings, check_chunks
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.module import ModuleArchitecture
from netlore.space.named import parse
from netlore.space.sampling import drawn, sample
from netlore.storage.documents import RUN
from netlore.storage.score_store import Store
from netlore.storage.score_table import ScoreTable

AGAIN = "again"
"""The folder for elites that are scored again, beside a comparison."""


_SAID = ("value", "status", "reason", "seconds")


@dataclass(frozen=True)
class ScoreRun:
    """Scores of one folder, the time that the command took, and what it wrote."""

    table: ScoreTable
    seconds: float
    files: tuple[Path, ...]

    @cached_property
    def overview(self) -> Overview:
        """What can be said of all scores in a few lines."""
        return overview(self.table.rows)

    @property
    def failed(self) -> int:
        """Scores that are missing."""
        return self.overview.failed

    @property
    def summary(self) -> pd.DataFrame:
        """A row per predictor: scored, failed, lowest, median and highest raw score, the seconds, and the share of
        noise, if it is known of any."""
        found, shares = self.overview.summary, {name: one.share for name, one in self.noise.predictors.items()}
        names = found["predictor"]
        return found if shares.keys().isdisjoint(names) else found.assign(noise=names.map(shares))

    @property
    def noise(self) -> NoiseOfFamily:
        """What is known of the noise of such networks' scores."""
        return known_noise(self.table.rows[0].architecture.family)

    @property
    def modules(self) -> list[dict[str, Any]]:
        """Of torch modules an entry per network: its source, draw, complexity and scores, as JSON-able values."""
        found: dict[tuple[str, int], dict[str, Any]] = {}
        if not isinstance(self.table.rows[0].architecture, ModuleArchitecture):
            return []  # no run has both, and others may have millions of rows
        for row in self.table.rows:
            if isinstance(one := row.architecture, ModuleArchitecture):
                about = {"module": one.source, "draw": row.draw, **dict(one.measures), "scores": {}}
                scores = found.setdefault((one.id, row.draw), about)["scores"]
                scores[row.predictor] = {name: getattr(row.score, name) for name in _SAID}
        return [*found.values()]

    def document(self) -> dict[str, Any]:
        """The result as JSON-able values."""
        modules = {"modules": self.modules} if self.modules else {}
        if len(self.modules) == 1:
            modules |= {key: self.modules[0][key] for key in ("module", "scores")}
        rows = self.summary.astype(object).where(self.summary.notna(), None).to_dict(orient="records")
        return {
            "networks": self.overview.networks,
            "predictors": {row.pop("predictor"): row for row in rows},
            "failed": self.failed,
            "seconds": self.seconds,
            "files": [str(path) for path in self.files],
            **modules,
        }


@validated
def score_run(
    configuration: ScoreConfiguration, folder: Path, workers: Workers = 1, progress: Progress | None = None
) -> ScoreRun:
    """Score, or go on scoring, in a folder; one of another configuration is refused."""
    start = time.perf_counter()
    architectures, settings, space = prepared(configuration)
    with (
        saying_all(),
        Store(folder, identity("score", configuration, settings.task)) as store,
        opened(workers) as running,
        opened_store(store, settings),
    ):
        kept = record(folder, "score", configuration, space=space.to_document(), **omitted(settings.task))
        settings = _populated(configuration, architectures, settings, space, running, store, progress)
        networks = numbered(architectures) if configuration.architectures else FirstDraws(architectures)
        score_missing(networks, settings, running, store, progress)
        table = stored_table(networks, settings, store)
    table = replace(table, measures=tuple(space.budget.limits()))
    return ScoreRun(table, time.perf_counter() - start, (store.path, kept))


def _populated(
    configuration: ScoreConfiguration,
    architectures: Sequence[Architecture],
    settings: Settings,
    space: DesignSpace,
    running: Executor,
    store: Store,
    progress: Progress | None,
) -> Settings:
    """Combinations rank a sample among itself; named architectures among a sample of the space, whose scores are
    kept with the combination alone, since they are no part of the run."""
    if not configuration.architectures:
        return populated(settings, lambda: architectures, running, store, progress)
    population = partial(sample, space, POPULATION, settings.seed)
    return populated(settings, population, running, store, progress, keep=False)


def prepared(configuration: ScoreConfiguration) -> tuple[Sequence[Architecture], Settings, DesignSpace]:
    """What to score, how, and from where; whatever cannot be used is refused here, before anything is written."""
    settings = settings_of(configuration)
    space = configuration.make_space(settings.task)
    architectures: Sequence[Architecture]
    if configuration.architectures:
        architectures = [parse(text) for text in configuration.architectures]
    else:
        architectures = drawn(space, configuration.networks, configuration.seed)
    check_chunks(architectures, settings)
    return architectures, settings, space


def settings_of(configuration: ScoreConfiguration) -> Settings:
    """How to score."""
    predictors = resolve(configuration.predictors)
    task = configuration.make_task()
    chunk_size = configuration.chunk_size or None
    return Settings(task, predictors, configuration.seed, configuration.dtype, configuration.device, chunk_size)


def rescore(
    elites: Sequence[tuple[RefineConfiguration, Sequence[Architecture], int]],
    draws: int,
    out: Path,
    workers: Workers = 1,
    progress: Labelled = silent,
    batches: int = 1,
) -> list[list[tuple[Path, ScoreRun]]]:
    """Score elites of refinements again, or go on with it, each group as a score run in `again/PREDICTOR-DATA`.

    A group is the configuration of one of its refinements, its elites, and a seed that none of them has, so that
    no elite has the initialisations that made it one; each is scored `draws` times. Further batches are of the
    data seeds that follow, each a score run beside that. Returned are folders and score runs of each group.
    Without a draw, or where a folder holds other scores, nothing is scored.
    """
    for name, value in (("again", draws), ("again_batches", batches)):
        if value < 1:
            raise InvalidInput(f"{name} = {value} is not positive; choose 1 or more, or leave it out.")
    seen: Counter[str] = Counter()
    planned: list[list[tuple[ScoreConfiguration, Path]]] = []
    for asked, architectures, seed in elites:
        name = f"{short_name(asked.predictor)}-{short_name(asked.data)}"
        seen[name] += 1
        name += "" if seen[name] == 1 else f"-{seen[name]}"
        again = ScoreConfiguration(
            **{field: getattr(asked, field) for field in Configuration.model_fields if field != "networks"}
            | {"seed": seed},
            predictors=(asked.predictor,),
            architectures=tuple(one.to_json() for one in architectures for _ in range(draws)),
        )
        planned.append([])
        for number in range(batches):
            batch = again.model_copy(update={"data_seed": again.data_seed + number})
            planned[-1].append((batch, out / AGAIN / (f"{name}-batch-{number}" if number else name)))
            _check_fresh(*planned[-1][-1])
    return [
        [
            (folder, score_run(one, folder, workers, partial(progress, f"{AGAIN} {folder.name}")))
            for one, folder in each
        ]
        for each in planned
    ]


def _check_fresh(asked: ScoreConfiguration, folder: Path) -> None:
    """Refuse a folder of other scores; the difference would fill pages."""
    there = recorded(folder).configuration if (folder / RUN).is_file() else asked
    have = there.architectures if isinstance(there, ScoreConfiguration) else ()
    if have != asked.architectures:
        raise InvalidInput(
            f"{folder} is for {len(have)} fresh scores, and not for the {len(asked.architectures)} asked for: "
            "of other architectures, or of each in another number; choose another output folder."
        )
