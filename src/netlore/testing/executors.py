"""check_executor: does an executor give what the calling process gives, wherever it runs jobs?"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from netlore.errors import InvalidInput
from netlore.executors import Executor, InProcess
from netlore.testing.conformance import Checked

_REFUSED = "A job of this check is refused; that is the rule."
_AS_NEEDED = "it takes jobs as it needs them"
_MANY, _MOST_TAKEN = 100_000, 5_000
_LEFT = "a run that is left in the middle does not keep it busy"

Setup = Callable[[], Callable[[int], int]]


def check_executor(make: Callable[[], Executor]) -> None:
    """Check an executor that `make` gives by small jobs.

    - It yields the index and the result of every job once, whatever order they finish in; of no job, nothing.
    - It takes jobs from any iterable as it needs them, and never holds thousands.
    - It runs again, under the same setup or another.
    - An error of a job or of a setup reaches the caller as it is, and the executor can be used after it.
    - A run that the caller leaves in the middle does not keep it busy.
    - It can be closed twice.

    Raises:
        ConformanceError: A rule is broken.
    """
    executor = make()
    checked = Checked(f"executor {type(executor).__name__!r}")
    checked.require(isinstance(executor, Executor), "it has `run` and `close`", "one is missing")
    negating, inverting = _Setup(operator.neg), _Setup(operator.invert)
    with closing(executor):
        results = partial(_check_results, checked, executor)
        results("it yields the index and the result of every job once", negating, range(40))
        results("it yields nothing of no job", negating, [])
        results("it runs again under another setup", inverting, [1, 2, 3])
        for what, setup in (("a job", _Setup(_fail)), ("a setup", _refuse)):
            found = _error(executor, setup)
            rule = f"an error of {what} reaches the caller as it is"
            checked.require(found == _REFUSED, rule, found)
        results("it can be used after an error", negating, [5])
        start = time.monotonic()
        # A hundred thousand jobs of a millisecond would take minutes.
        waiting = iter(range(_MANY))
        left: Any = executor.run(_Setup(_wait), waiting)
        next(left)
        taken = next(waiting, _MANY)
        checked.require(
            taken < _MOST_TAKEN, _AS_NEEDED, f"{taken:,} of {_MANY:,} were taken before the first result"
        )
        if hasattr(left, "close"):
            left.close()
        results(_LEFT, negating, [2])
        checked.require(time.monotonic() - start < 30, _LEFT, "it took longer than 30 s")
    with checked.rule("it can be closed twice", Exception, found="the second time: {!r}".format):
        executor.close()


def _check_results(checked: Checked, executor: Executor, rule: str, setup: Setup, jobs: Sequence[int]) -> None:
    expected: list[tuple[int, Any]] = list(InProcess().run(setup, jobs))
    with checked.rule(rule, Exception, found="it raised {!r}".format):
        found: list[tuple[int, Any]] = sorted(executor.run(setup, iter(jobs)))
    wrong = next((pair for pair in [*found, *expected] if found.count(pair) != expected.count(pair)), None)
    checked.require(found == expected, rule, f"{len(found)} of {len(expected)} came, first wrong {wrong}")


def _error(executor: Executor, setup: Setup) -> str:
    """The text of the error that a run ends with, if it is of the type that is raised; else what it was."""
    try:
        list(executor.run(setup, range(10)))
    except Exception as error:
        return str(error) if type(error) is InvalidInput else f"it was {error!r}"
    return "there was none"


@dataclass(frozen=True)
class _Setup:
    """Prepares nothing. Of this module, so that an executor can see what processes have to import."""

    work: Callable[[int], int]

    def __call__(self) -> Callable[[int], int]:
        return self.work


def _refuse() -> Callable[[int], int]:
    raise InvalidInput(_REFUSED)


def _fail(job: int) -> int:
    if job == 3:
        raise InvalidInput(_REFUSED)
    return job


def _wait(job: int) -> int:
    time.sleep(0.001)
    return job
