"""`netlore bench`: how fast this machine scores."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from netlore.experiments.config import BenchConfiguration
from netlore.experiments.record import Progress, silent, versions
from netlore.experiments.score import prepared
from netlore.scoring.cost import Timed, TimedRun, hardware, timed_run, usable_cores
from netlore.scoring.scorer import Job, cost, numbered
from netlore.storage.score_table import Score, ScoreRow

TOGETHER = "all together"
ROUNDS = 50
"""Of jobs for all workers, while one of them has not shown itself yet."""


@dataclass(frozen=True)
class Speed:
    """How fast some predictors score: over all workers, and one network in one worker."""

    networks_per_second: float
    median_milliseconds: float


@dataclass(frozen=True)
class Benchmark:
    """How fast a machine scores.

    Attributes:
        cores: Cores that there are for the workers, each of which uses one.
        networks: How many networks were scored in each way.
        alone: By predictor, its speed when computed alone.
        together: The speed of all predictors at once, whose passes are shared.
        failures: The scores that are missing, in whichever way.
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
        asked = self.configuration
        return {
            **self.surroundings(),
            "networks": self.networks,
            **asked.model_dump(include={"data", "batch_size", "dtype"}),
            "predictors": {name: asdict(speed) for name, speed in self.alone.items()},
            "all_together": asdict(self.together),
            "failed": len(self.failures),
            "seconds": self.seconds,
        }


def bench_run(configuration: BenchConfiguration, workers: int = 1, progress: Progress = silent) -> Benchmark:
    """Score a sample by each predictor alone and by all together, on the clock; nothing is stored."""
    start = time.perf_counter()
    architectures, settings, _ = prepared(configuration)
    # The largest first, as in a run.
    networks = sorted(numbered(architectures), key=lambda network: -cost(network.architecture, settings.task))
    names = tuple(predictor.name for predictor in settings.predictors)
    ways = {name: (name,) for name in names} | ({TOGETHER: names} if len(names) > 1 else {})
    speeds: dict[str, Speed] = {}
    failures: dict[tuple[str, str], ScoreRow] = {}
    with timed_run(settings, workers) as run:
        wake(run, Job(networks[-1], names[:1]), workers)
        for way, predictors in ways.items():
            jobs = [Job(network, predictors) for network in networks]
            # A warm-up, by the network that needs the most memory, so that no other waits for memory.
            deque(run(jobs[:1] * workers), maxlen=0)
            speeds[way], results = _clocked(run, jobs, partial(progress, way))
            for network, scores in zip(networks, results, strict=True):
                for name, found in zip(predictors, scores, strict=True):
                    row = ScoreRow(network.architecture, configuration.seed, network.draw, name, found)
                    if found.status != "ok":
                        failures[row.architecture.id, name] = row
    # A lone predictor is all of them.
    together = speeds.pop(TOGETHER) if len(names) > 1 else speeds[names[0]]
    missing, took = tuple(failures.values()), time.perf_counter() - start
    return Benchmark(configuration, workers, usable_cores(), len(networks), speeds, together, missing, took)


def wake(run: TimedRun, job: Job, workers: int) -> None:
    """Let the worker processes start and import what they need before the clock does.

    A process that starts late may never get a job while others are quick, so this ends after `ROUNDS` rounds.
    """
    awake: set[int] = set()
    for _ in range(ROUNDS):
        awake |= {timed.process for _, timed in run([job] * workers)}
        if len(awake) >= workers:
            return


def _clocked(
    run: TimedRun, jobs: Sequence[Job], shown: Callable[[int, int], None]
) -> tuple[Speed, list[list[Score]]]:
    """The speed of these jobs, and their scores in their order."""
    shown(0, len(jobs))
    found: dict[int, Timed] = {}
    start = time.perf_counter()
    for index, timed in run(jobs):
        found[index] = timed
        shown(len(found), len(jobs))
    elapsed = time.perf_counter() - start
    speed = Speed(len(jobs) / elapsed, 1000 * statistics.median(one.seconds for one in found.values()))
    return speed, [found[index].scores for index in range(len(jobs))]
