"""Setups, jobs and results travel as bytes; errors are raised where results are opened."""

from __future__ import annotations

import pickle

import pytest

from netlore.errors import InvalidInput, UnknownName
from netlore.executors.ray.code import Code
from netlore.executors.ray.parcel import Packed, opened, packed
from tests.executors import jobs


def _done(setup: object, job: object) -> object:
    return opened(Packed(packed(setup), Code({}))()(packed(job)))


def test_a_job_goes_and_its_result_comes_back() -> None:
    assert _done(jobs.squaring, 7) == 49


def test_unpickled_it_has_the_setup_that_it_holds() -> None:
    there = pickle.loads(pickle.dumps(Packed(packed(jobs.squaring), Code({}))))
    assert there.setup is jobs.squaring
    assert opened(there()(packed(3))) == 9


def test_errors_of_jobs_and_setups_are_raised_as_they_are() -> None:
    with pytest.raises(UnknownName, match="predictor 'snap' is not known"):
        _done(jobs.failing, 3)
    with pytest.raises(InvalidInput, match="rule, value, remedy"):
        _done(jobs.refusing, 1)


def test_other_errors_say_where_they_come_from() -> None:
    with pytest.raises(TypeError) as found:
        _done(jobs.squaring, "text")
    assert "in _square" in "".join(found.value.__notes__)


def _lambda(job: object) -> object:
    return lambda: job


def returning_what_cannot_be_sent() -> object:
    return _lambda


def test_a_result_that_cannot_be_sent_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="a result cannot be sent"):
        _done(returning_what_cannot_be_sent, 1)


def test_work_that_cannot_be_sent_is_refused_in_one_line() -> None:
    with pytest.raises(InvalidInput, match="define what it uses at the top level of a module"):
        packed(lambda: abs)
