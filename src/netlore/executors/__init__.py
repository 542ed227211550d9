"""Executors: where jobs run. Same results from each, whatever finishes first.

An executor is given a setup, called once in every process, which returns the function that does a job. What it
yields are pairs of a job's index and result, in the order in which they finish.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from netlore.errors import InvalidInput
from netlore.executors.processes import Processes
from netlore.executors.serial import InProcess

J = TypeVar("J")
R = TypeVar("R")
J_contra = TypeVar("J_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class Executor(Protocol[J_contra, R_co]):
    """Runs jobs."""

    def run(self, jobs: Sequence[J_contra]) -> Iterator[tuple[int, R_co]]:
        """Yield (index, result) for every job, in the order in which they finish."""

    def close(self) -> None:
        """Let go of everything."""


def local(setup: Callable[[], Callable[[J], R]], workers: int) -> Executor[J, R]:
    """The executor for so many workers on this machine: one works in the calling process.

    Raises:
        InvalidInput: Fewer than one worker.
    """
    if workers < 1:
        raise InvalidInput(f"workers = {workers} is not positive; choose 1 or more.")
    return InProcess(setup) if workers == 1 else Processes(setup, workers)
