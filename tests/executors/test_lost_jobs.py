"""Workers that die, and jobs that take more than they may: replaced, tried once more, and lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from netlore.errors import InvalidInput, WorkerLost
from netlore.executors import Limits, Lost, Processes
from tests.executors import jobs
from tests.processes import children, descendants, is_running, wait_until


def test_a_job_that_takes_its_worker_with_it_twice_is_lost_and_the_others_go_on():
    with closing(Processes(2)) as executor:
        found = list(executor.run(jobs.dying, range(30)))
        assert found[-1] == (5, Lost("died", "its process ended with exit code 1, as it was tried once more"))
        assert sorted(found[:-1]) == [(index, index) for index in range(30) if index != 5]
        assert list(executor.run(jobs.dying, [1])) == [(0, 1)], "the executor goes on after it"


def test_a_job_whose_worker_is_killed_is_tried_once_more_in_a_fresh_one_alone(tmp_path):
    with closing(Processes(2)) as executor:
        assert sorted(executor.run(partial(jobs.dying_once, tmp_path), range(8))) == [(i, i) for i in range(8)]
    tried = [path.name.split("-") for path in tmp_path.iterdir()]
    places = {process for job, process in tried if job == "3"}
    assert len(tried) == 9 and len(places) == 2, "every job once, and this one twice"
    assert places - {process for job, process in tried if job != "3"}, "it was tried again in a fresh one"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (signal.SIGKILL, "was killed by SIGKILL, perhaps for want of memory"),
        (signal.SIGHUP, "was killed by SIGHUP"),
        (signal.SIGSEGV, "was killed by SIGSEGV"),
        (signal.SIGRTMIN + 3, f"was killed by signal {signal.SIGRTMIN + 3}"),
    ],
)
def test_a_lost_job_says_by_which_signal(number, said):
    with closing(Processes(1)) as executor:
        ((index, lost),) = executor.run(jobs.killing, [-number])
    assert (index, lost) == (0, Lost("died", f"its process {said}, as it was tried once more"))


def test_workers_that_die_before_they_begin_are_not_started_for_ever():
    with closing(Processes(2)) as executor:
        with pytest.raises(
            WorkerLost, match=r"^3 worker processes died while they started \(the last was killed by"
        ):
            list(executor.run(jobs.dying_at_start, range(10)))
        assert dict(executor.run(jobs.squaring, [3])) == {0: 9}, "another setup may be better"


def workers() -> list[int]:
    return [worker for server in children(os.getpid()) for worker in children(server)]


def test_a_worker_that_is_killed_while_it_starts_or_waits_is_replaced():
    with closing(Processes(2)) as executor:
        killer = threading.Thread(target=lambda: wait_until(lambda: bool(workers())) and kill(workers()[:1]))
        killer.start()
        assert sorted(executor.run(jobs.slow, [0.01] * 40)) == [(index, 0.01) for index in range(40)]
        killer.join()
        waiting = workers()
        kill(waiting)
        assert wait_until(lambda: not any(map(is_running, waiting)))
        assert sorted(executor.run(jobs.slow, [0.0] * 4)) == [(index, 0.0) for index in range(4)]
    assert not workers()


@pytest.mark.parametrize("moment", ["start", "work"])
def test_a_server_that_is_killed_is_replaced_and_its_workers_go_on(moment):
    with closing(Processes(2)) as executor:
        if moment == "start":
            kill(children(os.getpid()))
            kill_soon = threading.Thread(target=lambda: wait_until(started) and kill(children(os.getpid())))
            kill_soon.start()
        results = executor.run(jobs.slow, [0.01] * 60)
        found = [next(results)]
        if moment == "work":
            kill(children(os.getpid()))
        found += [*results]
        assert sorted(found) == [(index, 0.01) for index in range(60)]
    assert wait_until(lambda: not workers())


def started() -> bool:
    return bool(children(os.getpid()))


def kill(processes: list[int]) -> None:
    assert processes
    for process in processes:
        os.kill(process, signal.SIGKILL)
    assert wait_until(lambda: not any(map(is_running, processes)))


def test_nothing_of_a_killed_parent_runs_on_not_even_while_it_starts(tmp_path):
    """Loading torch takes seconds, in which no thread of a process gets its turn."""
    script = tmp_path / "parent.py"
    script.write_text(
        "from netlore.executors import Processes\n"
        "from netlore.scoring.cost import kind_of\n"
        "if __name__ == '__main__':\n"
        "    list(Processes(2).run(kind_of, ['cpu']))\n"
    )
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), *sys.path])}
    with subprocess.Popen([sys.executable, str(script)], env=environment) as parent:
        assert wait_until(lambda: any("torch" in maps(one) for one in children(parent.pid)))
        started = descendants(parent.pid)
        parent.kill()
    assert wait_until(lambda: not any(map(is_running, started)), 2), "two seconds, and none is left"


def maps(process: int) -> str:
    """The files that a process has loaded."""
    try:
        return Path(f"/proc/{process}/maps").read_text()
    except OSError:
        return ""


def test_a_worker_that_dies_while_its_child_holds_the_connection_is_missed():
    start = time.monotonic()
    with closing(Processes(2)) as executor:
        found = dict(executor.run(jobs.leaving_a_child, [0, 1, 2]))
    assert found[1] == Lost("died", "its process ended with exit code 5, as it was tried once more")
    assert (found[0], found[2]) == (0, 2)
    assert time.monotonic() - start < 30


@pytest.mark.parametrize("setup", [jobs.slow, jobs.holding_the_lock])
def test_a_job_that_takes_too_long_is_lost_at_once_and_the_others_go_on(setup):
    start = time.monotonic()
    with closing(Processes(2, Limits(seconds=1))) as executor:
        found = dict(executor.run(setup, [0, 600, 0, 0]))
    assert time.monotonic() - start < 60
    assert found == {0: 0, 1: Lost("timeout", "it took longer than 1 s, the limit"), 2: 0, 3: 0}


def test_the_time_of_a_job_counts_from_its_begin():
    """Neither starting a worker counts, nor the jobs before, nor the time in which nobody takes results."""
    found = []
    with closing(Processes(1, Limits(seconds=1.5))) as executor:
        for index, result in executor.run(jobs.slow, [0.3] * 8):
            found.append((index, result))
            time.sleep(1.8 if index == 0 else 0.0)
    assert found == [(index, 0.3) for index in range(8)]


def test_a_job_that_takes_too_much_memory_is_lost_and_the_others_go_on():
    limit = 150_000_000
    with closing(Processes(2, Limits(memory=limit))) as executor:
        found = dict(executor.run(jobs.filling, [1_000, 2 * limit, 1_000, limit // 5]))
    lost = Lost("memory", "it took more than 150,000,000 bytes of memory, the limit")
    assert found == {0: 1_000, 1: lost, 2: 1_000, 3: limit // 5}


def test_a_limit_of_memory_below_what_a_worker_takes_anyway_is_refused():
    with (
        closing(Processes(1, Limits(memory=1_000))) as executor,
        pytest.raises(InvalidInput, match=r"limit memory = 1000 is less than the .* that a worker takes without"),
    ):
        list(executor.run(jobs.squaring, [1]))
