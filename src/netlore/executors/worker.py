"""A worker process as its parent sees it."""

from __future__ import annotations

import pickle
import signal
from collections import deque
from contextlib import suppress
from multiprocessing import spawn
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any

from netlore.executors.fork_server import forked
from netlore.executors.limits import Limits


class Worker:
    """A fresh process that has a setup, and jobs in its hands; it ends with this one.

    Attributes:
        hand: Numbers of the jobs that it was given and has not done, the one it is doing first; None for one whose
            result nobody waits for.
        done: How many jobs it has done.
        ready: Whether it has called the setup.
    """

    def __init__(self, module: str, setup: bytes, limits: Limits) -> None:
        self.hand: deque[int | None] = deque()
        self.done, self.ready = 0, False
        self._code: int | None = None
        self._message = pickle.dumps((_preparation(), setup, limits))
        self.connection, theirs = Pipe()
        life, self._life = Pipe(duplex=False)
        with theirs, life:
            self._server, self._process = forked(module, theirs.fileno(), life.fileno())

    def hear(self) -> tuple[str, Any]:
        """The next word and value that it says, `dead` and how it ended if there is none; waits for it."""
        if self._code is not None and not self.connection.poll():
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
        if self._code is None:
            self._code = self._server.code(self._process, wait=False)
        return self._code is not None

    def dismiss(self) -> None:
        """Let it end: at once if it has jobs in its hands, whose results are dropped."""
        if self.hand or not self.ready:
            self._life.close()
        self.connection.close()

    def end(self) -> int | None:
        """Wait until it has ended: its exit code, or the number of the signal below 0; None if nobody knows."""
        self.connection.close()
        if self._code is None:
            self._code = self._server.code(self._process, wait=True)
        self._life.close()
        return self._code


def said_of(code: int | None) -> str:
    """How a process ended, from its exit code."""
    if code is None:
        return "ended"
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
