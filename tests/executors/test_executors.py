from __future__ import annotations

import os
from contextlib import closing

import pytest

from netlore.errors import InvalidInput, UnknownName
from netlore.executors import InProcess, Processes, local, opened
from netlore.executors.base import usable_cores
from tests.executors import jobs


@pytest.mark.parametrize("workers", [1, 2])
def test_results_do_not_depend_on_the_number_of_workers(workers):
    with closing(local(workers)) as executor:
        assert dict(executor.run(jobs.squaring, range(20))) == {job: job * job for job in range(20)}
        assert dict(executor.run(jobs.squaring, [5, 4])) == {0: 25, 1: 16}, "an executor runs again"
        assert list(executor.run(jobs.squaring, [])) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_setup_is_called_once_in_each_process(tmp_path, workers):
    setup = jobs.Noting(tmp_path)
    with closing(local(workers)) as executor:
        used = {process for _, process in [*executor.run(setup, [0.02] * 10), *executor.run(setup, [0.02] * 10)]}
    assert 1 <= len(used) <= workers
    times = 2 if workers == 1 else 1  # once a run in this process, and once in each worker
    expected = {str(process): "set up\n" * times for process in used}
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == expected
    assert (os.getpid() in used) == (workers == 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_job_reaches_the_caller_as_it_is(workers):
    with closing(local(workers)) as executor:
        with pytest.raises(UnknownName, match="predictor 'snap' is not known; choose one of snip"):
            list(executor.run(jobs.failing, range(10)))
        assert dict(executor.run(jobs.failing, [1])) == {0: 1}, "the executor goes on after it"


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_the_setup_reaches_the_caller_as_it_is(workers):
    with (
        closing(local(workers)) as executor,
        pytest.raises(InvalidInput, match="rule, value, remedy"),
    ):
        list(executor.run(jobs.refusing, range(10)))


def test_one_worker_is_the_calling_process():
    assert isinstance(local(1), InProcess)
    with closing(local(2)) as executor:
        assert isinstance(executor, Processes)


@pytest.mark.parametrize("workers", [0, -2])
def test_there_must_be_a_worker(workers):
    with pytest.raises(InvalidInput, match=f"workers = {workers} is not positive; choose 1 or more"):
        local(workers)


@pytest.mark.parametrize("workers", [2.0, True, None, float("nan")])
def test_what_is_neither_a_number_nor_an_executor_is_refused(workers):
    with pytest.raises(InvalidInput, match="is no number and no executor"), opened(workers):
        pass


def test_workers_may_be_an_executor_which_stays_open_or_the_name_of_one():
    class Watched(InProcess):
        closed = False

        def close(self):
            self.closed = True

    own = Watched()
    with opened(own) as executor:
        assert executor is own
    assert not own.closed, "the caller's executor is the caller's to close"
    with opened("local") as executor:
        assert dict(executor.run(jobs.squaring, [3])) == {0: 9}
    with (
        pytest.raises(UnknownName, match="executor 'cluster' is not known"),
        opened("cluster"),
    ):
        pass


@pytest.mark.parametrize("workers", [1, 2])
def test_another_setup_may_follow(workers):
    with closing(local(workers)) as executor:
        assert dict(executor.run(jobs.squaring, [3])) == {0: 9}
        assert dict(executor.run(jobs.slow, [0.0])) == {0: 0.0}
        assert dict(executor.run(jobs.squaring, [4])) == {0: 16}


def test_work_that_cannot_be_sent_is_refused_in_one_line():
    with closing(local(2)) as executor, pytest.raises(InvalidInput, match="define what it uses at the top level"):
        list(executor.run(lambda: abs, [1]))


def test_cores_are_those_that_this_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3, 5}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert usable_cores() == 2
    monkeypatch.delattr(os, "sched_getaffinity")
    assert usable_cores() == 8
