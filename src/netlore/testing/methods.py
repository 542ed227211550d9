"""check_method: does a method of refinement keep the rules that the loop and its readers rely on?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from netlore.analysis.bootstrap import Shares
from netlore.errors import InvalidInput
from netlore.refinement.loop import SearchSettings, run
from netlore.refinement.methods import LOOP_REASONS, Method
from netlore.refinement.result import Refinement
from netlore.scoring.draws import Network
from netlore.scoring.predictor import PREDICTORS
from netlore.space.complexity import columns
from netlore.space.design_space import SPACES, DesignSpace
from netlore.space.distribution import is_category
from netlore.storage.score_table import Score, ScoreRow, ScoreTable
from netlore.testing.conformance import Checked

NETWORKS, ROUNDS = 20, 6


def check_method(method: Method) -> None:
    """Check a method on a small design space whose scores come from a formula; no network is built.

    - It has a name, a label, a summary, and a number of networks.
    - It asks only for architectures of the space.
    - Its estimates are of every hyperparameter and measure, in order, those of hyperparameters on their grid.
    - It has elites, all of them scored, if it says so, and none otherwise.
    - It ends within the limit of rounds, for a reason that has a sentence.
    - The same seed gives the same, another seed something else.
    - Given the tables of earlier rounds, it goes on as if it had not been interrupted.
    - Networks without a score do not stop it.
    - It ends where the space holds a single architecture.
    - It goes on with categories, and keeps some of the names of each.

    Raises:
        ConformanceError: A rule is broken.
    """
    checked, texts = Checked(f"method {method.name!r}"), (method.name, method.label, method.summary)
    described = all(text.strip() for text in texts) and method.networks >= 1
    checked.require(described, "it has a name, a label, a summary and networks", f"{texts}, {method.networks}")
    whole = _refined(method, seed=0)
    _check_rounds(method, whole)
    reason = str(whole.stopped_because)
    known = reason in {*method.stop_reasons, *LOOP_REASONS}
    checked.require(known, "it ends for a reason that has a sentence", f"{reason!r} has none")
    same = _rows(_refined(method, seed=0)) == _rows(whole)
    checked.require(same, "the same seed gives the same", "it gave something else")
    other = _rows(_refined(method, seed=1)) != _rows(whole)
    checked.require(other, "another seed gives something else", "it gave the same")
    for count in range(1, len(whole.rounds)):
        resumed = run(_search(method, _space(), 0), _Formula(), whole.rounds[:count])
        same = resumed is not None and (_rows(resumed), resumed.elites) == (_rows(whole), whole.elites)
        found = f"after {count} of {len(whole.rounds)} rounds it went on in another way"
        checked.require(same, "given earlier rounds, it goes on as if it had not been interrupted", found)
    _check_rounds(method, _refined(method, seed=0, failing=True))
    single = {name: (grid[0], grid[0]) for name, grid in _space().grids.items()}
    _check_rounds(method, _refined(method, seed=0, space=_whole().restrict(single)))
    _check_rounds(method, _refined(method, seed=0, space=SPACES.get("nats-topology")()))


@dataclass
class _Formula:
    """Scores by a formula: the more of everything the better, but for one interaction."""

    failing: bool = False

    def __call__(self, number: int, drawn: list[Network]) -> ScoreTable:
        rows = []
        for place, one in enumerate(drawn):
            values = np.log(list(map(_number, one.architecture.values.values())))
            height = float(values.sum() - values[0] * values[-1]) + 0.01 * (one.draw % 3)
            score = Score(None, "error", "-") if self.failing and place % 2 else Score(float(np.exp(height)))
            rows.append(ScoreRow(one.architecture, 0, one.draw, "synflow", score))
        return ScoreTable(rows, 10, 32)


def _number(value: Any) -> float:
    """A name counts as the number of its letters."""
    return len(value) if isinstance(value, str) else value


def _whole() -> DesignSpace:
    return SPACES.get("nats-size")()


def _space() -> DesignSpace:
    """Four values in each of five places; half of it is within the budget."""
    limits = {name: (grid[0], grid[3]) for name, grid in _whole().grids.items()}
    return _whole().within({"flops": (0, 30e6)}).restrict(limits)


def _search(method: Method, space: DesignSpace, seed: int) -> Any:
    return method.search(SearchSettings(space, PREDICTORS.get("synflow"), seed, NETWORKS, ROUNDS))


def _refined(method: Method, seed: int, failing: bool = False, space: DesignSpace | None = None) -> Refinement:
    checked = Checked(f"method {method.name!r}")
    names = space is not None and any(map(is_category, space.grids.values()))
    kind = "networks without a score" if failing else "categories" if names else "an ordinary space"
    rule = f"it goes on with {kind}"
    with checked.rule(rule, InvalidInput, found="it raised {}".format):
        found = run(_search(method, space or _space(), seed), _Formula(failing))
    count = 0 if found is None else len(found.rounds)
    rule = f"it takes 1 to {ROUNDS} rounds where that is the limit"
    checked.require(1 <= count <= ROUNDS, rule, f"it took {count}")
    assert found is not None
    return found


def _check_rounds(method: Method, found: Refinement) -> None:
    checked, scored = Checked(f"method {method.name!r}"), set()
    for one in found.rounds:
        for architecture in (row.architecture for row in one.table.rows):
            scored.add(architecture)
            inside = found.space.contains(architecture)
            checked.require(inside, "it asks only for architectures of the space", f"{architecture} is not in it")
        complete = list(one.estimates) == [*found.space.hyperparameters, *columns(found.space.budget.limits())]
        rule = "it estimates each hyperparameter and measure"
        checked.require(complete, rule, f"it has {[*one.estimates]}")
        for name, estimate in one.estimates.items():
            grid = found.space.grids.get(name, ())
            if is_category(grid):
                fits = isinstance(estimate, Shares) and set(estimate.shares) <= set(grid)
                checked.require(fits, "it keeps names of each category", f"{name} has {estimate}")
                continue
            low, median, high = estimate
            fits = low <= median <= high and {low, median, high} <= set(grid or estimate)
            checked.require(fits, "low <= median <= high, on the grid", f"{name} has {low}, {median}, {high}")
    rule = "it has elites that were scored" if method.has_elites else "it has no elites"
    fits = bool(found.elites) == method.has_elites and set(found.elites) <= scored
    checked.require(fits, rule, f"it has {len(found.elites)}, {len(set(found.elites) - scored)} not scored")


def _rows(found: Refinement) -> list[list[tuple[str, int]]]:
    return [[(row.architecture.id, row.draw) for row in one.table.rows] for one in found.rounds]
