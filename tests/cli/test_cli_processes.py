"""The command as a process of its own: killed, interrupted, and started from a script without a guard."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import netlore as nl
from netlore import cli
from netlore.errors import InvalidInput
from netlore.storage.score_store import FILE_NAME, Store
from tests.faults.commands import session
from tests.processes import descendants, is_running, wait_until

NETWORKS = 16
COMMAND = ["refine", "--data", "noise", "--batch-size", "8", "--networks", str(NETWORKS), "--round-limit", "3"]
WORKERS = ["--workers", "2", "--out", "out", "--json"]


@pytest.fixture(scope="module")
def principles() -> dict[str, list[int]]:
    """What an uninterrupted run finds."""
    task = nl.task("noise", batch_size=8)
    found = nl.refine(nl.anynet(flops=(10e6, 50e6)), "synflow", task, NETWORKS, round_limit=3)
    return {name: list(interval) for name, interval in found.principles.items()}


def scored(folder: Path) -> int:
    """How many networks a run that is under way has scored."""
    if not (folder / FILE_NAME).is_file():
        return 0
    try:
        with Store(folder, None) as store:
            return len(list(store.rows()))
    except InvalidInput:  # it is being made
        return 0


@pytest.fixture
def under_way(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A refinement with two workers in the middle of its second round, and the processes it has started; by an
    executor that a test may name."""
    executor = ["--executor", request.param] if hasattr(request, "param") else []
    command = [sys.executable, "-m", "netlore", *COMMAND, *WORKERS, *executor]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, start_new_session=True, **pipes) as process:
        started: list[int] = []
        try:
            assert wait_until(lambda: scored(tmp_path / "out") > NETWORKS)
            started = descendants(process.pid)
            # Of Ray's own processes none is a child; they are of the session of the one that holds them.
            started += [one for each in started for one in session(each) if one not in started]
            assert len(started) >= 2 and process.poll() is None
            yield process, started
        finally:
            started = started or descendants(process.pid)
            process.kill()
            wait_until(lambda: not any(map(is_running, started)))  # what ends Ray's processes is one of them
            for one in filter(is_running, started):
                os.kill(one, signal.SIGKILL)


def test_a_killed_run_leaves_no_worker_and_goes_on_to_the_same_principles(
    under_way, tmp_path, principles, monkeypatch, capsys
) -> None:
    process, started = under_way
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert wait_until(lambda: not any(map(is_running, started))), "no worker outlives the command"
    before = scored(tmp_path / "out")
    assert NETWORKS < before < 3 * NETWORKS
    # The same command again; how many workers it has changes nothing.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "own_process", lambda: None)
    with pytest.raises(SystemExit) as caught:
        cli.main([*COMMAND, "--workers", "1", "--out", "out", "--json"])
    shown = capsys.readouterr()
    assert caught.value.code == 0
    # What was scored before is not scored again.
    assert f"round 1: {NETWORKS} of {NETWORKS} networks\n" in shown.err and "round 1: 0 of" not in shown.err
    assert json.loads((tmp_path / "out/refinement.json").read_text())["principles"] == principles
    assert json.loads(shown.out)["principles"] == principles


@pytest.mark.parametrize(
    "under_way",
    [
        "local",
        pytest.param("ray", marks=pytest.mark.skipif(not find_spec("ray"), reason="Ray is not installed")),
    ],
    indirect=True,
)
def test_ctrl_c_is_one_line_with_code_130_and_keeps_everything(under_way, tmp_path) -> None:
    process, started = under_way
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the workers too
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and out == ""
    lines = [line for line in err.splitlines() if " networks" not in line]
    assert lines == ["netlore: interrupted; everything so far is kept, and the same command goes on from there."]
    assert wait_until(lambda: not any(map(is_running, started)))
    assert scored(tmp_path / "out") > NETWORKS


SCRIPT = """
from netlore.executors import local

def setup():
    return abs

for index, result in local(2).run(setup, [1, 2, 3]):
    pass
"""


GUARDED = """
from functools import partial
from operator import itemgetter

from netlore.executors import local

setup = partial(itemgetter(0), (abs,))

def own():
    return abs

if __name__ == "__main__":
    print(sum(result for _, result in local(2).run(setup, [1, 2, 3])))
"""


def test_a_script_without_a_guard_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    found = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True)
    assert found.returncode == 1
    # Python's own resource tracker may have a last word of its own.
    assert found.stderr.count("Traceback") == 1, "that of the script itself, and none of a worker"
    (line,) = [line for line in found.stderr.splitlines() if line.startswith("netlore.errors.WorkerLost")]
    assert 'put what it does under `if __name__ == "__main__":`' in line


@pytest.mark.parametrize("arguments", [["-"], ["-c", GUARDED]])
def test_a_script_on_standard_input_may_have_workers(tmp_path: Path, arguments: list[str]) -> None:
    found = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, input=GUARDED
    )
    assert (found.stdout, found.returncode) == ("6\n", 0), found.stderr


def test_what_such_a_script_defines_itself_is_refused_in_one_line(tmp_path: Path) -> None:
    script = GUARDED.replace("local(2).run(setup", "local(2).run(own")
    found = subprocess.run([sys.executable, "-"], cwd=tmp_path, capture_output=True, text=True, input=script)
    assert found.stderr.count("Traceback") == 1
    assert "InvalidInput: a worker process cannot find what the work uses (Can't get" in found.stderr
