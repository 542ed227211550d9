"""Inside a worker process: it does one job after the other, and keeps their limits.

The parent and it speak in pickled pairs of a word and a value.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing import spawn
from multiprocessing.connection import Connection
from multiprocessing.process import current_process
from typing import Any, NoReturn

from netlore.errors import InvalidInput, NetloreError, WorkerLost
from netlore.executors.allocator import keep_freed_memory, resident_bytes, return_freed_memory
from netlore.executors.fork_server import prepare_process
from netlore.executors.limits import Limits

UNGUARDED = 77
"""With this code a worker ends whose script would start workers of its own while it is being imported."""
TOO_MUCH_MEMORY = 78
"""With this code a worker ends whose job goes over the limit of memory."""

# Seconds between two looks at the memory: in one, a processor fills a few hundred megabytes.
_BETWEEN_LOOKS = 0.05

_in_job = False


def work(connection: int, life: int) -> NoReturn:
    """Work for the parent at the other end of a connection, for as long as it holds its end of `life`."""
    prepare_process(connection, life)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    sys.stdout = sys.stderr  # results go back to the parent; whatever prints here is code of others
    keep_freed_memory()
    try:
        _serve(Connection(connection))
    except (EOFError, BrokenPipeError, ConnectionResetError):  # the parent needs this process no more
        pass
    finally:
        sys.stderr.flush()
        os._exit(0)


def _serve(connection: Connection) -> None:
    connection.send_bytes(_pickled("hello", None))
    prepared = _tried(_prepared, connection.recv_bytes())
    if prepared[0] == "failed":
        connection.send_bytes(_pickled(*prepared))
        return
    work, limits = prepared[1]
    connection.send_bytes(_pickled("ready", None))
    while True:
        connection.send_bytes(_answer(work, connection.recv_bytes(), limits))


def _prepared(message: bytes) -> tuple[Callable[[Any], Any], Limits]:
    """The function that does a job, from what the parent says of itself, the pickled setup and the limits."""
    preparation, setup, limits = pickle.loads(message)
    inheriting: Any = current_process()
    inheriting._inheriting = True  # as in processes that multiprocessing starts
    try:
        spawn.prepare(preparation)
        try:
            made = pickle.loads(setup)
        except (AttributeError, ImportError) as error:
            raise InvalidInput(
                f"a worker process cannot find what the work uses ({error}); save it in a module that can be "
                f"imported, or use one worker."
            ) from None
    except SystemExit as error:
        raise WorkerLost(f"a worker process ended while it read the script ({error}); use one worker.") from None
    finally:
        del inheriting._inheriting
    work = made()
    if limits.memory is not None:
        _watch_memory(limits.memory)
    return work, limits


def _answer(work: Callable[[Any], Any], message: bytes, limits: Limits) -> bytes:
    """The pickled result of a job, or its error."""
    word, result = _tried(_limited, work, message, limits)
    try:
        return _pickled("done" if word == "ok" else word, result)
    except Exception as error:  # whatever pickling a result of others raises
        return _pickled("failed", _sendable(error))


def _limited(work: Callable[[Any], Any], message: bytes, limits: Limits) -> Any:
    """Do a job. Over the limit of time the kernel ends the process, whatever it is doing."""
    global _in_job
    job = pickle.loads(message)
    signal.setitimer(signal.ITIMER_REAL, limits.seconds or 0)
    _in_job = True
    try:
        return work(job)
    finally:
        _in_job = False
        signal.setitimer(signal.ITIMER_REAL, 0)


def _watch_memory(limit: int) -> None:
    """From here on, end the process when a job takes it over the limit, in bytes."""
    if resident_bytes() > limit:
        raise InvalidInput(
            f"limit memory = {limit} is less than the {resident_bytes()} bytes that a worker takes without a "
            f"network; give more."
        )

    def watch() -> None:
        while True:
            time.sleep(_BETWEEN_LOOKS)
            if _in_job and resident_bytes() > limit:
                return_freed_memory()  # of earlier jobs
                if resident_bytes() > limit:
                    os._exit(TOO_MUCH_MEMORY)

    threading.Thread(target=watch, daemon=True).start()


def _tried(function: Callable[..., Any], *arguments: Any) -> tuple[str, Any]:
    """`ok` and what a function returns, or `failed` and its error, whatever code of others raises."""
    try:
        return "ok", function(*arguments)
    except BaseException as error:
        if not isinstance(error, NetloreError):
            error.add_note(f"In a worker process:\n{traceback.format_exc()}")
        return "failed", _sendable(error)


def _sendable(error: BaseException) -> BaseException:
    """The error, or if it cannot be sent one that says the same."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # whatever an exception of others does when it is copied
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _pickled(word: str, value: Any) -> bytes:
    return pickle.dumps((word, value), pickle.HIGHEST_PROTOCOL)
