"""Setups and jobs at module level, where fresh processes find them."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

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


def dying_once(folder: Path) -> Callable[[int], int]:
    return partial(_die_once, folder)


def _die_once(folder: Path, job: int) -> int:
    """The first time that job 3 is tried, its process is killed."""
    (folder / f"{job}-{os.getpid()}").touch()
    if job == 3 and len([*folder.glob("3-*")]) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return job


def killing() -> Callable[[int], int]:
    return _kill


def _kill(job: int) -> int:
    if job < 0:
        os.kill(os.getpid(), -job)
    return job


def dying_at_start() -> Callable[[int], int]:
    os.kill(os.getpid(), signal.SIGTERM)
    return _square


def leaving_a_child() -> Callable[[int], int]:
    return _leave_a_child


def _leave_a_child(job: int) -> int:
    if job == 1 and os.fork():
        os._exit(5)
    elif job == 1:
        time.sleep(4)  # with all that its parent had open
        os._exit(0)
    return job


def filling() -> Callable[[int], int]:
    return _fill


def _fill(size: int) -> int:
    """Take that many bytes of memory, for half a second."""
    taken = bytearray(size)
    taken[::4096] = b"1" * len(range(0, size, 4096))
    time.sleep(0.5 if size > 1_000_000 else 0.0)
    return len(taken)


def holding_the_lock() -> Callable[[int], int]:
    return _hold


def _hold(job: int) -> int:
    """Of a long job, no other thread of the process gets its turn."""
    if job:
        ctypes.PyDLL(None).sleep(job)
    return job


def large() -> Callable[[bytes], bytes]:
    return bytes.upper


def unsendable() -> Callable[[int], Any]:
    return _unsendable


def _unsendable(job: int) -> Any:
    if job == 1:
        raise _TwistedError("two", "parts")
    return (lambda: job) if job == 2 else job


class _TwistedError(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def refusing() -> Callable[[int], int]:
    raise InvalidInput("rule, value, remedy.")


def slow() -> Callable[[float], float]:
    return _sleep


def _sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds
