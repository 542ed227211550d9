"""A worker process as its parent sees it."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import spawn
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any

from netlore.executors.limits import Limits

# Seconds in which a process that has closed its connection has ended.
_TO_END = 1.0

_CODE = "import sys; sys.path[:] = {path!r}; from netlore.executors.inside import main; main({connection}, {life})"


class Worker:
    """A fresh process that has a setup, and jobs in its hands; it dies with this one.

    It is a fresh interpreter, never a fork of this process, which would inherit locks of torch's threads, and no
    fork of a server, as `multiprocessing` has it: such a server and its helper leave folders and processes behind
    when one of them is killed.

    Attributes:
        hand: Numbers of the jobs that it was given and has not done, the one it is doing first; None for one whose
            result nobody waits for.
        done: How many jobs it has done.
        ready: Whether it has called the setup.
    """

    def __init__(self, setup: bytes, limits: Limits) -> None:
        self.hand: deque[int | None] = deque()
        self.done, self.ready = 0, False
        self._message = pickle.dumps((_preparation(), setup, limits))
        self.connection, theirs = Pipe()
        life, self._life = Pipe(duplex=False)
        code = _CODE.format(path=sys.path, connection=theirs.fileno(), life=life.fileno())
        flags: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
        with theirs, life, _uninterrupted():
            self._process = subprocess.Popen(
                [sys.executable, *flags, "-c", code],
                stdin=subprocess.DEVNULL,
                stdout=_standard_error(),
                pass_fds=(theirs.fileno(), life.fileno()),
            )

    def hear(self) -> tuple[str, Any]:
        """The next word and value that it says, `dead` and how it ended if there is none; waits for it."""
        if self.has_ended() and not self.connection.poll():
            return "dead", self.end()
        try:
            word, value = pickle.loads(self.connection.recv_bytes())
        except (EOFError, OSError):
            return "dead", self.end()
        if word == "hello":
            with suppress(OSError):
                self.connection.send_bytes(self._message)
        elif word == "ready":
            self.ready, self._message = True, b""
        return word, value

    def give(self, number: int, job: bytes) -> bool:
        """Put a pickled job into its hands; False: it has ended, as will be heard."""
        try:
            self.connection.send_bytes(job)
        except OSError:
            return False
        self.hand.append(number)
        return True

    def has_ended(self) -> bool:
        """Whether the process is no more; a process that it started may still hold the connection open."""
        return self._process.poll() is not None

    def dismiss(self) -> None:
        """Let it end: at once if it has jobs in its hands, whose results are dropped."""
        if self.hand or not self.ready:
            self._process.kill()
        self.connection.close()

    def end(self) -> int:
        """Wait until it has ended, and see to it: the exit code, or the number of the signal below 0."""
        self.connection.close()
        try:
            code = self._process.wait(_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._life.close()
        return code


def said_of(code: int) -> str:
    """How a process ended, from its exit code."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:  # one of the real-time signals, which have no names
        name = f"signal {-code}"
    return f"was killed by {name}" + (", perhaps for want of memory" if -code == signal.SIGKILL else "")


def _preparation() -> dict[str, Any]:
    """What a worker has to know of this process: import path, arguments, folder, and the script it runs.

    Of a script on standard input, `__file__` is "<stdin>", which no worker can read: it does without.
    """
    found: dict[str, Any] = spawn.get_preparation_data("netlore worker")
    del found["authkey"]  # it is secret, and there are no connections to make
    if not Path(found.get("init_main_from_path", ".")).exists():
        del found["init_main_from_path"]
    return found


def _standard_error() -> int:
    """Where a worker prints: to standard error, unless that is closed."""
    try:
        os.fstat(2)
    except OSError:
        return subprocess.DEVNULL
    return 2


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes started meanwhile never hear of Ctrl-C, not even while they import; the caller does, later."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
