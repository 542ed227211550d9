"""Jobs in worker processes on this machine."""

from __future__ import annotations

import functools
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess, current_process
from pathlib import Path
from typing import Any, TypeVar

from netlore.errors import InvalidInput, NetloreError, WorkerLost
from netlore.executors.allocator import keep_freed_memory
from netlore.executors.limits import NONE, Limits, Lost

J = TypeVar("J")
R = TypeVar("R")

# Jobs sent ahead to each worker, so that none waits for the parent.
_AHEAD = 3
# With this code a worker ends whose script would start workers of its own while it is being imported.
_UNGUARDED = 77


class Processes:
    """Runs jobs in `workers` fresh processes, which live until `close` or until another setup comes."""

    def __init__(self, workers: int, limits: Limits = NONE) -> None:
        self._workers, self._limits = workers, limits
        self._pool: ProcessPoolExecutor | None = None
        self._setup = b""
        self._started: dict[int, BaseProcess] = {}

    def run(self, setup: Callable[[], Callable[[J], R]], jobs: Iterable[J]) -> Iterator[tuple[int, R | Lost]]:
        """Yield (index, result) for every job, in the order in which they finish.

        Raises:
            InvalidInput: The setup or a job cannot be sent to another process.
            WorkerLost: A worker process died.
        """
        if getattr(current_process(), "_inheriting", False):
            os._exit(_UNGUARDED)  # a worker is reading the script; its parent says what is wrong
        pool = self._ready(setup)
        waiting = iter(enumerate(jobs))
        running: dict[Future[R], int] = {}
        try:
            while True:
                while len(running) < self._workers * _AHEAD and (job := next(waiting, None)) is not None:
                    with _uninterrupted(), _without_pseudo_file():
                        running[pool.submit(_work, job[1])] = job[0]
                    self._started |= pool._processes or {}
                if not running:
                    return
                # Failures last: what finished at the same time is handed over first.
                finished = wait(running, return_when=FIRST_COMPLETED).done
                for done in sorted(finished, key=lambda one: one.exception() is not None):
                    yield running.pop(done), done.result()
        except BrokenProcessPool:
            raise WorkerLost(self._why_lost()) from None
        except NetloreError as error:
            raise error from None  # the worker's traceback adds nothing
        finally:
            for future in running:
                future.cancel()

    def close(self) -> None:
        """End the workers once they have done what is in their hands; all other jobs are dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _ready(self, setup: Callable[[], Callable[[J], R]]) -> ProcessPoolExecutor:
        """A pool whose workers have this setup: the present one, or another in its place."""
        try:
            pickled = pickle.dumps(setup)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise InvalidInput(
                f"the work cannot be sent to worker processes ({error}); define what it uses at the top level of "
                f"a module, or use one worker."
            ) from None
        if self._pool is None or pickled != self._setup:
            self.close()
            context = _context(getattr(setup, "__module__", None) or type(setup).__module__)
            self._pool = ProcessPoolExecutor(self._workers, context, _start, (pickled,))
            self._setup, self._started = pickled, {}
        return self._pool

    def _why_lost(self) -> str:
        self.close()  # only then are the codes known with which workers ended
        if any(process.exitcode == _UNGUARDED for process in self._started.values()):
            return (
                "a worker process reads the script that starts it, and this script would start workers again; put "
                'what it does under `if __name__ == "__main__":`, or use one worker.'
            )
        return (
            "a worker process died, perhaps for want of memory; everything scored so far is kept, so run the same "
            "command again, with fewer workers if memory is short."
        )


def _context(module: str) -> BaseContext:
    """How processes start: fresh, never as forks of this one, which would inherit locks of torch's threads.

    Where the system can, workers are forks of a server that has imported the setup's module and done nothing.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    if module != "__main__":
        context.set_forkserver_preload([module])
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


@contextmanager
def _without_pseudo_file() -> Iterator[None]:
    """Of a script on standard input, `__file__` is "<stdin>", which no worker can read: it starts without."""
    main = sys.modules["__main__"]
    path = getattr(main, "__file__", None)
    hidden = path is not None and getattr(main, "__spec__", None) is None and not Path(path).exists()
    if hidden:
        del main.__file__
    try:
        yield
    finally:
        if hidden:
            main.__file__ = path


# Of a worker process: how it gets the function that does a job.
_job_function: Callable[[], Callable[[Any], Any]] | None = None


def _start(pickled: bytes) -> None:
    """Prepare a worker: the parent alone handles an interruption, and no worker outlives its parent."""
    global _job_function
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stdout = sys.stderr  # results go back to the parent; whatever prints here is code of others
    keep_freed_memory()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    # Called with the first job, not here: its error then reaches the caller instead of breaking the pool.
    _job_function = functools.cache(functools.partial(_set_up, pickled))


def _set_up(pickled: bytes) -> Callable[[Any], Any]:
    try:
        setup = pickle.loads(pickled)
    except (AttributeError, ImportError) as error:
        raise InvalidInput(
            f"a worker process cannot find what the work uses ({error}); save it in a module that can be "
            f"imported, or use one worker."
        ) from None
    found: Callable[[Any], Any] = setup()
    return found


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _work(job: Any) -> Any:
    assert _job_function is not None
    return _job_function()(job)
