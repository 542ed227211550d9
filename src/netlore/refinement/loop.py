"""The loop of every refinement: ask a method for architectures, score them, let it learn, ask for more.

Methods differ in what they ask for, what they learn, and when they are over; all else is here.
"""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from netlore.analysis.bootstrap import Estimates
from netlore.data import Task
from netlore.errors import InvalidInput
from netlore.refinement.result import ROUND_LIMIT, Refinement, Round, StopReason
from netlore.scoring.draws import Network, independent_seed, numbered
from netlore.scoring.predictor import Predictor, resolve
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import check_whole
from netlore.storage.score_table import ScoreTable

MOST_NETWORKS = 1_000_000
"""In a round. More take minutes to draw, and weeks to score."""

Scored = Callable[[int, list[Network]], ScoreTable | None]
"""From a round's number and its networks to their scores; None: they are not known, and nothing is scored."""


@dataclass(frozen=True)
class SearchSettings:
    """What a refinement depends on, apart from the scores and the method.

    Attributes:
        space: Where to begin; nothing outside it is ever drawn.
        predictor: Whose scores count.
        seed: Decides architectures and initial weights.
        networks: Networks to draw in a round, at least 1.
        round_limit: Rounds after which it ends, at least 1.
        options: What the method alone has; see `Method.options`.
        asked_seed: The seed that was asked for, if `seed` is a hash of it, the predictor and the batch.
    """

    space: DesignSpace
    predictor: Predictor
    seed: int = 0
    networks: int = 500
    round_limit: int = ROUND_LIMIT
    options: Mapping[str, Any] = field(default_factory=dict)
    asked_seed: int | None = None

    def __post_init__(self) -> None:
        for name, most in (("networks", MOST_NETWORKS), ("round_limit", sys.maxsize), ("seed", sys.maxsize)):
            value = check_whole(name, getattr(self, name), int(name != "seed"), most)
            object.__setattr__(self, name, value)  # numpy's integers become Python's

    def drawing(self, task: Task, common_draws: bool) -> SearchSettings:
        """These, or, unless draws are common, those with a seed that no other predictor and batch have."""
        if common_draws:
            return self
        seed = independent_seed(self.seed, self.predictor.name, task.digest)
        return replace(self, seed=seed, asked_seed=self.seed)


@dataclass
class Search(ABC):
    """A method at work on one refinement.

    What `ask` gives depends on the settings and on the tables that `tell` was given, and on nothing else: a search
    that is given the recorded tables of an interrupted run goes on as if it had not been interrupted.

    Attributes:
        settings: What was asked for.
        space: What the next round is drawn from, or, where a method looks further, the box of its intervals.
        draws: How many times each architecture was drawn so far, by its id.
    """

    settings: SearchSettings
    space: DesignSpace = field(init=False)
    draws: Counter[str] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        self.space = self.settings.space

    @abstractmethod
    def ask(self, number: int) -> list[Architecture]:
        """The architectures of a round, 1 for the first; none if there is nothing left to score."""

    @abstractmethod
    def tell(self, table: ScoreTable) -> Estimates:
        """Learn the scores of what was asked for, refused if there are none; estimates of every hyperparameter and
        measure."""

    def over(self) -> str | None:
        """Why there is no further round; None if there is one."""
        return None

    def elites(self) -> list[Architecture]:
        """The best architectures so far, the best first; none if the method has no use for them."""
        return []


def run(
    search: Search,
    scored: Scored,
    earlier: Sequence[Round] = (),
    keep: Callable[[Refinement], None] = lambda found: None,
) -> Refinement | None:
    """Refine to the end: ask, score, tell, restrict, again and again; None without a single round.

    Args:
        search: A method that has asked for nothing yet.
        scored: What scores networks. Where it has no table for a round, the refinement stays unfinished.
        earlier: Rounds that are known already: the method learns from their tables and gives the ones after them.
        keep: Called with the refinement so far after every further round, and with all of it at the end.
    """
    start, settings, rounds = time.perf_counter(), search.settings, list[Round]()

    def so_far(why: str) -> Refinement:
        name, seconds = settings.predictor.name, time.perf_counter() - start
        seed = settings.seed if settings.asked_seed is None else settings.asked_seed
        elites = tuple(search.elites())
        return Refinement(name, settings.space, seed, tuple(rounds), why, seconds, elites)

    stopped: str | None = None
    while stopped is None:
        number = len(rounds) + 1
        if number <= len(earlier):
            found = earlier[number - 1]
            search.draws.update(row.architecture.id for row in found.table.rows)
            search.tell(found.table)
        else:
            asked = search.ask(number)
            table = scored(number, numbered(asked, search.draws)) if asked else None
            if table is None:
                stopped = StopReason.UNFINISHED if asked else StopReason.EXHAUSTED
                break
            found = Round(number, search.space, table, search.tell(table), len(asked) < settings.networks)
        rounds.append(found)
        search.space = settings.space.restrict(found.intervals)
        stopped = search.over() or (StopReason.ROUND_LIMIT if number >= settings.round_limit else None)
        if stopped is None and number > len(earlier):
            keep(so_far(StopReason.UNFINISHED))
    if not rounds:
        return None
    whole = so_far(stopped)
    keep(whole)
    return whole


def check_data(space: DesignSpace, task: Task) -> None:
    """Refuse data that a space was not made for: classes, pixels and channels must be the same."""
    made = (space.num_classes, space.resolution, space.channels)
    have = (task.num_classes, task.resolution, int(task.images.shape[1]))
    if made != have:
        wanted, given = (f"{one[0]} classes at {one[1]} pixels in {one[2]} channels" for one in (made, have))
        raise InvalidInput(f"the space is for {wanted} and the data have {given}; make the space for the data.")


def one_predictor(predictor: str | Predictor) -> Predictor:
    """The one predictor that a refinement is about; a name that stands for none or for several is refused."""
    found = resolve(predictor)
    if len(found) != 1:
        raise InvalidInput(
            f"predictor {predictor!r} names {len(found)} predictors; a refinement has one, name it."
        )
    return found[0]


def no_scores(table: ScoreTable, predictor: Predictor, number: int = 1) -> InvalidInput:
    """What to say of a round that a method cannot learn from."""
    count = len({(row.architecture, row.draw) for row in table.rows})
    scored = [row.score for row in table.rows if row.score.status == "ok"]
    if scored:
        return InvalidInput(
            f"none of the {count} networks of round {number} has a {predictor.name} score on the scale "
            f"{predictor.transform} (one is {scored[0].value:g}); declare another transform."
        )
    first = table.rows[0].score
    return InvalidInput(
        f"none of the {count} networks of round {number} has a {predictor.name} score "
        f"({first.status}: {first.reason}); use another predictor, batch or precision."
    )
