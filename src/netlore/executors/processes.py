"""Jobs in worker processes on this machine."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from netlore.errors import WorkerLost
from netlore.executors.allocator import keep_freed_memory

J = TypeVar("J")
R = TypeVar("R")

# Jobs handed out ahead of each worker, so that none waits for the parent.
_AHEAD = 3


class Processes(Generic[J, R]):
    """Runs jobs in `workers` fresh processes, which live until `close`.

    Args:
        setup: Picklable; called once in every worker, with its first job; returns the function that does a job.
        workers: Number of processes.
    """

    def __init__(self, setup: Callable[[], Callable[[J], R]], workers: int) -> None:
        self._workers = workers
        self._pool = ProcessPoolExecutor(workers, _context(), initializer=_start, initargs=(setup,))

    def run(self, jobs: Sequence[J]) -> Iterator[tuple[int, R]]:
        """Yield (index, result) for every job, in the order in which they finish.

        Raises:
            WorkerLost: A worker process died.
        """
        waiting = iter(enumerate(jobs))
        running: dict[Future[R], int] = {}
        try:
            while True:
                while len(running) < self._workers * _AHEAD and (job := next(waiting, None)) is not None:
                    with _uninterrupted():
                        running[self._pool.submit(_work, job[1])] = job[0]
                if not running:
                    return
                # Failures last: what finished beside them is handed over first.
                for done in sorted(wait(running, return_when=FIRST_COMPLETED).done, key=_failed):
                    yield running.pop(done), done.result()
        except BrokenProcessPool:
            raise WorkerLost(
                "a worker process died, perhaps for want of memory; everything scored so far is kept, so run the "
                "same command again, with fewer workers if memory is short. A script of your own must begin such "
                'work under `if __name__ == "__main__":`, since every worker reads the script first.'
            ) from None
        finally:
            for future in running:
                future.cancel()

    def close(self) -> None:
        """End the workers once they have done what is in their hands; all other jobs are dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _context() -> BaseContext:
    """How processes start: fresh, never as forks of this one.

    A fork would inherit locks of torch's threads in whatever state they are. Where the system can, workers are
    forks of a server that has imported everything and done nothing: only its own start takes
    as long as importing torch does.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["netlore.scoring.scorer"])
    return context


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes started meanwhile never hear of Ctrl-C, not even while they import; the caller does, later."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _failed(done: Future[R]) -> bool:
    return done.exception() is not None


# Of a worker process: how it gets the function that does a job.
_job_function: Callable[[], Callable[[Any], Any]] | None = None


def _start(setup: Callable[[], Callable[[J], R]]) -> None:
    """Prepare a worker: the parent alone handles an interruption, and no worker outlives its parent."""
    global _job_function
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_freed_memory()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    # Called with the first job, not here: its error then reaches the caller instead of breaking the pool.
    _job_function = functools.cache(setup)


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _work(job: Any) -> Any:
    assert _job_function is not None
    return _job_function()(job)
