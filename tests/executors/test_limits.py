from __future__ import annotations

from typing import Any

import pytest

from netlore.errors import InvalidInput, WorkerLost
from netlore.executors import InProcess, Limits, Lost, Processes, local, opened
from netlore.executors.limits import kept


@pytest.mark.parametrize(
    "given",
    [
        {"seconds": 0},
        {"seconds": -1.0},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
        {"seconds": True},
        {"seconds": "60"},
        {"memory": 0},
        {"memory": 1e9},
        {"memory": -5},
    ],
)
def test_a_limit_is_positive_and_finite_and_bytes_are_whole(given: dict[str, Any]) -> None:
    (name,) = given
    with pytest.raises(InvalidInput, match=f"limit {name} = .* is not .* above 0; choose one, or None"):
        Limits(**given)


def test_limits_are_true_if_there_is_any() -> None:
    assert not Limits()
    assert Limits(seconds=0.5) and Limits(memory=1)


def test_with_limits_one_worker_is_a_process_of_its_own() -> None:
    limits = Limits(seconds=60)
    assert isinstance(local(1), InProcess)
    for workers in (local(1, limits), local(2, limits)):
        assert isinstance(workers, Processes)
    with opened(1, limits) as executor:
        assert isinstance(executor, Processes)


def test_an_executor_that_is_made_already_has_its_limits() -> None:
    with pytest.raises(InvalidInput, match="has its limits and options"), opened(InProcess(), Limits(seconds=1)):
        pass
    with opened(InProcess(), Limits()) as executor:
        assert isinstance(executor, InProcess)


def test_who_cannot_do_without_a_result_says_why_it_is_lost() -> None:
    assert kept(5) == 5
    with pytest.raises(WorkerLost, match=r"killed by SIGKILL, twice; everything scored so far is kept\."):
        kept(Lost("died", "killed by SIGKILL, twice"))
