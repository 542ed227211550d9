"""What an executor is, and how the argument `workers` becomes one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from operator import index
from typing import Protocol, TypeVar, runtime_checkable

from netlore.errors import InvalidInput
from netlore.executors.processes import Processes
from netlore.plugins import Registry

J = TypeVar("J")
R = TypeVar("R")


@runtime_checkable
class Executor(Protocol):
    """Runs jobs, one run at a time."""

    def run(self, setup: Callable[[], Callable[[J], R]], jobs: Sequence[J]) -> Iterator[tuple[int, R]]:
        """Yield (index, result) for every job, in the order in which they finish.

        Setup and jobs are picklable. Runs with the same setup follow each other, so what it returns may be kept
        until another comes. An error reaches the caller as it is, and the executor can be used after it.
        """

    def close(self) -> None:
        """Release everything; once is enough, and twice does no harm."""


class InProcess:
    """Runs jobs in the calling process, in order, as results are taken."""

    def run(self, setup: Callable[[], Callable[[J], R]], jobs: Sequence[J]) -> Iterator[tuple[int, R]]:
        """Yield (index, result) for every job, in order."""
        if jobs:
            yield from enumerate(map(setup(), jobs))

    def close(self) -> None:
        """Nothing to release."""


Workers = int | str | Executor
"""Processes on this machine, the name of a registered executor, or an executor, which its owner closes."""

EXECUTORS: Registry[Callable[[int], Executor]] = Registry(
    "executor",
    "netlore.executors",
    {"local": "netlore.executors.base:local"},
    callable,
)
"""From a name to a function that makes an executor for a number of workers."""


def local(workers: int) -> Executor:
    """The executor for a number of workers on this machine: one works in the calling process.

    Raises:
        InvalidInput: Fewer than one worker.
    """
    if isinstance(workers, bool) or not hasattr(workers, "__index__"):
        raise InvalidInput(f"workers = {workers!r} is no number and no executor; give 1 or more, or an executor.")
    if workers < 1:
        raise InvalidInput(f"workers = {workers} is not positive; choose 1 or more.")
    return InProcess() if workers == 1 else Processes(index(workers))


@contextmanager
def opened(workers: Workers) -> Iterator[Executor]:
    """The executor that `workers` stands for; closed at the end, unless the caller passed it.

    Raises:
        InvalidInput: It is none, or no executor of that name is registered.
    """
    if isinstance(workers, Executor):
        yield workers
        return
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    made = EXECUTORS.get(workers)(cores) if isinstance(workers, str) else local(workers)
    with closing(made) as running:
        yield running
