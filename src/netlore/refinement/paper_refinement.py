"""refine(): sample, score, bootstrap, restrict, again and again. The only loop of the method.

Source: section V-C of the paper.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlore.analysis.bootstrap import Estimate, exact_bootstrap, quarter
from netlore.data import Task
from netlore.errors import InvalidInput
from netlore.refinement.result import ROUND_LIMIT, Refinement, Round, stop_reason
from netlore.scoring.predictor import Predictor, resolve
from netlore.scoring.scorer import (
    Network,
    Settings,
    executor,
    numbered,
    opened_store,
    score_networks,
    stored_scores,
)
from netlore.space.complexity import MEASURES
from netlore.space.design_space import DesignSpace
from netlore.space.sampling import sample
from netlore.storage.score_store import Store
from netlore.storage.score_table import ScoreTable

Bootstrap = Callable[[NDArray[np.float64], Mapping[str, NDArray[np.int64]], int], dict[str, Estimate]]


Scored = Callable[[int, list[Network]], ScoreTable | None]
"""From a round's number and its networks to their scores; None: they are not known, and nothing is scored."""


class Progress(Protocol):
    """What is told about a refinement under way."""

    def __call__(self, round_number: int, done: int, total: int) -> None:
        """`done` of `total` networks of that round are scored."""


def refine(
    space: DesignSpace,
    predictor: str | Predictor,
    task: Task,
    networks: int = 500,
    seed: int = 0,
    store: Store | Path | str | None = None,
    workers: int = 1,
    dtype: str = "float32",
    device: str = "cpu",
    bootstrap: Bootstrap = exact_bootstrap,
    round_limit: int = ROUND_LIMIT,
    progress: Progress | None = None,
) -> Refinement:
    """Narrow a design space to what a predictor prefers.

    Each round draws distinct architectures of the present space, scores them, and restricts every hyperparameter
    to the bootstrap interval of the best, with resamples of a quarter of `networks`. An architecture that an
    earlier round drew is initialised anew. When fewer architectures remain than asked for, each of them is scored
    once; resamples keep their size, as if the sample were filled up with copies. The loop ends when every interval
    is a single value, when a round finds the intervals of the round before, or those of any earlier round.

    Args:
        space: Where to begin; nothing outside it is ever drawn.
        predictor: Name, or the predictor itself.
        task: The batch, the same for every network.
        networks: Architectures to draw in a round, at least 1.
        seed: The run's seed; decides architectures and initial weights.
        store: A store, or a folder for one. What it holds is not computed again, so the same call resumes.
        workers: Processes to use; results do not depend on it.
        dtype: Precision, `float32` or `float64`; synflow always has float64.
        device: A torch device, `cpu` or `cuda`.
        bootstrap: From scores, columns and the size of a resample to estimates: `exact_bootstrap` or
            `monte_carlo_bootstrap`.
        round_limit: Give up after so many rounds.
        progress: Told about every network.

    Raises:
        InvalidInput: Something asked for does not exist or does not fit, or every network of a round failed.
    """
    found = one_predictor(predictor)
    check_fits(space, task, networks, round_limit)
    settings = Settings(task, (found,), seed, dtype, device)
    course = Course(space, found.name, seed, networks, bootstrap, round_limit)
    with scoring(settings, store, workers, progress) as scored:
        return _refine(course, scored)


def replay(
    space: DesignSpace,
    predictor: str | Predictor,
    task: Task,
    store: Store,
    networks: int = 500,
    seed: int = 0,
    bootstrap: Bootstrap = exact_bootstrap,
    round_limit: int = ROUND_LIMIT,
) -> Refinement | None:
    """The refinement that a store holds, without scoring anything; arguments as in `refine`.

    Precision and device are those of the store, whether or not this machine has that device.

    Returns:
        The refinement, `unfinished` if the store ends before it does; None if not one round is complete.
    """
    found = one_predictor(predictor)
    check_fits(space, task, networks, round_limit)
    settings = Settings(task, (found,), seed)
    course = Course(space, found.name, seed, networks, bootstrap, round_limit)
    try:
        return _refine(course, lambda number, drawn: stored_scores(drawn, settings, store))
    except NothingStoredError:
        return None


