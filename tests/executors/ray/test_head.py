"""What hangs on a process of its own ends with whoever holds its standard input, and its folder goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netlore.executors.ray import head
from tests.processes import wait_until

# A process that goes on in the background, as Ray's do, and is deaf to signals that can be ignored.
STAYING = "trap '' TERM HUP INT; (sleep 1000 & sleep 1000) & echo started"


def _begun(folder: Path, command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", head.__file__, str(folder), "sh", "-c", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.mark.parametrize("number", [None, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_all_of_it_ends_with_its_standard_input_and_with_nothing_else(
    tmp_path: Path, number: signal.Signals | None
) -> None:
    folder = tmp_path / "cluster"
    folder.mkdir()
    with _begun(folder, STAYING) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == b"0\n"
        assert (folder / head.LOG).read_text() == "started\n"
        if number is not None:
            os.killpg(process.pid, number)
            time.sleep(0.1)
        assert wait_until(lambda: len(head._of_session(process.pid)) >= 3), "its processes have begun"
        process.stdin.close()
        assert process.wait(30) == 0
    assert not folder.exists()
    assert not head._of_session(process.pid)


def test_how_the_start_ended_is_printed(tmp_path: Path) -> None:
    with _begun(tmp_path, "echo no room >&2; exit 3") as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == b"3\n"
        assert (tmp_path / head.LOG).read_text() == "no room\n"
        process.stdin.close()
        process.wait(30)
