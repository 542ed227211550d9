from __future__ import annotations

import os
from contextlib import closing

import pytest

from netlore.errors import InvalidInput, UnknownName
from netlore.executors import InProcess, Processes, local
from tests.executors import jobs


@pytest.mark.parametrize("workers", [1, 2])
def test_results_do_not_depend_on_the_number_of_workers(workers):
    with closing(local(jobs.squaring, workers)) as executor:
        assert dict(executor.run(range(20))) == {job: job * job for job in range(20)}
        assert dict(executor.run([5, 4])) == {0: 25, 1: 16}, "an executor runs again"
        assert list(executor.run([])) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_setup_is_called_once_in_each_process(tmp_path, workers):
    with closing(local(jobs.Noting(tmp_path), workers)) as executor:
        used = {process for _, process in [*executor.run([0.02] * 10), *executor.run([0.02] * 10)]}
    assert 1 <= len(used) <= workers
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {str(p): "set up\n" for p in used}
    assert (os.getpid() in used) == (workers == 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_job_reaches_the_caller_as_it_is(workers):
    with closing(local(jobs.failing, workers)) as executor:
        with pytest.raises(UnknownName, match="predictor 'snap' is not known; choose one of snip"):
            list(executor.run(range(10)))
        assert dict(executor.run([1])) == {0: 1}, "the executor goes on after it"


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_the_setup_reaches_the_caller_as_it_is(workers):
    with (
        closing(local(jobs.refusing, workers)) as executor,
        pytest.raises(InvalidInput, match="rule, value, remedy"),
    ):
        list(executor.run(range(10)))


def test_one_worker_is_the_calling_process():
    assert isinstance(local(jobs.squaring, 1), InProcess)
    with closing(local(jobs.squaring, 2)) as executor:
        assert isinstance(executor, Processes)


@pytest.mark.parametrize("workers", [0, -2])
def test_there_must_be_a_worker(workers):
    with pytest.raises(InvalidInput, match=f"workers = {workers} is not positive; choose 1 or more"):
        local(jobs.squaring, workers)
