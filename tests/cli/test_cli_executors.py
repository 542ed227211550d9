"""`--executor`, and the options that go with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from netlore.cli.application import app
from netlore.cli.executing import PLACES
from netlore.executors import EXECUTORS, InProcess, Limits
from tests.cli.running import TINY, Run

SCORE = ("score", "--predictor", "params", *TINY, "--out", "scored")


class Noting(InProcess):
    """Keeps what it was made with, and whether it was closed."""

    made: tuple[Any, ...] = ()
    closed = 0

    def close(self) -> None:
        type(self).closed += 1


def noting(workers: int | None, limits: Limits, cpus: float = 1, memory: int = 0) -> Noting:
    Noting.made = workers, cpus, memory
    return Noting()


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    EXECUTORS.add("noting", noting)
    Noting.made, Noting.closed = (), 0
    yield
    EXECUTORS.remove("noting")


@pytest.mark.parametrize(
    ("options", "made"),
    [
        ((), (None, 1, 0)),
        (("--workers", "1"), (1, 1, 0)),
        (("--workers", "3", "--worker-cpus", "0.5", "--worker-memory", "4G"), (3, 0.5, 4_000_000_000)),
    ],
)
def test_an_executor_is_made_with_what_the_command_says(run: Run, options: tuple[str, ...], made: Any) -> None:
    assert run(*SCORE, "--executor", "noting", *options)[0] == 0
    assert Noting.made == made
    assert Noting.closed == 1


COMMANDS = ("refine", "score", "run", "pick", "validate", "reliability", "compare")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_scores_can_be_asked_where_and_within_which_limits(command: str) -> None:
    known = {word for option in get_command(app).commands[command].params for word in option.opts}
    assert known >= {f"--{name.replace('_', '-')}" for name in ("workers", *PLACES)}


def test_options_of_executors_with_a_name_need_one(run: Run) -> None:
    code, _, said = run(*SCORE, "--address", "auto", "--worker-gpus", "1")
    assert code == 2
    assert "--address and --worker-gpus: only executors with a name have that; add --executor" in said


def test_an_option_that_is_of_no_use_to_the_executor_is_refused(run: Run) -> None:
    code, _, said = run(*SCORE, "--executor", "noting", "--address", "auto")
    assert (code, said) == (2, "netlore: --address: the executor noting has no use for that; leave it out.\n")


@pytest.mark.parametrize("given", ["nan", "inf", "-1", "0", "4X"])
def test_a_size_is_a_positive_number_of_bytes(run: Run, given: str) -> None:
    code, _, said = run(*SCORE, "--executor", "noting", "--worker-memory", given)
    assert code == 2
    assert "write, for example, " in said and len(said.splitlines()) == 1


@pytest.mark.parametrize("name", ["--worker-cpus", "--worker-gpus"])
@pytest.mark.parametrize("given", ["nan", "inf", "-1"])
def test_shares_of_nodes_are_numbers(run: Run, name: str, given: str) -> None:
    pytest.importorskip("ray")
    code, _, said = run(*SCORE, "--executor", "ray", name, given)
    assert code == 2
    assert "of a worker is no number from 0 on; choose one" in said and len(said.splitlines()) == 1
