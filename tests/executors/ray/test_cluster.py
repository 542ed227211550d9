"""Where a cluster comes from, what is said if there is none, and that nothing is left of one of our own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from netlore.errors import InvalidInput
from netlore.executors import RayExecutor
from netlore.executors.ray import cluster, head
from netlore.executors.ray.crew import Needs
from tests.executors import jobs

SCRIPT = """
import sys, time
from contextlib import closing
from netlore.executors import RayExecutor
from tests.executors import jobs

with closing(RayExecutor(1)) as running:
    print(dict(running.run(jobs.squaring, [3, 4])), flush=True)
    if sys.argv[1:]:
        list(running.run(jobs.slow, [1000.0]))
"""


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(InvalidInput, match=r"the executor ray needs the package ray; install netlore\[ray\]"):
        RayExecutor()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"workers": 0}, "workers = 0 is no number above 0"),
        ({"workers": 1.5}, "workers = 1.5 is no number above 0"),
        ({"cpus": float("nan")}, "cpus = nan of a worker is no number from 0 on"),
        ({"gpus": -1}, "gpus = -1 of a worker is no number from 0 on"),
        ({"memory": True}, "memory = True of a worker is no number from 0 on"),
        ({"cpus": 0}, "takes no CPU and no GPU"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(asked: dict[str, object], said: str) -> None:
    pytest.importorskip("ray")
    with pytest.raises(InvalidInput, match=said):
        RayExecutor(**asked)  # type: ignore[arg-type]


def test_an_address_that_does_not_answer_is_refused_within_seconds() -> None:
    pytest.importorskip("ray")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with closing(RayExecutor(address=address)) as running:
            running_jobs = running.run(jobs.squaring, [1])
            with pytest.raises(InvalidInput, match=f"address '{address}' does not answer"):
                next(running_jobs)


def test_how_many_workers_a_node_has_room_for() -> None:
    node = {"CPU": 8.0, "GPU": 2.0, "memory": 10e9}
    assert Needs().within(node) == 8
    assert Needs(cpus=0.1).within(node) == 80
    assert Needs(gpus=0.25).within(node) == 8
    assert Needs(cpus=0.5, gpus=0.3).within(node) == 6
    assert Needs(memory=3_000_000_000).within(node) == 3
    assert Needs(gpus=1).within({"CPU": 8.0}) == 0
    assert str(Needs(0.5, 0.25, 4_000_000_000)) == "0.5 CPU, 0.25 GPU, 4,000,000,000 bytes"


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a short path, for paths of sockets have few bytes."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


def _sessions(folder: Path) -> set[int]:
    """The session of a cluster's own process, found by the folder that it was given."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if head.__file__.encode() in command and str(folder).encode() in command:
            found.add(int(entry.name))
    return found


def _becomes(done: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.05)
    return done()


@pytest.mark.parametrize("number", [None, signal.SIGTERM, signal.SIGKILL])
def test_of_a_cluster_of_our_own_nothing_is_left(short: Path, number: signal.Signals | None) -> None:
    pytest.importorskip("ray")
    command = [sys.executable, "-c", SCRIPT, *(["slowly"] if number else [])]
    environment = os.environ | {"TMPDIR": str(short)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout is not None
        assert driver.stdout.readline() == "{0: 9, 1: 16}\n"
        (session,) = _sessions(short) or {0}
        if number is not None:
            assert head._of_session(session)
            driver.send_signal(number)
        code = driver.wait(60)
    assert code == (0 if number is None else -number)
    assert _becomes(lambda: not (_sessions(short) or head._of_session(session)))
    assert [*short.iterdir()] == []
