"""How fast this machine scores, how long a run would take, and what it would compute: `bench` and `--dry-run`."""

from __future__ import annotations

import os
import statistics
import time
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlore.data import Task
from netlore.errors import InvalidInput
from netlore.executors.base import usable_cores
from netlore.experiments.config import BenchConfiguration, ModulesConfiguration, ScoreConfiguration
from netlore.experiments.record import Progress, identity, saying_all, silent
from netlore.experiments.score import prepared
from netlore.experiments.score_modules import prepared_modules_of
from netlore.networks.devices import hardware, versions
from netlore.scoring.cost import NetworkKind, Timed, TimedRun, kind_of, timed_run
from netlore.scoring.cost import passes_by_predictor as passes_of
from netlore.scoring.draws import FirstDraws, Job, Network, numbered
from netlore.scoring.kept import pieces
from netlore.scoring.missing import costs
from netlore.scoring.scorer import Progress as Counted
from netlore.scoring.scorer import stored_scores
from netlore.scoring.settings import Settings, plan_of
from netlore.space.architecture import Architecture
from netlore.space.family import has_plans
from netlore.storage.archive import FILE_NAME as ARCHIVE
from netlore.storage.score_store import FILE_NAME as SCORES
from netlore.storage.score_store import Store
from netlore.storage.score_table import ScoreRow

TOGETHER = "all together"
ROUNDS = 50
"""Of jobs for all workers, while one of them has not shown itself yet."""
_READ_A_SECOND = {SCORES: 2e6, ARCHIVE: 0.45e6}
"""Bytes of a store and of an archive that one core of a laptop reads: about 13,000 scores."""
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
        objective: The loss of modules, and the output that it looks at if one is named.
    """

    passes: dict[str, tuple[str, ...]]
    networks: int
    missing: int
    seconds: float | None
    measured_on: int
    workers: int
    cores: int
    objective: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The forecast as JSON-able values."""
        left_out = ("workers", "cores", "objective")
        values = {name: value for name, value in vars(self).items() if name not in left_out} | self.objective
        return values | {"passes": {name: list(sentences) for name, sentences in self.passes.items()}}


@dataclass(frozen=True)
class Speed:
    """How fast some predictors score: over all workers, and one network in one worker."""

    networks_per_second: float
    median_milliseconds: float


@dataclass(frozen=True)
class Benchmark:
    """How fast a machine scores a number of networks, by each predictor alone and by all together.

    Failures are the scores that are missing, in whichever way.
    """

    configuration: BenchConfiguration
    workers: int
    cores: int
    networks: int
    alone: dict[str, Speed]
    together: Speed
    failures: tuple[ScoreRow, ...]
    seconds: float

    def surroundings(self) -> dict[str, Any]:
        """The machine and the software, as JSON-able values."""
        used = {"cores": self.cores, "cores_used": min(self.workers, self.cores), "workers": self.workers}
        return {**hardware(self.configuration.device), **used, "versions": versions()}

    def document(self) -> dict[str, Any]:
        """The result as JSON-able values."""
        return {
            **self.surroundings(),
            "networks": self.networks,
            **self.configuration.model_dump(include={"data", "batch_size", "dtype"}),
            "predictors": {name: asdict(speed) for name, speed in self.alone.items()},
            "all_together": asdict(self.together),
            "failed": len(self.failures),
            "seconds": self.seconds,
        }


def forecast_scores(
    configuration: ScoreConfiguration, folder: Path, workers: int = 1, progress: Counted | None = None
) -> Forecast:
    """What `score_run` would do, or refuse; a few networks are scored to measure it, and nothing is written."""
    if workers < 1:
        raise InvalidInput(f"workers = {workers} is not positive; choose 1 or more.")
    architectures, settings, _ = prepared(configuration)
    networks = numbered(architectures) if configuration.architectures else FirstDraws(architectures)
    missing = _missing(networks, settings, folder, identity("score", configuration, settings.task))
    cores = usable_cores()
    seconds, measured_on = scoring_seconds(missing, settings, progress)
    seconds /= max(1, min(workers, cores, len(missing)))
    passes = passes_of(settings.predictors, _kinds(architectures, settings.task), settings.in_chunks)
    return Forecast(passes, len(networks), len(missing), seconds, measured_on, workers, cores)


def forecast_modules(asked: ModulesConfiguration, folder: Path | None = None, workers: int = 1) -> Forecast:
    """What `score_modules_run` would do, or refuse. To time a module is to score it, so no time is estimated."""
    settings, networks, _, facts = prepared_modules_of(asked)
    missing = networks if folder is None else _missing(networks, settings, folder, facts)
    passes = passes_of(settings.predictors, {"module": 1}, settings.in_chunks)
    objective = {"loss": asked.loss, **({} if asked.output is None else {"output": asked.output})}
    return Forecast(passes, len(networks), len(missing), None, 0, workers, usable_cores(), objective)


def scoring_seconds(
    networks: Sequence[Network], settings: Settings, progress: Counted | None = None
) -> tuple[float, int]:
    """The time to score networks one after the other in this process, and on how many of them it was measured.

    Those at the quartiles are scored, after the largest of them as a warm-up; the others take as much time as the
    predicted cost says.
    """
    chosen = quartiles(networks, settings.task)
    if not chosen:
        return 0.0, 0
    names = tuple(predictor.name for predictor in settings.examining)
    with timed_run(settings, workers=1) as run:
        _, *timed = _timed(run, [Job(network, names) for network in (*chosen[-1:], *chosen)], progress)
    total, known = (int(_sizes(some, settings.task).sum()) for some in (networks, chosen))
    return sum(one.seconds for one in timed) * total / known, len(chosen)


