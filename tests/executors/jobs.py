"""Setups and jobs at module level, where fresh processes find them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from netlore.errors import InvalidInput, UnknownName


def squaring() -> Callable[[int], int]:
    return _square


def _square(job: int) -> int:
    return job * job


@dataclass(frozen=True)
class Noting:
    """Notes each call of the setup in a folder, in a file of the process; a job gives the process's id."""

    folder: Path

    def __call__(self) -> Callable[[float], int]:
        with (self.folder / str(os.getpid())).open("a") as notes:
            notes.write("set up\n")
        return _process


def _process(pause: float) -> int:
    time.sleep(pause)
    return os.getpid()


def failing() -> Callable[[int], int]:
    return _fail


def _fail(job: int) -> int:
    if job == 3:
        raise UnknownName("predictor", "snap", ["snip"])
    return job


def dying() -> Callable[[int], int]:
    return _die


def _die(job: int) -> int:
    if job == 5:
        os._exit(1)
    return job


def refusing() -> Callable[[int], int]:
    raise InvalidInput("rule, value, remedy.")


def slow() -> Callable[[float], float]:
    return _sleep


def _sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds
