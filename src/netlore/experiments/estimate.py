"""How long scoring would take, and what it would compute: of a sample, or of a module."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netlore.data import Task
from netlore.errors import InvalidInput
from netlore.experiments.config import ScoreConfiguration
from netlore.experiments.record import identity
from netlore.experiments.score import prepared, settings_of
from netlore.scoring.cost import NetworkKind, kind_of, passes_by_predictor, timed_run, usable_cores
from netlore.scoring.engine import AutogradEngine
from netlore.scoring.examination import load_module
from netlore.scoring.scorer import Job, Network, cost, numbered, stored_scores
from netlore.scoring.settings import Settings, check_coupling, plan_of
from netlore.space.architecture import Architecture
from netlore.storage.score_store import FILE_NAME as SCORES
from netlore.storage.score_store import Store

_LOOKED_AT = 2_000
"""Architectures whose plans are looked at; those of more are taken to be alike."""


@dataclass(frozen=True)
class Forecast:
    """What a command that scores would do.

    Attributes:
        passes: What each predictor adds to those before it, in sentences.
        missing: Those of the networks that the output folder does not hold yet.
        seconds: Estimated time for what is missing; None if nothing could be measured.
        measured_on: How many networks were scored to find out.
        cores: Cores that there are for the workers.
    """

    passes: dict[str, tuple[str, ...]]
    networks: int
    missing: int
    seconds: float | None
    measured_on: int
    workers: int
    cores: int

    def document(self) -> dict[str, Any]:
        """The forecast as JSON-able values."""
        values = {name: value for name, value in vars(self).items() if name not in ("workers", "cores")}
        return values | {"passes": {name: list(sentences) for name, sentences in self.passes.items()}}


def forecast_scores(
    configuration: ScoreConfiguration,
    folder: Path,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Forecast:
    """What `score_run` would do, or refuse; a few networks are scored to measure it, and nothing is written."""
    if workers < 1:
        raise InvalidInput(f"workers = {workers} is not positive; choose 1 or more.")
    architectures, settings, _ = prepared(configuration)
    networks = numbered(architectures)
    missing = _missing(networks, settings, folder, identity("score", configuration, settings.task))
    cores = usable_cores()
    seconds, measured_on = scoring_seconds(missing, settings, progress)
    seconds /= max(1, min(workers, cores, len(missing)))
    passes = _passes(settings, _kinds(architectures, settings.task))
    return Forecast(passes, len(networks), len(missing), seconds, measured_on, workers, cores)


def forecast_module(path: str, configuration: ScoreConfiguration) -> Forecast:
    """What `score_module` would do. It is one network: to time it is to score it, so no time is estimated."""
    settings = settings_of(configuration)
    check_coupling(AutogradEngine(load_module(path, configuration.device)).batch_coupling, settings)
    return Forecast(_passes(settings, {"module": 1}), 1, 1, None, 0, workers=1, cores=usable_cores())


def quartiles(networks: Sequence[Network], task: Task) -> list[Network]:
    """Up to three networks that stand for all: those at the quartiles of the predicted cost, cheapest first."""
    by_cost = sorted(networks, key=lambda network: cost(network.architecture, task))
    return [by_cost[i] for i in sorted({len(by_cost) * quarter // 4 for quarter in (1, 2, 3)})] if by_cost else []


def scoring_seconds(
    networks: Sequence[Network], settings: Settings, progress: Callable[[int, int], None] | None = None
) -> tuple[float, int]:
    """The time to score networks one after the other in this process, and on how many of them it was measured.

    Those at the quartiles are scored, after the largest of them as a warm-up; the others take as much time as the
    predicted cost says.
    """
    chosen = quartiles(networks, settings.task)
    if not chosen:
        return 0.0, 0
    names = tuple(predictor.name for predictor in settings.predictors)
    jobs = [Job(network, names) for network in (*chosen[-1:], *chosen)]
    shown = progress or (lambda done, total: None)
    shown(0, len(jobs))
    seconds = []
    with timed_run(settings, workers=1) as run:
        for index, timed in run(jobs):
            seconds.append(timed.seconds)
            shown(index + 1, len(jobs))
    costs = [sum(cost(one.architecture, settings.task) for one in some) for some in (networks, chosen)]
    return sum(seconds[1:]) * costs[0] / costs[1], len(chosen)


def _passes(settings: Settings, networks: Mapping[NetworkKind, int]) -> dict[str, tuple[str, ...]]:
    return passes_by_predictor(settings.predictors, networks, settings.in_chunks)


def _kinds(architectures: Sequence[Architecture], task: Task) -> dict[NetworkKind, int]:
    """How many networks are of which kind; of very many, as some of them are."""
    some = architectures[:: -(-len(architectures) // _LOOKED_AT)]
    kinds = Counter(kind_of(plan_of(one, task)) for one in some)
    return {kind: round(count * len(architectures) / len(some)) for kind, count in kinds.items()}


def _missing(
    networks: list[Network], settings: Settings, folder: Path, known_for: dict[str, Any]
) -> list[Network]:
    """The networks whose scores the folder does not hold; it is read, and no file is made next to its store."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
        raise InvalidInput(
            f"output folder {folder} cannot be used ({nearest} is no folder that can be written to); "
            f"choose another folder."
        )
    if not (folder / SCORES).is_file():
        return networks
    with Store(folder, None) as store:
        store.check(known_for)
        # A folder holds scores of nothing but its own networks, so a full one need not be looked through.
        if store.count() >= len(networks) * len(settings.predictors):
            return []
        return [network for network in networks if stored_scores([network], settings, store) is None]
