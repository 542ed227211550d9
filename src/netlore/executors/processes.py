"""Jobs in worker processes on this machine: which job is where, and what happens when a worker dies."""

from __future__ import annotations

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import current_process
from signal import SIGALRM
from typing import Any, Generic, TypeVar

from netlore.errors import InvalidInput, NetloreError, WorkerLost
from netlore.executors.allocator import knows_memory
from netlore.executors.inside import TOO_MUCH_MEMORY, UNGUARDED
from netlore.executors.limits import NONE, Limits, Lost
from netlore.executors.worker import Worker, said_of

J = TypeVar("J")
R = TypeVar("R")

# A job of at most this size in bytes is sent while the worker does another, so that it need not wait for the
# parent. More might not fit into the connection, and then both would wait for each other.
_AHEAD = 16_000
# Workers that die one after the other before one is ready.
_FALSE_STARTS = 3
# Seconds after which to look for workers that have ended while a process of theirs holds the connection open.
_LOOK = 1.0


class Processes:
    """Runs jobs in `workers` fresh processes, which live until `close` or until another setup comes.

    A worker that dies is replaced. Its job is tried once more when all others are done, in a fresh process with no
    other beside it; if that dies too, the job is lost, as one is at once that takes longer than its limit.
    """

    def __init__(self, workers: int, limits: Limits = NONE) -> None:
        if limits.memory is not None and not knows_memory():
            raise InvalidInput("a limit of memory can be kept on Linux alone; leave it out.")
        self._workers, self._limits = workers, limits
        self._crew: list[Worker] = []
        self._setup, self._module = b"", "__main__"
        self._runs = self._false_starts = 0

    def run(self, setup: Callable[[], Callable[[J], R]], jobs: Iterable[J]) -> Iterator[tuple[int, R | Lost]]:
        """Yield (index, result) for every job, in the order in which they finish.

        Raises:
            InvalidInput: The setup or a job cannot be sent to another process.
            WorkerLost: Workers die before they begin, or the executor was closed in the middle.
        """
        if getattr(current_process(), "_inheriting", False):
            os._exit(UNGUARDED)  # a worker is reading the script; its parent says what is wrong
        pickled = _pickled(setup)
        if pickled != self._setup:
            self.close()
            self._setup, self._module = pickled, getattr(setup, "__module__", None) or type(setup).__module__
        self._runs += 1
        mine, course = self._runs, _Course[J](enumerate(jobs))
        self._forget()
        try:
            while course.takes(2 * self._workers + 1):
                self._check(mine)
                self._hand_out(course)
                for worker in self._waited():
                    self._check(mine)
                    yield from self._heard(worker, course)
        except NetloreError as error:
            raise error from None  # the worker's traceback adds nothing
        finally:
            if mine == self._runs:
                self._forget()

    def close(self) -> None:
        """End the workers; jobs that they have not done are dropped."""
        self._runs += 1
        self._end_all()

    def _end_all(self) -> None:
        crew, self._crew = self._crew, []
        for worker in crew:
            worker.dismiss()
        for worker in crew:
            worker.end()

    def _check(self, run: int) -> None:
        """Raises `WorkerLost` if a run has no workers any more: the executor was closed, or runs other jobs."""
        if run != self._runs:
            raise WorkerLost("the executor was closed in the middle of a run; run what is left again.")

    def _forget(self) -> None:
        """Nobody waits for the results of what is in the workers' hands."""
        for worker in self._crew:
            worker.hand = deque([None] * len(worker.hand))

    def _hand_out(self, course: _Course[Any]) -> None:
        """Give every worker what it can take; start workers where there are jobs for them."""
        if not course.waiting and not any(worker.hand for worker in self._crew):
            self._try_again(course)
        while len(self._crew) < min(self._workers, course.wanted):
            self._crew.append(Worker(self._module, self._setup, self._limits))
        for worker in sorted((one for one in self._crew if one.ready), key=lambda one: len(one.hand)):
            # Ahead only if there is enough for the others.
            while course.waiting and len(worker.hand) < 1 + (len(course.waiting) > len(self._crew)):
                number = course.waiting[0]
                job = _pickled(course.begun[number])
                if (worker.hand and len(job) > _AHEAD) or not worker.give(number, job):
                    break
                course.waiting.popleft()

    def _try_again(self, course: _Course[Any]) -> None:
        """Let one of the jobs that took a worker with them be the only one of a fresh worker."""
        self._end_all()
        course.waiting.append(course.again.popleft())

    def _waited(self) -> list[Worker]:
        """The workers that have something to say, once there is one; ended ones are among them."""
        while True:
            heard = wait([worker.connection for worker in self._crew], _LOOK)
            if found := [one for one in self._crew if one.connection in heard or (not heard and one.has_ended())]:
                return found

    def _heard(self, worker: Worker, course: _Course[Any]) -> Iterator[tuple[int, Any]]:
        """Take what a worker says; at most one result."""
        word, value = worker.hear()
        if word == "dead":
            self._crew.remove(worker)
            yield from self._of_dead(worker, value, course)
        elif word == "ready":
            self._false_starts = 0
        elif word == "failed" and not worker.ready:
            self.close()
            raise value
        elif word in ("done", "failed"):
            worker.done += 1
            number = worker.hand.popleft()
            if number is None:
                return
            del course.begun[number]
            if word == "failed":
                raise value
            yield number, value

    def _of_dead(self, worker: Worker, code: int | None, course: _Course[Any]) -> Iterator[tuple[int, Lost]]:
        """What becomes of the jobs that a worker had in its hands: it was doing the first of them."""
        how = said_of(code)
        if not worker.ready:
            self._not_started(code, how)
            return
        doing, *later = [*worker.hand] or [None]
        course.waiting.extendleft(reversed([number for number in later if number is not None]))
        if doing is None:
            return
        limits = self._limits
        if code == -SIGALRM and limits.seconds is not None:
            lost = Lost("timeout", f"it took longer than {limits.seconds:g} s, the limit")
        elif code == TOO_MUCH_MEMORY and limits.memory is not None:
            lost = Lost("memory", f"it took more than {limits.memory:,} bytes of memory, the limit")
        else:
            lost = Lost("died", f"its process {how}, as it was tried once more")
        # What earlier jobs left in a worker is not this job's memory.
        fair = lost.kind == "timeout" or (lost.kind == "memory" and worker.done == 0)
        if not fair and doing not in course.tried:
            course.tried.add(doing)
            course.again.append(doing)
            return
        del course.begun[doing]
        yield doing, lost

    def _not_started(self, code: int | None, how: str) -> None:
        """Raises `WorkerLost` if it is no use to start another in place of one that died before it was ready."""
        if code == UNGUARDED:
            raise WorkerLost(
                "a worker process reads the script that starts it, and this script would start workers again; put "
                'what it does under `if __name__ == "__main__":`, or use one worker.'
            )
        self._false_starts += 1
        if self._false_starts >= _FALSE_STARTS:
            self._false_starts = 0
            self.close()
            raise WorkerLost(
                f"{_FALSE_STARTS} worker processes died while they started (the last {how}); everything scored so "
                f"far is kept, so run the same command again, with fewer workers if memory is short."
            )


