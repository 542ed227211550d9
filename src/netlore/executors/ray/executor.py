"""Jobs on a Ray cluster."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.process import current_process
from operator import length_hint
from typing import Any, TypeVar

from netlore.errors import InvalidInput, NetloreError
from netlore.executors.base import usable_cores
from netlore.executors.inside import UNGUARDED
from netlore.executors.limits import NONE, Limits, Lost
from netlore.executors.ray.cluster import Cluster, check_installed
from netlore.executors.ray.code import Code
from netlore.executors.ray.crew import Crew, Needs
from netlore.executors.ray.parcel import opened, packed

J = TypeVar("J")
R = TypeVar("R")


class RayExecutor:
    """Runs jobs in workers on a Ray cluster, each a process that is looked after as those of `Processes` are.

    Only this process reads and writes stores. It takes jobs from `jobs` as workers have room for them, so that it
    never holds more than a few for each. Code that is not installed travels with the work. A worker that is gone,
    or whose node is, is replaced as soon as a node has room; the job that it was doing is tried once more
    elsewhere.

    Args:
        workers: How many, at most; None: as many as the cluster has room for.
        address: `HOST:PORT` of the cluster's head, `ray://HOST:PORT` from outside, or `auto` for one on this
            machine; None: that of the environment variable `RAY_ADDRESS`, or a cluster of this machine alone,
            which begins and ends with the executor.
        cpus: CPUs that a worker takes; a share of one is possible.
        memory: Bytes that are set aside for a worker; None: none are. Not a limit; see `Limits`.
        gpus: GPUs that a worker takes; a share of one is possible.
        limits: What one job may take.

    Raises:
        InvalidInput: The package ray is missing, or a number makes no sense.
    """

    def __init__(
        self,
        workers: int | None = None,
        address: str | None = None,
        cpus: float = 1,
        memory: int | None = None,
        gpus: float = 0,
        limits: Limits = NONE,
    ) -> None:
        check_installed()
        if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 1):
            raise InvalidInput(f"workers = {workers!r} is no number above 0; choose 1 or more, or None.")
        for name, value in (("cpus", cpus), ("gpus", gpus), ("memory", memory or 0)):
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
                raise InvalidInput(f"{name} = {value!r} of a worker is no number from 0 on; choose one.")
        if not (cpus or gpus):
            raise InvalidInput("a worker that takes no CPU and no GPU has no place; give it a share of one.")
        self._workers, self._address, self._limits = workers, address, limits
        self._needs = Needs(cpus, gpus, memory)
        self._cluster: Cluster | None = None
        self._crew: Crew | None = None
        self._setup = b""

    def run(self, setup: Callable[[], Callable[[J], R]], jobs: Iterable[J]) -> Iterator[tuple[int, R | Lost]]:
        """Yield (index, result) for every job, in the order in which they finish.

        Raises:
            InvalidInput: The setup or a job cannot be sent, no node has room for a worker, or there is no cluster
                at the address.
            WorkerLost: There is no room for a worker any more, or workers die before they begin.
        """
        if getattr(current_process(), "_inheriting", False):
            os._exit(UNGUARDED)  # a worker is reading the script; its parent says what is wrong
        if (most := length_hint(jobs, 2**31)) == 0:
            return
        crew = self._ready(packed(setup), getattr(setup, "__module__", None) or type(setup).__module__)
        waiting, again, tried = enumerate(jobs), deque[tuple[int, bytes]](), set[int]()
        left = True
        try:
            while left or again or crew.busy:
                crew.grow(most)
                for hand in crew.free:
                    if again:
                        crew.give(hand, *again.popleft())
                    elif (job := next(waiting, None)) is not None:
                        crew.give(hand, job[0], packed(job[1]))
                    else:
                        left = False
                        break
                if not (left or again or crew.busy):
                    return
                heard = crew.heard()
                # Failures last: what finished at the same time is handed over first.
                for number, job_sent, result in sorted(heard, key=lambda one: isinstance(one[2], NetloreError)):
                    if isinstance(result, bytes):
                        yield number, opened(result)
                    elif isinstance(result, Lost):
                        yield number, result
                    elif isinstance(result, NetloreError):
                        raise result from None
                    elif result is None or number not in tried:
                        tried |= set() if result is None else {number}
                        again.append((number, job_sent))
                    else:
                        yield number, Lost("died", "its worker or node was lost, as it was tried once more")
        except NetloreError as error:
            raise error from None
        finally:
            crew.drop()

    def close(self) -> None:
        """End the workers, and a cluster of our own."""
        if self._cluster is not None and self._crew is not None:
            if not self._cluster.own:  # with which they end
                self._crew.end()
            self._cluster.close()
        self._cluster = self._crew = None
        self._setup = b""

    def _ready(self, setup: bytes, module: str) -> Crew:
        """Workers with this setup."""
        if self._cluster is None or self._crew is None:
            cores = max(usable_cores(), math.ceil((self._workers or 0) * self._needs.cpus))
            self._cluster = Cluster(self._address, cores)
            self._crew = Crew(self._cluster, self._workers, self._needs, self._limits)
        if setup != self._setup:
            self._crew.have(setup, Code.of(setup), module)
            self._setup = setup
        return self._crew


def on_ray(workers: int | None, limits: Limits = NONE, **options: Any) -> RayExecutor:
    """The executor for a number of workers; options as of `RayExecutor`."""
    return RayExecutor(workers, limits=limits, **options)
