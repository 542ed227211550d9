"""An executor that runs jobs in threads of the calling process."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TypeVar

J = TypeVar("J")
R = TypeVar("R")


class Threads:
    """Runs jobs in `workers` threads, for work that releases Python's lock."""

    def __init__(self, workers: int) -> None:
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
