"""What an executor is, and how the argument `workers` becomes one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from operator import index
from typing import Any, Protocol, TypeVar, runtime_checkable

from netlore.errors import InvalidInput
from netlore.executors.limits import NONE, Limits, Lost
from netlore.executors.processes import Processes
from netlore.plugins import Registry

J = TypeVar("J")
R = TypeVar("R")


@runtime_checkable
class Executor(Protocol):
    """Runs jobs, one run at a time."""

    def run(self, setup: Callable[[], Callable[[J], R]], jobs: Iterable[J]) -> Iterator[tuple[int, R | Lost]]:
        """Yield (index, result) for every job, in the order in which they finish.

        Jobs are taken in the calling thread, a few more than can run at once: there may be millions, and each is
        made when it is taken. Setup and jobs are picklable. Runs with the same setup follow each other, so what it
        returns may be kept until another comes. An error reaches the caller as it is, and the executor can be used
        after it. A job that goes over a limit, or that took its process with it when it was tried and tried once
        more, has `Lost` in place of its result, and the others go on.
        """

    def close(self) -> None:
        """Release everything; once is enough, and twice does no harm."""


class InProcess:
    """Runs jobs in the calling process, in order, as results are taken."""

    def run(self, setup: Callable[[], Callable[[J], R]], jobs: Iterable[J]) -> Iterator[tuple[int, R]]:
        """Yield (index, result) for every job, in order."""
        work: Callable[[J], R] | None = None
        for number, job in enumerate(jobs):
            work = setup() if work is None else work
            yield number, work(job)

    def close(self) -> None:
        """Nothing to release."""


Workers = int | str | Executor
"""Processes on this machine, the name of a registered executor, or an executor, which its owner closes."""

EXECUTORS: Registry[Callable[..., Executor]] = Registry(
    "executor",
    "netlore.executors",
    {"local": "netlore.executors.base:on_this_machine", "ray": "netlore.executors.ray:on_ray"},
    callable,
)
"""From a name to a function `(workers, limits, **options)` that makes an executor: a number of workers, None for
as many as it has room for; `Limits` of each job; options of its own. One that cannot keep limits refuses them."""


MOST_WORKERS = 1_024
"""Processes on one machine."""


def local(workers: int, limits: Limits = NONE) -> Executor:
    """The executor for a number of workers on this machine: one without limits works in the calling process.

    Raises:
        InvalidInput: Fewer than one worker.
    """
    if isinstance(workers, bool) or not hasattr(workers, "__index__"):
        raise InvalidInput(f"workers = {workers!r} is no number and no executor; give 1 or more, or an executor.")
    if workers < 1:
        raise InvalidInput(f"workers = {workers} is not positive; choose 1 or more.")
    if workers > MOST_WORKERS:
        raise InvalidInput(f"workers = {workers:,} are too many processes; choose {MOST_WORKERS:,} or fewer.")
    return Processes(index(workers), limits) if workers > 1 or limits else InProcess()


def on_this_machine(workers: int | None, limits: Limits = NONE) -> Executor:
    """The same by name: with None a worker for each core."""
    return local(usable_cores() if workers is None else workers, limits)


@contextmanager
def opened(workers: Workers, limits: Limits = NONE, **options: Any) -> Iterator[Executor]:
    """The executor that `workers` stands for; closed at the end, unless the caller passed it.

    Limits and options go to the function that makes it; options are for executors with a name.

    Raises:
        InvalidInput: It is none, no executor of that name is registered, or it cannot keep the limits.
    """
    if isinstance(workers, Executor):
        if limits or options:
            raise InvalidInput(
                "an executor that is made already has its limits and options; give them where it is made."
            )
        yield workers
        return
    make = partial(EXECUTORS.get(workers), None) if isinstance(workers, str) else partial(local, workers)
    made = make(limits, **options)
    with closing(made) as running:
        yield running


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
