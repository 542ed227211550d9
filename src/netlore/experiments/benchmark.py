"""`netlore bench`: how fast this machine scores."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from netlore.experiments.config import BenchConfiguration
from netlore.experiments.progress import Progress, silent
from netlore.experiments.record import versions
from netlore.experiments.score import prepared
from netlore.scoring.cost import TimedRun, hardware, timed_run, usable_cores
from netlore.scoring.scorer import Job, Network, cost, numbered
from netlore.storage.score_table import ScoreRow

TOGETHER = "all together"
ROUNDS = 50
"""Of jobs for all workers, while one of them has not shown itself yet."""


@dataclass(frozen=True)
class Speed:
    """How fast some predictors score.

    Attributes:
        networks_per_second: Over all workers.
        median_milliseconds: Time of one network in one worker.
    """

    networks_per_second: float
    median_milliseconds: float


@dataclass(frozen=True)
class Benchmark:
    """How fast a machine scores.

    Attributes:
        configuration: What was measured.
        workers: Processes that shared the work, each on one core.
        cores: Cores that there are for them.
        networks: How many networks were scored in each way.
        alone: By predictor, the speed with no other beside it.
        together: The speed of all predictors at once, whose passes are shared.
        failures: The scores that are missing, in whichever way.
        seconds: Time that all of it took.
    """

    configuration: BenchConfiguration
    workers: int
    cores: int
    networks: int
    alone: dict[str, Speed]
    together: Speed
    failures: tuple[ScoreRow, ...]
    seconds: float

    @property
    def cores_used(self) -> int:
        """Cores at work: a worker uses one."""
        return min(self.workers, self.cores)

    def surroundings(self) -> dict[str, Any]:
        """The machine and the software, as JSON-able values."""
        used = {"cores": self.cores, "cores_used": self.cores_used, "workers": self.workers}
        return {**hardware(self.configuration.device), **used, "versions": versions()}

    def document(self) -> dict[str, Any]:
        """The result as JSON-able values."""
        asked = self.configuration
        return {
            **self.surroundings(),
            "networks": self.networks,
            "data": asked.data,
            "batch_size": asked.batch_size,
            "dtype": asked.dtype,
            "predictors": {name: asdict(speed) for name, speed in self.alone.items()},
            "all_together": asdict(self.together),
            "failed": len(self.failures),
            "seconds": self.seconds,
        }


def bench_run(configuration: BenchConfiguration, workers: int = 1, progress: Progress = silent) -> Benchmark:
    """Score a sample by each predictor alone and by all together, on the clock; nothing is stored.

    Args:
        configuration: What to measure.
        workers: Processes to use.
        progress: Called with the way of scoring and the numbers of networks done and to do.

    Raises:
        InvalidInput: Anything that cannot be used.
    """
    start = time.perf_counter()
    architectures, settings, _ = prepared(configuration)
    # The largest first, as in a run.
    networks = sorted(numbered(architectures), key=lambda network: -cost(network.architecture, settings.task))
    names = tuple(predictor.name for predictor in settings.predictors)
    ways = {name: (name,) for name in names} | ({TOGETHER: names} if len(names) > 1 else {})
    with timed_run(settings, workers) as run:
        wake(run, Job(networks[-1], names[:1]), workers)
        measured = {
            way: _measure(run, networks, way, names, workers, configuration.seed, progress)
            for way, names in ways.items()
        }
    speeds = {way: speed for way, (speed, _) in measured.items()}
    # A lone predictor is all of them.
    together = speeds.pop(TOGETHER) if len(names) > 1 else speeds[names[0]]
    failures = {(row.architecture.id, row.predictor): row for _, failed in measured.values() for row in failed}
    found, took = tuple(failures.values()), time.perf_counter() - start
    return Benchmark(configuration, workers, usable_cores(), len(networks), speeds, together, found, took)


def wake(run: TimedRun, job: Job, workers: int) -> None:
    """Let the worker processes start and import what they need before the clock does.

    A process that starts late may never get a job while others are quick, so this ends after `ROUNDS` rounds.
    """
    awake: set[int] = set()
    for _ in range(ROUNDS):
        awake |= {timed.process for _, timed in run([job] * workers)}
        if len(awake) >= workers:
            return


def _measure(
    run: TimedRun,
    networks: Sequence[Network],
    way: str,
    predictors: tuple[str, ...],
    workers: int,
    seed: int,
    progress: Progress,
) -> tuple[Speed, list[ScoreRow]]:
    """The speed of one way of scoring, and the scores that it lacks."""
    jobs = [Job(network, predictors) for network in networks]
    # A warm-up, by the network that needs the most memory, so that no other waits for memory.
    deque(run(jobs[:1] * workers), maxlen=0)
    progress(way, 0, len(jobs))
    times: list[float] = []
    failures: list[ScoreRow] = []
    start = time.perf_counter()
    for index, timed in run(jobs):
        times.append(timed.seconds)
        network = networks[index]
        failures += [
            ScoreRow(network.architecture, seed, network.draw, name, found)
            for name, found in zip(predictors, timed.scores, strict=True)
            if found.status != "ok"
        ]
        progress(way, len(times), len(jobs))
    elapsed = time.perf_counter() - start
    return Speed(len(jobs) / elapsed, 1000 * statistics.median(times)), failures
