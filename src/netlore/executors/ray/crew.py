"""The workers of a cluster that an executor has: started where there is room, and again when nodes come back."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from netlore.errors import InvalidInput, WorkerLost
from netlore.executors.limits import Limits
from netlore.executors.ray import slot
from netlore.executors.ray.cluster import Cluster
from netlore.executors.ray.code import Code

# Jobs in the hands of each worker: it need not wait for the driver, and the driver keeps no more of them.
_AHEAD = 3
# Seconds after which to look at the cluster's nodes, if nothing happens before.
_LOOK = 2.0
# Seconds for which to wait for results without a look at the signals that this process gets.
_DEAF = 0.5
# Seconds for which to wait for a node after the last one that had room is gone.
_PATIENCE = 60.0
# Workers that fail one after the other before one is ready.
_FALSE_STARTS = 3


@dataclass(frozen=True)
class Needs:
    """What a worker takes of a node: CPUs and GPUs, or shares of one, and bytes of memory."""

    cpus: float = 1
    gpus: float = 0
    memory: int | None = None

    def within(self, node: dict[str, float]) -> int:
        """How many workers a node has room for."""
        asked = {"CPU": self.cpus, "GPU": self.gpus, "memory": self.memory or 0}
        rooms = [int(node.get(name, 0) / amount + 1e-9) for name, amount in asked.items() if amount]
        return min(rooms, default=0)

    def __str__(self) -> str:
        """For messages: `1 CPU, 0.5 GPU`."""
        parts = [f"{self.cpus:g} CPU", f"{self.gpus:g} GPU" if self.gpus else ""]
        return ", ".join(part for part in [*parts, f"{self.memory:,} bytes" if self.memory else ""] if part)


@dataclass
class Hand:
    """A worker as the driver sees it: what it is asked for, in order, as references to what comes of it."""

    actor: Any
    starting: Any
    ready: bool = False
    setup: int = 0
    jobs: deque[tuple[Any, int, bytes]] = field(default_factory=deque)


class Crew:
    """Workers of a cluster.

    Args:
        cluster: Where they are.
        wanted: How many; None: as many as there is room for.
        needs: What each takes.
        limits: Of each job.
    """

    def __init__(self, cluster: Cluster, wanted: int | None, needs: Needs, limits: Limits) -> None:
        import ray

        self._cluster, self._wanted, self._needs, self._limits = cluster, wanted, needs, limits
        self._actor = ray.remote(slot.Slot).options(
            num_cpus=needs.cpus,
            num_gpus=needs.gpus,
            memory=needs.memory,
            scheduling_strategy="SPREAD",
            max_restarts=0,
        )
        self._hands: list[Hand] = []
        self._setup: tuple[int, Any, Any, str] = (0, None, None, "")
        self._looked = self._had_room = -_PATIENCE
        self._false_starts = 0

    def have(self, setup: bytes, code: Code, module: str) -> None:
        """From now on workers have this setup of a module; it is in the cluster once."""
        import ray

        self._setup = (self._setup[0] + 1, ray.put(setup), ray.put(code), module)

    @property
    def free(self) -> Iterator[Hand]:
        """Workers that can take another job, those with the fewest first."""
        while found := [one for one in self._hands if one.ready and len(one.jobs) < _AHEAD]:
            yield min(found, key=lambda one: len(one.jobs))

    @property
    def busy(self) -> bool:
        """Whether any job is in the hands of a worker."""
        return any(one.jobs for one in self._hands)

    def give(self, hand: Hand, number: int, job: bytes) -> None:
        """Put a job into a worker's hands."""
        if hand.setup != self._setup[0]:
            hand.actor.prepare.remote(*self._setup[1:])
            hand.setup = self._setup[0]
        hand.jobs.append((hand.actor.work.remote(job), number, job))

    def grow(self, most: int) -> None:
        """Start workers if some are missing, at most to that number; look at the nodes only now and then.

        Raises:
            InvalidInput: No node ever had room for one.
            WorkerLost: No node has any more.
        """
        now = time.monotonic()
        if now - self._looked < _LOOK:
            return
        room = sum(map(self._needs.within, self._cluster.nodes()))
        self._looked = now
        if room:
            self._had_room = now
        elif self._had_room < 0 or now - self._had_room > _PATIENCE:
            self._no_room()
        wanted = min(room if self._wanted is None else self._wanted, most)
        while len(self._hands) < wanted:
            actor = self._actor.remote(self._limits)
            self._hands.append(Hand(actor, actor.versions.remote()))

    def _no_room(self) -> None:
        if self._had_room < 0:
            raise InvalidInput(
                f"no node of the cluster has what a worker takes ({self._needs}); ask for less, or add a node."
            )
        raise WorkerLost(
            f"no node with room for a worker ({self._needs}) is left in the cluster; everything scored so far is "
            f"kept, so run the same command again."
        )

    def heard(self) -> list[tuple[int, bytes, Any]]:
        """Wait a little; for jobs that are done their numbers, themselves and results. The result is an exception
        if the worker is gone that was doing it, and None if it had not begun."""
        import ray

        waiting = {one.starting: one for one in self._hands if not one.ready}
        waiting |= {reference: one for one in self._hands for reference, _, _ in one.jobs}
        if not waiting:
            time.sleep(_DEAF)
            return []
        # One at least, and whatever else there is by then.
        ray.wait([*waiting], num_returns=1, timeout=_DEAF)
        done, _ = ray.wait([*waiting], num_returns=len(waiting), timeout=0)
        found = []
        for reference in done:
            hand = waiting[reference]
            if hand in self._hands:
                found += self._of(hand, reference)
        return found

    def _of(self, hand: Hand, reference: Any) -> list[tuple[int, bytes, Any]]:
        import ray
        from ray.exceptions import RayError, RayTaskError

        try:
            value = ray.get(reference)
        except RayError as error:
            if hand.ready and isinstance(error, RayTaskError):
                raise WorkerLost(f"a worker on the cluster fails ({_line(error)}).") from None
            return self._gone(hand, error)
        if not hand.ready:
            _check(value)
            hand.ready, self._false_starts = True, 0
            return []
        number, job = next((number, job) for one, number, job in hand.jobs if one == reference)
        hand.jobs = deque(one for one in hand.jobs if one[0] != reference)
        return [(number, job, value)]

    def _gone(self, hand: Hand, error: Exception) -> list[tuple[int, bytes, Any]]:
        """A worker or its node is no more: another takes its place, and its jobs come back."""
        import ray

        self._hands.remove(hand)
        self._looked = -_PATIENCE
        ray.kill(hand.actor)
        if not hand.ready:
            self._false_starts += 1
            if self._false_starts >= _FALSE_STARTS:
                self._false_starts = 0
                raise WorkerLost(
                    f"workers do not start on the cluster ({_line(error)}); install netlore on each node."
                )
        return [(number, job, error if place == 0 else None) for place, (_, number, job) in enumerate(hand.jobs)]

    def drop(self) -> None:
        """Nobody waits for what the workers have not begun."""
        import ray

        for hand in self._hands:
            for reference, _, _ in [*hand.jobs][1:]:
                ray.cancel(reference)
            hand.jobs.clear()

    def end(self) -> None:
        """End the workers, whatever they do."""
        import ray

        for hand in self._hands:
            ray.kill(hand.actor)
        self._hands.clear()


def _check(there: dict[str, str]) -> None:
    here = slot.versions()
    for name, version in here.items():
        if there.get(name) != version:
            raise InvalidInput(
                f"{name} is {there.get(name)} on a node of the cluster and {version} here; install the same, so "
                f"that scores are the same."
            )


def _line(error: Exception) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines or [type(error).__name__])[-1][:200]
