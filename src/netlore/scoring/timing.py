"""How long scoring takes on this machine, network by network, and what machine that is."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch

from netlore.executors import Workers, opened
from netlore.scoring.scorer import Job, ScoringSetup, Settings
from netlore.storage.score_table import Score


@dataclass(frozen=True)
class Timed:
    """A job's scores, how long they took, and the process that computed them.

    Attributes:
        seconds: From the architecture to its scores.
        process: The process's number.
        scores: One per predictor of the job.
    """

    seconds: float
    process: int
    scores: list[Score]


@dataclass(frozen=True)
class _TimedSetup:
    """Picklable: prepares a process for scoring by the clock."""

    settings: Settings

    def __call__(self) -> Callable[[Job], Timed]:
        score = ScoringSetup(self.settings)()

        def work(job: Job) -> Timed:
            start = time.perf_counter()
            scores = score(job)
            return Timed(time.perf_counter() - start, os.getpid(), scores)

        return work


TimedRun = Callable[[Sequence[Job]], Iterator[tuple[int, Timed]]]
"""From jobs to pairs of an index and what came of it, as `Executor.run`."""


@contextmanager
def timed_run(settings: Settings, workers: Workers) -> Iterator[TimedRun]:
    """What scores networks under these settings, and says how long each took."""
    with opened(workers) as running:
        yield partial(running.run, _TimedSetup(settings))


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def hardware(device: str) -> dict[str, str]:
    """What computes: the machine, the instructions that torch uses there, and the device."""
    on = torch.device(device)
    return {
        "machine": f"{platform.system()} {platform.machine()}",
        "capability": torch.backends.cpu.get_cpu_capability(),
        "device": torch.cuda.get_device_name(on) if on.type == "cuda" else device,
    }