@dataclass
class _Course(Generic[J]):
    """How far a run is.

    Attributes:
        more: Jobs that were not taken yet, with their numbers.
        begun: Jobs that were taken and are not done, by their numbers.
        waiting: Numbers of those that no worker has.
        again: Numbers of those that took a worker with them, and wait for the end of the others.
        tried: Numbers of those that did so at any time.
    """

    more: Iterator[tuple[int, J]]
    begun: dict[int, J] = field(default_factory=dict)
    waiting: deque[int] = field(default_factory=deque)
    again: deque[int] = field(default_factory=deque)
    tried: set[int] = field(default_factory=set)

    def takes(self, ahead: int) -> bool:
        """Take jobs, so that a number of them wait if there are enough; False: all are done."""
        while len(self.waiting) < ahead and (found := next(self.more, None)) is not None:
            number, job = found
            self.begun[number] = job
            self.waiting.append(number)
        return bool(self.begun)

    @property
    def wanted(self) -> int:
        """How many workers have something to do."""
        return len(self.begun) - len(self.again)


def _pickled(work: Any) -> bytes:
    try:
        return pickle.dumps(work, pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InvalidInput(
            f"the work cannot be sent to worker processes ({error}); define what it uses at the top level of "
            f"a module, or use one worker."
        ) from None
