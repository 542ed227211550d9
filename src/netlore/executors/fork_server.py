"""A process that loads what netlore's work needs once, and from which workers are forked.

Workers are never forks of the calling process, which would inherit locks of torch's threads; and a fresh
interpreter for each would take three seconds of a core and 350 MB to load torch. The standard library's server of
this kind, and the process that helps it, leave folders and processes behind when one of them is killed. This one
needs neither files nor helpers, and the kernel ends it with its parent.
"""

from __future__ import annotations

import atexit
import fcntl
import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, Pipe
from multiprocessing.reduction import recv_handle, send_handle
from select import select

from netlore.errors import WorkerLost

# Times that it is started for one worker.
_STARTS = 3
# Seconds in which a worker that has nothing to do any more has ended.
_TO_END = 1.0

_CODE = (
    "import sys; sys.path[:] = {path!r}; from netlore.executors.fork_server import serve; serve({control}, {life})"
)


class ForkServer:
    """The server as its parent sees it: one question at a time, and its answer."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._asking = threading.Lock()
        self._control, theirs = Pipe()
        life, self._life = Pipe(duplex=False)
        code = _CODE.format(path=sys.path, control=theirs.fileno(), life=life.fileno())
        flags: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
        with theirs, life, _uninterrupted():
            self._process = subprocess.Popen(
                [sys.executable, *flags, "-c", code],
                stdin=subprocess.DEVNULL,
                stdout=_standard_error(),
                pass_fds=(theirs.fileno(), life.fileno()),
            )

    def fork(self, module: str, connection: int, life: int) -> int | None:
        """Start a worker with these two descriptors, and give its process's number; None: the server has ended."""
        return self._ask("fork", module, connection, life)

    def code(self, process: int, wait: bool) -> int | None:
        """The exit code of a worker, or the number of the signal below 0; None: it has not ended, or is unknown.

        It is given a moment, and then ended, if one has to `wait` for it.
        """
        return self._ask("wait" if wait else "look", process)

    def close(self) -> None:
        """End the server; its workers go on."""
        self._life.close()
        self._control.close()
        self._process.kill()
        self._process.wait()

    def _ask(self, word: str, what: int | str, *descriptors: int) -> int | None:
        with self._asking:
            try:
                self._control.send((word, what))
                for descriptor in descriptors:
                    send_handle(self._control, descriptor, self._process.pid)
                answer: int | None = self._control.recv()
            except (EOFError, OSError):
                self.close()
                return None
            except BaseException:  # interrupted: the answer is not to be taken for that of another question
                self.close()
                raise
            return answer


_server: ForkServer | None = None


def forked(module: str, connection: int, life: int) -> tuple[ForkServer, int]:
    """A worker with these descriptors, its server, and its process's number; netlore's own modules are loaded.

    All workers of this process come from one server, and another takes its place if it has ended.

    Raises:
        WorkerLost: One server after the other ends while it starts.
    """
    global _server
    for _ in range(_STARTS):
        if _server is None or _server.owner != os.getpid():
            _server = ForkServer()
            atexit.register(_server.close)
        process = _server.fork(module, connection, life)
        if process is not None:
            return _server, process
        atexit.unregister(_server.close)
        _server = None
    raise WorkerLost(
        f"the process that starts workers died {_STARTS} times; everything scored so far is kept, so run the same "
        "command again, or use one worker."
    )


def serve(control: int, life: int) -> None:
    """Inside the server: fork workers for the parent, and say how they ended."""
    prepare_process(control, life)
    asked = Connection(control)
    while True:
        try:
            word, what = asked.recv()
        except (EOFError, OSError):
            return
        if word != "fork":
            asked.send(_code(what, word == "wait"))
            continue
        connection, its_life = recv_handle(asked), recv_handle(asked)
        # Modules of others are left to each worker: they may be changed before the next one starts.
        if what.startswith("netlore."):
            importlib.import_module(what)
        process = os.fork()
        if process == 0:
            asked.close()
            os.close(life)
            from netlore.executors.inside import work

            work(connection, its_life)
        os.close(connection)
        os.close(its_life)
        asked.send(process)


def prepare_process(connection: int, life: int) -> None:
    """End with the parent, and leave Ctrl-C, which was blocked so far, to it; no program that is started later has
    these descriptors."""
    for descriptor in (connection, life):
        os.set_inheritable(descriptor, False)
    _end_with_parent(life)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _end_with_parent(life: int) -> None:
    """Nothing is ever written to the pipe, so something happens to it only when the parent closes it, or ends.

    On Linux the kernel itself kills this process then, whatever it is doing: while a library is being loaded, no
    thread would get its turn.
    """
    if not hasattr(fcntl, "F_SETSIG"):
        threading.Thread(target=lambda: os._exit(len(os.read(life, 1))), daemon=True).start()
        return
    fcntl.fcntl(life, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
    if select([life], [], [], 0)[0]:  # it has ended before
        os._exit(1)


def _code(process: int, wait: bool) -> int | None:
    end = time.monotonic() + _TO_END
    while True:
        try:
            found, status = os.waitpid(process, os.WNOHANG)
        except ChildProcessError:  # another server started it
            return None
        if found:
            return os.waitstatus_to_exitcode(status)
        if not wait:
            return None
        if time.monotonic() > end:
            os.kill(process, signal.SIGKILL)
        time.sleep(0.002)


def _standard_error() -> int:
    """Where processes print: to standard error, unless that is closed."""
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
