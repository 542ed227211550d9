"""Jobs one after the other, in the calling process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

J = TypeVar("J")
R = TypeVar("R")


class InProcess(Generic[J, R]):
    """Runs jobs in the calling process, in order.

    Args:
        setup: Called once, before the first job; returns the function that does a job.
    """

    def __init__(self, setup: Callable[[], Callable[[J], R]]) -> None:
        self._setup = setup
        self._work: Callable[[J], R] | None = None

    def run(self, jobs: Sequence[J]) -> Iterator[tuple[int, R]]:
        """Yield (index, result) for every job, in order."""
        if self._work is None:
            self._work = self._setup()
        for index, job in enumerate(jobs):
            yield index, self._work(job)

    def close(self) -> None:
        """Nothing to let go of."""
