"""An executor that runs jobs in threads of the calling process."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

from netlore.errors import InvalidInput
from netlore.executors.limits import NONE, Limits

J = TypeVar("J")
R = TypeVar("R")


class Threads:
    """Runs jobs in `workers` threads, for work that releases Python's lock."""

    def __init__(self, workers: int | None, limits: Limits = NONE) -> None:
        if limits:
            raise InvalidInput("the executor threads cannot end a job, so it keeps no limits; use processes.")
        self.pool, self.most = ThreadPoolExecutor(workers), 2 * (workers or 32)

    def run(self, setup: Callable[[], Callable[[J], R]], jobs: Iterable[J]) -> Iterator[tuple[int, R]]:
        """Yield (index, result) for every job, in the order in which they finish."""
        waiting, work = enumerate(jobs), None
        running: dict[Future[R], int] = {}
        try:
            while True:
                for index, job in islice(waiting, self.most - len(running)):
                    work = work or setup()
                    running[self.pool.submit(work, job)] = index
                if not running:
                    return
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    yield running.pop(done), done.result()
        finally:
            for future in running:
                future.cancel()

    def close(self) -> None:
        """End the threads."""
        self.pool.shutdown(cancel_futures=True)
