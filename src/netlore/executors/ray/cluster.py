"""The cluster that an executor runs on: one that is there, or one of our own on this machine."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from netlore.errors import InvalidInput, WorkerLost
from netlore.executors.ray import head

# Seconds in which a machine answers that is there.
_ANSWER = 5.0
# Seconds in which everything of a cluster of our own has ended.
_END = 5.0
# Bytes of the store through which setups travel; a larger one goes through a file.
_STORE = 200_000_000
# Paths of sockets have 107 bytes, and Ray needs most of them.
_LONGEST = 40
# A node may take long to come up where there is much else to do; workers are as urgent as this process; devices
# that those see who asked for none stay as they are, which Ray announces as a change to come.
_QUIET = {
    "RAY_raylet_start_wait_time_s": "120",
    "RAY_agent_register_timeout_ms": "120000",
    "RAY_worker_niceness": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


def check_installed() -> None:
    """Raises `InvalidInput` if the package ray cannot be imported."""
    if find_spec("ray") is None:
        raise InvalidInput("the executor ray needs the package ray; install netlore[ray].")


class Cluster:
    """A connection to a cluster. One that the process had before is used, and stays.

    Attributes:
        own: Whether it is one of our own.

    Args:
        address: `HOST:PORT` of the head, `ray://HOST:PORT` from outside, or `auto`; None: that of the environment
            variable `RAY_ADDRESS`, or a cluster of our own on this machine.
        cpus: Of a cluster of our own.

    Raises:
        InvalidInput: Nothing answers at the address, or it is no cluster that this process can use.
        WorkerLost: A cluster of our own does not start.
    """

    def __init__(self, address: str | None, cpus: int) -> None:
        import ray

        self._open, self.own = ExitStack(), False
        if ray.is_initialized():
            return
        with ExitStack() as opened:
            given = address or os.environ.get("RAY_ADDRESS")
            if given is None:
                self.own = True
                opened.enter_context(_environment({"RAY_AUTH_TOKEN": os.environ.get("RAY_AUTH_TOKEN", _token())}))
                folder = opened.enter_context(_own_cluster(cpus))
                opened.callback(ray.shutdown)  # also after half a connection
                _connect("auto", _temp_dir=folder)
            else:
                _check_answers(given)
                opened.callback(ray.shutdown)
                _connect(given)
            self._open = opened.pop_all()

    def close(self) -> None:
        """Leave the cluster; end one of our own, with all of its processes and files."""
        self._open.close()

    def nodes(self) -> list[dict[str, float]]:
        """What each node has that is alive: `CPU`, `GPU`, `memory` in bytes."""
        import ray

        return [one["Resources"] for one in ray.nodes() if one["Alive"]]


def _connect(address: str, **options: str) -> None:
    """Connect this process. Ray's own words are not ours, and signals stay those who handled them."""
    import ray

    logging.getLogger("ray").setLevel(logging.CRITICAL)
    with _signals_as_they_were(), _silence():
        try:
            ray.init(
                address=address,
                log_to_driver=False,
                logging_level=logging.CRITICAL,
                configure_logging=False,
                **options,
            )
        except Exception as error:  # Ray has no base class for what can go wrong here
            reason = " ".join(str(error).split())[:300]
            if options:
                raise WorkerLost(f"Ray does not start on this machine ({reason}).") from None
            raise InvalidInput(
                f"address {address!r} is no Ray cluster that this process can use ({reason}); correct it, or "
                f"leave it out for this machine."
            ) from None


def _check_answers(address: str) -> None:
    """Raises `InvalidInput` if nothing listens there; Ray would try for minutes."""
    if address in ("auto", "local"):
        return
    parts = urlsplit(address if "//" in address else f"//{address}")
    try:
        host, port = parts.hostname, parts.port or (10001 if parts.scheme == "ray" else 6379)
        socket.create_connection((host or "", port), _ANSWER).close()
    except (OSError, ValueError) as error:
        raise InvalidInput(
            f"address {address!r} does not answer ({error}); give HOST:PORT of a Ray cluster's head, or leave it "
            f"out for this machine."
        ) from None


@contextmanager
def _own_cluster(cpus: int) -> Iterator[str]:
    """The folder of a cluster on this machine, of which nothing is left at the end."""
    folder = Path(tempfile.mkdtemp(prefix="netlore-", dir=_short_folder()))
    start = [
        sys.executable,
        "-m",
        "ray.scripts.scripts",
        "start",
        "--head",
        "--port=0",
    ]
    start += [f"--num-cpus={cpus}", f"--temp-dir={folder}", f"--object-store-memory={_STORE}"]
    start += ["--node-ip-address=127.0.0.1", "--include-dashboard=false", "--no-monitor", "--disable-usage-stats"]
    process = subprocess.Popen(
        [sys.executable, "-I", head.__file__, str(folder), *start],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        # With the token alone Ray asks for it; a process that has imported Ray must not change its mind.
        env={"RAY_AUTH_MODE": "token"} | os.environ | _QUIET,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        if process.stdout.readline() != b"0\n":
            said = (folder / head.LOG).read_text(encoding="utf-8", errors="replace").split()
            raise WorkerLost(f"Ray does not start on this machine ({' '.join(said)[-300:]}).")
        yield str(folder)
    finally:
        process.stdin.close()
        with suppress(subprocess.TimeoutExpired):  # it goes on by itself
            process.wait(_END)
        process.stdout.close()


def _short_folder() -> str:
    usual = tempfile.gettempdir()
    return usual if len(usual) <= _LONGEST else "/tmp"


@cache
def _token() -> str:
    """What keeps other users of this machine out of our clusters; no file is written for it."""
    return secrets.token_hex(32)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Inside, environment variables have these values."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _signals_as_they_were() -> Iterator[None]:
    """Ray takes SIGTERM for itself; afterwards it is his who had it."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread() and before is not None:
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _silence() -> Iterator[None]:
    """Inside, nothing is written to standard error, not by libraries either, which know no other place."""
    sys.stderr.flush()
    before = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(nowhere)