def quartiles(networks: Sequence[Network], task: Task) -> list[Network]:
    """Up to three networks that stand for all: those at the quartiles of the predicted cost, cheapest first."""
    by_cost = np.argsort(_sizes(networks, task), kind="stable").tolist()
    places = sorted({len(by_cost) * quarter // 4 for quarter in (1, 2, 3)}) if by_cost else []
    return [networks[by_cost[place]] for place in places]


def _sizes(networks: Sequence[Network], task: Task) -> NDArray[np.int64]:
    found = [costs([network.architecture for network in piece], task) for _, piece in pieces(networks)]
    return np.concatenate([np.empty(0, dtype=np.int64), *found])


def bench_run(configuration: BenchConfiguration, workers: int = 1, progress: Progress = silent) -> Benchmark:
    """Score a sample by each predictor alone and by all together, on the clock; nothing is stored."""
    start = time.perf_counter()
    architectures, settings, _ = prepared(configuration)
    # The largest first, as in a run.
    drawn = numbered(architectures)
    networks = [drawn[place] for place in np.argsort(-_sizes(drawn, settings.task), kind="stable").tolist()]
    names = tuple(predictor.name for predictor in settings.examining)
    ways = {name: (name,) for name in names} | ({TOGETHER: names} if len(names) > 1 else {})
    speeds: dict[str, Speed] = {}
    failures: dict[tuple[str, str], ScoreRow] = {}
    with timed_run(settings, workers) as run:
        wake(run, Job(networks[-1], names[:1]), workers)
        for way, predictors in ways.items():
            jobs = [Job(network, predictors) for network in networks]
            # A warm-up, by the network that needs the most memory, so that no other waits for memory.
            deque(run(jobs[:1] * workers), maxlen=0)
            began = time.perf_counter()
            timed = _timed(run, jobs, partial(progress, way))
            rate = len(jobs) / (time.perf_counter() - began)
            speeds[way] = Speed(rate, 1000 * statistics.median(one.seconds for one in timed))
            for network, one in zip(networks, timed, strict=True):
                for name, found in zip(predictors, one.scores, strict=True):
                    if found.status != "ok":
                        row = ScoreRow(network.architecture, configuration.seed, network.draw, name, found)
                        failures[row.architecture.id, name] = row
    # A lone predictor is all of them.
    together = speeds.pop(TOGETHER) if len(names) > 1 else speeds[names[0]]
    missing, took = tuple(failures.values()), time.perf_counter() - start
    return Benchmark(configuration, workers, usable_cores(), len(networks), speeds, together, missing, took)


def reading_seconds(folders: Sequence[Path]) -> float:
    """About how long it takes to read the scores of runs or of studies, by the sizes of their files."""
    seconds = 0.0
    for folder in folders:
        with suppress(OSError):  # whoever reads it says what is wrong with it
            files = [path for place in ("*", "*/*") for path in folder.glob(place) if path.name in _READ_A_SECOND]
            seconds += sum(path.stat().st_size / _READ_A_SECOND[path.name] for path in files)
    return seconds


def wake(run: TimedRun, job: Job, workers: int) -> None:
    """Let the worker processes start and import what they need before the clock does.

    A process that starts late may never get a job while others are quick, so this ends after `ROUNDS` rounds.
    """
    awake: set[int] = set()
    for _ in range(ROUNDS):
        awake |= {timed.process for _, timed in run([job] * workers)}
        if len(awake) >= workers:
            return


def _timed(run: TimedRun, jobs: Sequence[Job], progress: Counted | None) -> list[Timed]:
    """What came of jobs, in their order."""
    shown = progress or (lambda done, total: None)
    shown(0, len(jobs))
    found: dict[int, Timed] = {}
    for index, timed in run(jobs):
        found[index] = timed
        shown(len(found), len(jobs))
    return [found[index] for index in range(len(jobs))]


def _kinds(architectures: Sequence[Architecture], task: Task) -> dict[NetworkKind, int]:
    """How many networks are of which kind; of very many, as some of them are."""
    some = architectures[:: -(-len(architectures) // _LOOKED_AT)]
    kinds = Counter(kind_of(plan_of(one, task)) if has_plans(one.family) else "module" for one in some)
    return {kind: round(count * len(architectures) / len(some)) for kind, count in kinds.items()}


def _missing(
    networks: Sequence[Network], settings: Settings, folder: Path, known_for: dict[str, Any]
) -> Sequence[Network]:
    """The networks whose scores the folder does not hold; it is read, and no file is made next to its store."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
        raise InvalidInput(
            f"output folder {folder} cannot be used ({nearest} is no folder that can be written to); "
            f"choose another folder."
        )
    if not (folder / SCORES).is_file():
        return networks
    with saying_all(), Store(folder, None) as store:
        store.check(known_for)
        # A folder holds scores of nothing but its own networks, so a full one need not be looked through.
        if store.count() >= len(networks) * len(settings.predictors):
            return []
        return [network for network in networks if stored_scores([network], settings, store) is None]
