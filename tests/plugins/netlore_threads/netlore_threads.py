"""An executor that runs jobs in threads of the calling process."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TypeVar

from netlore.errors import InvalidInput
from netlore.executors.limits import NONE, Limits

J = TypeVar("J")
R = TypeVar("R")


class Threads:
    """Runs jobs in `workers` threads, for work that releases Python's lock."""

    def __init__(self, workers: int, limits: Limits = NONE) -> None:
        if limits:
            raise InvalidInput("the executor threads cannot end a job, so it keeps no limits; use processes.")
        self.pool = ThreadPoolExecutor(workers)

    def run(self, setup: Callable[[], Callable[[J], R]], jobs: Sequence[J]) -> Iterator[tuple[int, R]]:
        """Yield (index, result) for every job, in the order in which they finish."""
        if not jobs:
            return
        work = setup()
        running: dict[Future[R], int] = {self.pool.submit(work, job): index for index, job in enumerate(jobs)}
        try:
            for done in as_completed(running):
                yield running[done], done.result()
        finally:
            for future in running:
                future.cancel()

    def close(self) -> None:
        """End the threads."""
        self.pool.shutdown(cancel_futures=True)