class NothingStoredError(Exception):
    """A store does not hold the first round."""


@contextmanager
def scoring(
    settings: Settings, store: Store | Path | str | None, workers: int, progress: Progress | None
) -> Iterator[Scored]:
    """What scores the networks of a round, in a store and with workers that are closed at the end."""
    with opened_store(store, settings) as opened, closing(executor(settings, workers)) as running:

        def scored(number: int, drawn: list[Network]) -> ScoreTable:
            told = None if progress is None else partial(progress, number)
            return score_networks(drawn, settings, running, opened, told)

        yield scored


@dataclass(frozen=True)
class Course:
    """What a refinement's course depends on, besides the scores."""

    space: DesignSpace
    predictor: str
    seed: int
    networks: int
    bootstrap: Bootstrap
    round_limit: int


def _refine(course: Course, scored: Scored) -> Refinement:
    """The loop of section V-C. It ends early where `scored` has no table for a round."""
    start = time.perf_counter()
    space, draws, rounds = course.space, Counter[str](), list[Round]()
    stopped = None
    while stopped is None:
        number = len(rounds) + 1
        architectures = sample(space, course.networks, seed=(course.seed, number))
        table = scored(number, numbered(architectures, draws))
        if table is None:
            stopped = "unfinished"
            break
        estimates = _estimates(space, table, course, number)
        rounds.append(Round(number, space, table, estimates, len(architectures) < course.networks))
        space = space.restrict(rounds[-1].intervals)
        stopped = stop_reason([found.intervals for found in rounds], course.round_limit)
    if not rounds:
        raise NothingStoredError
    seconds = time.perf_counter() - start
    return Refinement(course.predictor, course.space, course.seed, tuple(rounds), stopped, seconds)


def one_predictor(predictor: str | Predictor) -> Predictor:
    """The one predictor that a refinement is about.

    Raises:
        InvalidInput: The name stands for none or for several.
    """
    found = resolve(predictor)
    if len(found) != 1:
        raise InvalidInput(
            f"predictor {predictor!r} names {len(found)} predictors; a refinement has one, name it."
        )
    return found[0]


def _estimates(space: DesignSpace, table: ScoreTable, course: Course, number: int) -> dict[str, Estimate]:
    scored = with_scores(table, course.predictor, number)
    columns = {name: scored[name].to_numpy(dtype=np.int64) for name in (*space.hyperparameters, *MEASURES)}
    return course.bootstrap(scored[course.predictor].to_numpy(dtype=np.float64), columns, quarter(course.networks))


def with_scores(table: ScoreTable, predictor: str, number: int) -> pd.DataFrame:
    """The rows of a round's networks that have a score.

    Raises:
        InvalidInput: There are none.
    """
    frame = table.wide
    scored: pd.DataFrame = frame[np.isfinite(frame[predictor])]
    if scored.empty:
        first = table.rows[0].score
        raise InvalidInput(
            f"none of the {len(frame)} networks of round {number} has a {predictor} score "
            f"({first.status}: {first.reason}); use another predictor, batch or precision."
        )
    return scored


def check_fits(space: DesignSpace, task: Task, networks: int, round_limit: int) -> None:
    if (space.num_classes, space.resolution) != (task.num_classes, task.resolution):
        raise InvalidInput(
            f"the space is for {space.num_classes} classes at {space.resolution} pixels and the data have "
            f"{task.num_classes} at {task.resolution}; make the space for the data."
        )
    for name, value in (("networks", networks), ("round_limit", round_limit)):
        if value < 1:
            raise InvalidInput(f"{name} = {value} is not positive; choose 1 or more.")
