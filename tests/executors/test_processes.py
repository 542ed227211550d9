from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from netlore.errors import WorkerLost
from netlore.executors import Processes
from tests.executors import jobs


def test_a_worker_that_dies_is_reported_and_what_was_done_before_is_kept():
    kept = {}
    with closing(Processes(2)) as executor:
        with pytest.raises(WorkerLost) as caught:
            for index, result in executor.run(jobs.dying, range(100)):
                kept[index] = result
        assert str(caught.value).startswith("a worker process died, perhaps for want of memory; everything scored")
        with pytest.raises(WorkerLost):
            list(executor.run(jobs.dying, [1]))
    assert all(kept[index] == index for index in kept) and 5 not in kept


def test_results_come_in_the_order_in_which_they_finish(tmp_path):
    with closing(Processes(2)) as executor:
        list(executor.run(jobs.slow, [0.3, 0.3]))  # both workers are up
        # The quick ones come first, in either order.
        assert [index for index, _ in executor.run(jobs.slow, [1.0, 0.0, 0.0])][-1] == 0


def test_closing_in_mid_run_drops_what_has_not_begun():
    executor = Processes(2)
    results = executor.run(jobs.slow, [0.05] * 1_000)
    next(results)
    start = time.monotonic()
    executor.close()
    results.close()
    assert time.monotonic() - start < 10, "a thousand jobs would take 25 s"


def test_leaving_a_run_in_the_middle_does_not_keep_the_executor_busy():
    with closing(Processes(2)) as executor:
        results = executor.run(jobs.slow, [0.01] * 1_000)
        next(results)
        results.close()
        assert dict(executor.run(jobs.slow, [0.0])) == {0: 0.0}


PARENT = """
import sys
from pathlib import Path

from netlore.executors import Processes
from tests.executors.jobs import Noting

if __name__ == "__main__":
    for _ in Processes(2).run(Noting(Path(sys.argv[1])), [0.05] * 100_000):
        pass
"""


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # An ended process stays listed until its parent, or who took its place, asks for it.
    if not Path("/proc").is_dir():
        return True
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:  # it has gone between both questions
        return False


def wait_until(condition, seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        time.sleep(0.02)
    return condition()


def test_workers_end_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    notes = tmp_path / "notes"
    notes.mkdir()
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, *sys.path])}
    command = [sys.executable, str(script), str(notes)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as parent:
        try:
            assert wait_until(lambda: len(list(notes.iterdir())) == 2)
            workers = [int(path.name) for path in notes.iterdir()]
            assert all(map(is_running, workers))
        finally:
            os.kill(parent.pid, signal.SIGKILL)
    try:
        assert wait_until(lambda: not any(map(is_running, workers)))
    finally:
        for worker in filter(is_running, workers):
            os.kill(worker, signal.SIGKILL)
