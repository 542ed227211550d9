"""Every registered method conforms, one from a package too, and for each rule one that breaks it is caught."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import netlore as nl
from netlore.analysis.bootstrap import Estimate
from netlore.refinement.elites import EliteSearch
from netlore.refinement.methods import METHODS, PAPER, RANDOM
from netlore.space.budget import NO_BUDGET
from netlore.space.sampling import sample
from netlore.storage.score_table import ScoreTable
from netlore.testing import ConformanceError, check_method
from tests.testing.installed import environment, output


@pytest.mark.parametrize("name", METHODS.names())
def test_every_registered_method_conforms(name: str) -> None:
    check_method(METHODS.get(name))


SCRIPT = """
from netlore.cli import main
from netlore.refinement.methods import METHODS
from netlore.testing import check_method

check_method(METHODS.get("hillclimb"))
check_method(METHODS.get("netlore_hillclimb:HILLCLIMB"))
try:
    main([*"refine --method hillclimb --predictor synflow --data noise --batch-size 2 --networks 4".split(),
          *"--round-limit 3 --flops 1e6 5e6 --out out --json".split()])
except SystemExit as end:
    assert not end.code
"""


def test_a_method_of_a_package_conforms_and_the_command_line_knows_it(tmp_path: Path) -> None:
    shown = output(SCRIPT, tmp_path, environment(tmp_path, "netlore_hillclimb"))
    assert '"method": "hillclimb"' in shown
    assert "--method hillclimb" in (tmp_path / "out" / "report.html").read_text()


class Good(EliteSearch):
    """Random search, spoilt by its subclasses."""

    def ask(self, number: int) -> list[nl.Architecture]:
        return sample(self.settings.space, self.settings.networks, seed=(self.settings.seed, number))


class Outside(Good):
    def ask(self, number: int) -> list[nl.Architecture]:
        unlimited = replace(self.settings.space, budget=NO_BUDGET)
        return sample(unlimited, 20, seed=(self.settings.seed, number))


class Ticking(Good):
    clock = itertools.count()

    def ask(self, number: int) -> list[nl.Architecture]:
        return super().ask(next(self.clock) % 7 + 1)


class Seedless(Good):
    def ask(self, number: int) -> list[nl.Architecture]:
        return sample(self.settings.space, 5, seed=number)


class Forgetful(Good):
    """Counts its own calls of `ask`, so that it does not know of rounds that it only learns from."""

    calls = 0

    def ask(self, number: int) -> list[nl.Architecture]:
        self.calls += 1
        return super().ask(self.calls)


class Blind(Good):
    def tell(self, table: ScoreTable) -> dict[str, Estimate]:
        estimates = super().tell(table)
        return {name: estimates[name] for name in self.settings.space.hyperparameters}


class Crossed(Good):
    def tell(self, table: ScoreTable) -> dict[str, Estimate]:
        return {name: Estimate(one.high, one.median, one.low) for name, one in super().tell(table).items()}


class OffTheGrid(Good):
    def tell(self, table: ScoreTable) -> dict[str, Estimate]:
        return super().tell(table) | {"w1": Estimate(8, 9, 16)}


class Ordered(Good):
    """Takes names for numbers."""

    def tell(self, table: ScoreTable) -> dict[str, Estimate]:
        found = super().tell(table)
        return {name: Estimate(min(one.kept), one.kept[0], max(one.kept)) for name, one in found.items()}


class Dreaming(Good):
    def elites(self) -> list[nl.Architecture]:
        return sample(self.settings.space, 3, seed=99)


class Tired(Good):
    def over(self) -> str | None:
        return "tired"


class Fragile(Good):
    def tell(self, table: ScoreTable) -> dict[str, Estimate]:
        if table.failures:
            raise nl.errors.InvalidInput("a network has no score")
        return super().tell(table)


class Silent(Good):
    def ask(self, number: int) -> list[nl.Architecture]:
        return []


@pytest.mark.parametrize(
    ("search", "message"),
    [
        (Outside, "it asks only for architectures of the space; w .* is not in it"),
        (Ticking, "the same seed gives the same"),
        (Seedless, "another seed gives something else"),
        (Forgetful, "given earlier rounds, it goes on as if it had not been interrupted; after 1 of 6"),
        (Blind, "it estimates each hyperparameter and measure"),
        (Crossed, r"it goes on with an ordinary space; it raised w1 in \[16, 8\]"),
        (OffTheGrid, "low <= median <= high, on the grid; w1 has 8, 9, 16"),
        (Ordered, "it keeps names of each category; o1 has Estimate"),
        (Dreaming, "it has elites that were scored; it has 3, [123] not scored"),
        (Tired, "it ends for a reason that has a sentence; 'tired' has none"),
        (Fragile, "it goes on with networks without a score; it raised a network has no score"),
        (Silent, "it takes 1 to 6 rounds where that is the limit; it took 0"),
    ],
)
def test_a_broken_method_is_caught(search: Any, message: str) -> None:
    check_method(replace(RANDOM, search=Good))
    with pytest.raises(ConformanceError, match=message):
        check_method(replace(RANDOM, search=search))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": " "}, "it has a name, a label, a summary and networks"),
        ({"has_elites": True}, "it has elites that were scored; it has 0"),
    ],
)
def test_a_method_that_says_what_is_not_true_is_caught(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConformanceError, match=message):
        check_method(replace(PAPER, **change))
