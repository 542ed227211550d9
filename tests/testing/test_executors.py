"""Every registered executor conforms, one from a package too, and for each rule one that breaks it is caught."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from netlore.errors import InvalidInput
from netlore.executors import EXECUTORS, InProcess, local
from netlore.testing import ConformanceError, check_executor
from tests.testing.installed import environment, output


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("name", EXECUTORS.names())
def test_every_registered_executor_conforms(name: str, workers: int) -> None:
    check_executor(partial(EXECUTORS.get(name), workers))


SCRIPT = """
import netlore as nl
from netlore.executors import EXECUTORS
from netlore.testing import check_executor

threads = EXECUTORS.get("threads")
check_executor(lambda: threads(3))
space, task = nl.anynet(flops=(1e6, 3.5e6)).restrict({f"d{i}": (1, 2) for i in (1, 2, 3)}), nl.task("noise", 4)
networks, names, own = nl.sample(space, 6), ("snip", "logdet", "synflow"), threads(2)
tables = [nl.score(networks, names, task, workers=workers) for workers in (1, own, "threads", own)]
assert all(table.wide.equals(tables[0].wide) for table in tables)
first, second = (nl.refine(space, "synflow", task, networks=6, round_limit=2, workers=w) for w in (1, own))
assert first.principles == second.principles
assert nl.pick(first, task, 3, workers="threads").architecture == nl.pick(first, task, 3).architecture
print("conforms")
"""


def test_an_executor_of_a_package_conforms_and_scores_as_the_calling_process_does(tmp_path: Path) -> None:
    assert output(SCRIPT, tmp_path, environment(tmp_path, "netlore_threads")) == "conforms\n"


class Wrapped(InProcess):
    """Does what the calling process does, and is spoilt by its subclasses."""

    def results(self, pairs: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
        return pairs

    def run(self, setup: Any, jobs: Any) -> Iterator[tuple[int, Any]]:
        return iter(self.results(list(super().run(setup, islice(jobs, 100)))))


class Losing(Wrapped):
    def results(self, pairs: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
        return pairs[:-1]


class Twice(Wrapped):
    def results(self, pairs: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
        return pairs * 2


class Unnumbered(Wrapped):
    def results(self, pairs: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
        return [(0, result) for _, result in pairs]


class Hoarding(InProcess):
    """Holds all jobs at once."""

    def run(self, setup: Any, jobs: Any) -> Iterator[tuple[int, Any]]:
        yield from super().run(setup, [*jobs])


class Stubborn(InProcess):
    """Keeps the first setup."""

    first: Any = None

    def run(self, setup: Any, jobs: Any) -> Iterator[tuple[int, Any]]:
        self.first = self.first or setup
        return super().run(self.first, jobs)


class Renaming(InProcess):
    def run(self, setup: Any, jobs: Any) -> Iterator[tuple[int, Any]]:
        try:
            yield from super().run(setup, jobs)
        except InvalidInput as error:
            raise RuntimeError(f"the cluster says: {error}") from None


class Swallowing(InProcess):
    def run(self, setup: Any, jobs: Any) -> Iterator[tuple[int, Any]]:
        try:
            yield from super().run(setup, jobs)
        except InvalidInput:
            return


class Busy(InProcess):
    """Is not free until a run is at its end."""

    busy = False

    def run(self, setup: Any, jobs: Any) -> Iterator[tuple[int, Any]]:
        if self.busy:
            raise RuntimeError("busy")
        self.busy = True
        try:
            yield from super().run(setup, jobs)
        except InvalidInput:
            self.busy = False
            raise
        except GeneratorExit:
            return
        self.busy = False


class ClosedOnce(InProcess):
    closed = False

    def close(self) -> None:
        if self.closed:
            raise RuntimeError("closed")
        self.closed = True


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (Losing, "index and the result of every job once; 39 of 40 came"),
        (Twice, "index and the result of every job once; 80 of 40 came"),
        (Unnumbered, "index and the result of every job once; 40 of 40 came, first wrong"),
        (Hoarding, "it takes jobs as it needs them; 100,000 of 100,000 were taken before the first result"),
        (Stubborn, "it runs again under another setup"),
        (Renaming, "an error of a job reaches the caller as it is; it was RuntimeError"),
        (Swallowing, "an error of a job reaches the caller as it is; there was none"),
        (Busy, "a run that is left in the middle does not keep it busy"),
        (ClosedOnce, "it can be closed twice"),
        (list, "executor 'list': it has `run` and `close`; one is missing"),
    ],
)
def test_a_broken_executor_is_caught(broken: Any, message: str) -> None:
    with pytest.raises(ConformanceError, match=message):
        check_executor(broken)


def test_the_check_itself_passes_one_that_is_not_broken() -> None:
    check_executor(Wrapped)
    check_executor(lambda: local(1))
