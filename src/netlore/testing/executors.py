"""check_executor: does an executor give what the calling process gives, wherever it runs jobs?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from netlore.errors import InvalidInput, NetloreError
from netlore.executors import Executor, InProcess
from netlore.testing.conformance import ConformanceError

_RULE = "A job of this check is refused; that is the rule."


def check_executor(make: Callable[[], Executor]) -> None:
    """Check an executor by small jobs.

    - It yields the index and the result of every job once, whatever order they finish in; of no job, nothing.
    - It runs again, under the same setup or another.
    - An error of a job or of a setup reaches the caller as it is, and the executor can be used after it.
    - A run that the caller leaves in the middle does not keep it busy.
    - It can be closed twice.

    Args:
        make: Gives a new executor.

    Raises:
        ConformanceError: A rule is broken.
    """
    executor = make()
    if not isinstance(executor, Executor):
        raise ConformanceError(_name(executor), "it has `run` and `close`", "one is missing")
    with closing(executor):
        _check_results(executor, "it yields the index and the result of every job once", _squaring, range(40))
        _check_results(executor, "it yields nothing of no job", _squaring, [])
        _check_results(executor, "it runs again under another setup", _negating, [1, 2, 3])
        _check_error(executor, "an error of a job reaches the caller as it is", _failing)
        _check_error(executor, "an error of a setup reaches the caller as it is", _refusing)
        _check_results(executor, "it can be used after an error", _squaring, [5])
        _check_left(executor)
    try:
        executor.close()
    except Exception as error:
        raise ConformanceError(_name(executor), "it can be closed twice", f"the second time: {error!r}") from None


Setup = Callable[[], Callable[[int], int]]


def _check_results(executor: Executor, rule: str, setup: Setup, jobs: Sequence[int]) -> None:
    expected = list(InProcess().run(setup, jobs))
    try:
        found = sorted(executor.run(setup, jobs))
    except Exception as error:
        raise ConformanceError(_name(executor), rule, f"it raised {error!r}") from None
    if found != expected:
        wrong = next((pair for pair in [*found, *expected] if found.count(pair) != expected.count(pair)), None)
        raise ConformanceError(_name(executor), rule, f"{len(found)} of {len(expected)} came, first wrong {wrong}")


def _check_error(executor: Executor, rule: str, setup: Setup) -> None:
    try:
        list(executor.run(setup, range(10)))
    except NetloreError as error:
        if type(error) is InvalidInput and str(error) == _RULE:
            return
        found = f"it was {error!r}"
    except Exception as error:
        found = f"it was {error!r}"
    else:
        found = "there was none"
    raise ConformanceError(_name(executor), rule, found)


def _check_left(executor: Executor) -> None:
    """A hundred thousand jobs of a millisecond would take minutes."""
    start = time.monotonic()
    results: Any = executor.run(_waiting, range(100_000))
    next(results)
    if hasattr(results, "close"):
        results.close()
    _check_results(executor, "a run that is left in the middle does not keep it busy", _squaring, [2])
    if time.monotonic() - start > 30:
        raise ConformanceError(
            _name(executor), "a run that is left in the middle does not keep it busy", "it took longer than 30 s"
        )


def _squaring() -> Callable[[int], int]:
    return _square


def _square(job: int) -> int:
    return job * job


def _negating() -> Callable[[int], int]:
    return _negate


def _negate(job: int) -> int:
    return -job


def _failing() -> Callable[[int], int]:
    return _fail


def _fail(job: int) -> int:
    if job == 3:
        raise InvalidInput(_RULE)
    return job


def _refusing() -> Callable[[int], int]:
    raise InvalidInput(_RULE)


def _waiting() -> Callable[[int], int]:
    return _wait


def _wait(job: int) -> int:
    time.sleep(0.001)
    return job


def _name(executor: object) -> str:
    return f"executor {type(executor).__name__!r}"
