"""The loop of a search that looks for the best architectures: ask for some, score them, learn, ask for more.

A refinement with memory and the baselines differ in what they ask for and when they are done; all else is here.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from netlore.data import Task
from netlore.refinement.elites import Memory, ranges
from netlore.refinement.paper_refinement import (
    NothingStoredError,
    Progress,
    Scored,
    check_fits,
    one_predictor,
    scoring,
    with_scores,
)
from netlore.refinement.result import Refinement, Round
from netlore.scoring.predictor import Predictor
from netlore.scoring.scorer import Settings, numbered, stored_scores
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.storage.score_store import Store
from netlore.storage.score_table import ScoreTable


@dataclass(frozen=True)
class Course:
    """What a search's course depends on, besides the scores.

    Attributes:
        space: Where to begin; nothing outside it is ever drawn.
        predictor: Whose scores count.
        seed: Decides architectures and initial weights.
        networks: Networks to draw in a round.
        round_limit: Give up after so many rounds.
    """

    space: DesignSpace
    predictor: Predictor
    seed: int
    networks: int
    round_limit: int


@dataclass
class Search(ABC):
    """A search under way.

    Attributes:
        course: What was asked for.
        memory: All scores so far.
        draws: How many times each architecture was drawn so far, by its id.
        box: The ranges of the elites so far; at the beginning the whole space.
    """

    course: Course
    memory: Memory = field(default_factory=Memory)
    draws: Counter[str] = field(default_factory=Counter)
    box: DesignSpace = field(init=False)

    def __post_init__(self) -> None:
        self.box = self.course.space

    @abstractmethod
    def ask(self, number: int) -> list[Architecture]:
        """The architectures of a round, 1 for the first; none if there is nothing left to score."""

    def tell(self, table: ScoreTable) -> None:
        """Learn the scores of what was asked for."""
        self.memory.remember(table, self.course.predictor)

    def elites(self) -> list[Architecture]:
        """The best architectures so far, the best first."""
        return self.memory.elites()

    def over(self) -> str | None:
        """Why there is no further round; None if there is one."""
        return None


def searched(
    search: Search,
    task: Task,
    store: Store | Path | str | None,
    workers: int,
    dtype: str,
    device: str,
    progress: Progress | None,
) -> Refinement:
    """Search to the end; arguments and errors as in `refine_with_memory`."""
    course = search.course
    with scoring(
        Settings(task, (course.predictor,), course.seed, dtype, device), store, workers, progress
    ) as scored:
        return run(search, scored)


def replayed(search: Search, task: Task, store: Store) -> Refinement | None:
    """The search that a store holds, without scoring anything; see `refinement.replay`."""
    settings = Settings(task, (search.course.predictor,), search.course.seed)
    try:
        return run(search, lambda number, drawn: stored_scores(drawn, settings, store))
    except NothingStoredError:
        return None


def checked_course(
    space: DesignSpace, predictor: str | Predictor, task: Task, seed: int, networks: int, round_limit: int
) -> Course:
    """A course whose parts fit together.

    Raises:
        InvalidInput: They do not.
    """
    found = one_predictor(predictor)
    check_fits(space, task, networks, round_limit)
    return Course(space, found, seed, networks, round_limit)


def run(search: Search, scored: Scored) -> Refinement:
    """The loop. It ends early where `scored` has no table for a round."""
    start = time.perf_counter()
    course, rounds = search.course, list[Round]()
    stopped = None
    while stopped is None:
        number = len(rounds) + 1
        asked = search.ask(number)
        if not asked:
            stopped = "exhausted"
            break
        table = scored(number, numbered(asked, search.draws))
        if table is None:
            stopped = "unfinished"
            break
        if number == 1:
            with_scores(table, course.predictor.name, number)
        search.tell(table)
        estimates = ranges(search.elites(), course.space)
        rounds.append(Round(number, search.box, table, estimates, len(asked) < course.networks))
        search.box = course.space.restrict(rounds[-1].intervals)
        stopped = search.over() or ("round limit" if number >= course.round_limit else None)
    if not rounds:
        raise NothingStoredError
    seconds = time.perf_counter() - start
    return Refinement(
        predictor=course.predictor.name,
        space=course.space,
        seed=course.seed,
        rounds=tuple(rounds),
        stopped_because=stopped,
        seconds=seconds,
        elites=tuple(search.elites()),
    )
