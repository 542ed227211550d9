"""Jobs one after the other, in the calling process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

J = TypeVar("J")
R = TypeVar("R")


class InProcess:
    """Runs jobs in the calling process, in order, as results are taken."""

    def run(self, setup: Callable[[], Callable[[J], R]], jobs: Sequence[J]) -> Iterator[tuple[int, R]]:
        """Yield (index, result) for every job, in order."""
        work = setup() if jobs else None
        for index, job in enumerate(jobs):
            assert work is not None
            yield index, work(job)

    def close(self) -> None:
        """Nothing to release."""
