"""What a job may take, and what comes in place of the result of a job that is lost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeVar

from netlore.errors import InvalidInput, WorkerLost

R = TypeVar("R")


@dataclass(frozen=True)
class Limits:
    """What one job may take. True if there is any limit.

    Attributes:
        seconds: By the clock, from when a worker begins the job; None: as long as it takes.
        memory: Bytes of its process that are in memory at a time, with the libraries that it has loaded; None: no
            limit. Memory of an accelerator does not count.

    Raises:
        InvalidInput: A limit is not a positive finite number, or bytes are not whole.
    """

    seconds: float | None = None
    memory: int | None = None

    def __post_init__(self) -> None:
        for name, value, kinds in (("seconds", self.seconds, (int, float)), ("memory", self.memory, (int,))):
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, kinds) or not (0 < value < math.inf):
                what = "a whole number of bytes" if name == "memory" else "a finite number"
                raise InvalidInput(f"limit {name} = {value!r} is not {what} above 0; choose one, or None.")

    def __bool__(self) -> bool:
        return (self.seconds, self.memory) != (None, None)


NONE = Limits()
"""A job may take what it takes."""


@dataclass(frozen=True)
class Lost:
    """In place of the result of a job: it took its process with it, twice, or went over a limit.

    Attributes:
        kind: `died` (the process ended each time), `timeout` or `memory` (over the limit).
        reason: One line that says how.
    """

    kind: Literal["died", "timeout", "memory"]
    reason: str


def kept(result: R | Lost) -> R:
    """The result, for callers that cannot go on without it; raises `WorkerLost` with the reason if it is lost."""
    if isinstance(result, Lost):
        raise WorkerLost(f"a network is lost: {result.reason}; everything scored so far is kept.")
    return result
