from __future__ import annotations

import os
import pickle
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
from tests.processes import is_running, wait_until


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


def test_a_run_whose_executor_is_closed_ends_in_one_line():
    executor = Processes(2)
    results = executor.run(jobs.slow, [0.0] * 50)
    next(results)
    executor.close()
    with pytest.raises(WorkerLost, match="closed in the middle of a run"):
        list(results)


def test_jobs_and_results_may_be_large():
    texts = [bytes([97 + number]) * 3_000_000 for number in range(6)]
    with closing(Processes(2)) as executor:
        assert dict(executor.run(jobs.large, texts)) == {i: text.upper() for i, text in enumerate(texts)}


def test_results_and_errors_that_cannot_be_sent_are_errors():
    with closing(Processes(1)) as executor:
        with pytest.raises(RuntimeError, match="_TwistedError: twoparts"):
            list(executor.run(jobs.unsendable, [1]))
        with pytest.raises((AttributeError, pickle.PicklingError), match=r"local|lambda"):
            list(executor.run(jobs.unsendable, [2]))
        assert list(executor.run(jobs.unsendable, [3])) == [(0, 3)]


def test_an_error_of_others_says_where_it_was_raised():
    with closing(Processes(1)) as executor, pytest.raises(TypeError) as caught:
        list(executor.run(jobs.slow, ["no number"]))
    (note,) = caught.value.__notes__
    assert "In a worker process" in note and "jobs.py" in note and "_sleep" in note


def test_workers_hear_nothing_of_ctrl_c():
    with closing(Processes(1)) as executor:
        assert list(executor.run(jobs.killing, [-signal.SIGINT])) == [(0, -signal.SIGINT)]


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
