"""Scores many small networks, and measures what the process that computes them holds on to.

As a program it does so in its own process, which keeps freed memory as the command line's does, and prints JSON.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch

import netlore as nl
from netlore.executors import Executor, InProcess
from netlore.executors.allocator import keep_freed_memory, resident_bytes
from netlore.scoring.draws import Job, numbered
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import ScoringSetup, Settings, score_networks
from netlore.space.complexity import complexity
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score

FEW, MANY = 50, 200


class Footprint(NamedTuple):
    """What a process holds.

    Attributes:
        resident: Bytes that are resident, with memory that was freed and kept.
        used: Bytes that stay resident once freed memory is returned to the system.
        tensors: Tensors that Python knows of.
    """

    resident: int
    used: int
    tensors: int


@dataclass(frozen=True)
class Measuring:
    """Prepares a process for scoring; a job that is None gives the process's footprint instead."""

    settings: Settings

    def __call__(self) -> Callable[[Job | None], list[Score] | Footprint]:
        score = ScoringSetup(self.settings)()
        return lambda job: footprint() if job is None else score(job)


@dataclass(frozen=True)
class OneSetup:
    """An executor whose processes have one setup, whatever is asked for."""

    running: Executor
    setup: Measuring

    def run(self, _: Any, jobs: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """Run jobs under the one setup."""
        return self.running.run(self.setup, jobs)

    def close(self) -> None:
        """Close the executor."""
        self.running.close()


def footprint() -> Footprint:
    """The footprint of this process; freed memory is returned on the way."""
    gc.collect()
    tensors = sum(issubclass(type(found), torch.Tensor) for found in gc.get_objects())
    resident = resident_bytes()
    ctypes.CDLL(None).malloc_trim(0)
    return Footprint(resident, resident_bytes(), tensors)


def settings() -> Settings:
    """All seven predictors on four images."""
    return Settings(nl.task("noise", batch_size=4), resolve("all"))


def architectures() -> list[nl.Architecture]:
    """Different small ones; the first few are of every size, the largest among them."""
    small = {f"d{i}": (1, 1) for i in (1, 2, 3)} | {f"w{i}": (4, 32) for i in (1, 2, 3)}
    drawn = nl.sample(nl.anynet().restrict(small), MANY, seed=0)
    drawn.sort(key=lambda one: -complexity(one, num_classes=10).activations)
    step = MANY // FEW
    return [one for start in range(step) for one in drawn[start::step]]


def after_few_and_many(running: Executor, folder: Path) -> list[Footprint]:
    """What the process that computes holds after few and after many networks, stored as a run stores them."""
    found, asked = [], architectures()
    with Store(folder, settings().describe()) as store:
        for part in (asked[:FEW], asked[FEW:]):
            assert not score_networks(numbered(part), settings(), running, store).failures
            found += [measured for _, measured in running.run(None, [None])]
    return found


def main() -> None:
    """Measure this process."""
    keep_freed_memory()
    with closing(OneSetup(InProcess(), Measuring(settings()))) as running:
        print(json.dumps(after_few_and_many(running, Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
