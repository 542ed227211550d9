"""Score against cost: a search for the whole front, the front of any refinement, and networks along it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlore.analysis import Floats
from netlore.analysis.pareto import pareto_front
from netlore.arguments import validated
from netlore.data import Task
from netlore.errors import UnknownName
from netlore.executors import Workers
from netlore.refinement.elites import costs_of, remembered
from netlore.refinement.loop import MOST_NETWORKS, SearchSettings, one_predictor
from netlore.refinement.methods import NSGA2
from netlore.refinement.nsga2 import COST
from netlore.refinement.refine import Progress, run_method
from netlore.refinement.result import ROUND_LIMIT, Refinement
from netlore.scoring.predictor import PREDICTORS, Predictor
from netlore.space.architecture import Architecture
from netlore.space.complexity import columns
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import check_whole
from netlore.space.family import has_plans
from netlore.storage.score_store import Store


@validated
def nsga2(
    space: DesignSpace,
    predictor: str | Predictor,
    task: Task,
    cost: str = COST,
    networks: int = NSGA2.networks,
    seed: int = 0,
    store: Store | Path | str | None = None,
    workers: Workers = 1,
    dtype: str = "float32",
    device: str = "cpu",
    round_limit: int = ROUND_LIMIT,
    progress: Progress | None = None,
    common_draws: bool = False,
) -> Refinement:
    """Search for all networks that no other one beats in both score and cost.

    A round is a generation: `networks` random architectures of the space at first, then children of two parents
    each, by Optuna's NSGA-II with its usual crossover and mutation. A child that is no network of the space, or
    was scored before, is replaced. The elites are the front; intervals are their ranges. It ends once for five
    rounds the hypervolume under the front, from the worst of the first round in both objectives, has not risen by
    a thousandth.

    Args:
        cost: The measure that is kept low, such as `flops` or `params`.

    Other arguments and errors as of `refine`; without the package optuna it is refused.

    Source: Deb, Pratap, Agarwal, Meyarivan, A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II, 2002.
    """
    options = {} if cost == COST else {"cost": cost}
    asked = SearchSettings(
        _with_column(space, cost), one_predictor(predictor), seed, networks, round_limit, options
    )
    settings = asked.drawing(task, common_draws)
    return run_method(NSGA2, settings, task, store, workers, dtype, device, progress)


@validated
def front(refinement: Refinement, cost: str = COST) -> pd.DataFrame:
    """The front of any refinement: networks of all rounds that score higher than all that cost as little.

    A row for each, the cheapest first: `architecture` (id), `score`, the mean over its initial weights on the
    predictor's scale, and every measure of the space and `cost`, which may be any measure.

    Raises:
        UnknownName: The predictor is not registered, or networks of this space have no such measure.
        InvalidInput: No network has a score.
    """
    known, scores, costs, places = _front(refinement, PREDICTORS.get(refinement.predictor), cost)
    rows = pd.DataFrame({"architecture": [one.id for one in known], "score": scores, **costs})
    return rows.iloc[places].reset_index(drop=True)


@validated
def finalists(refinement: Refinement, number: int, predictor: str | Predictor | None = None) -> list[Architecture]:
    """Networks from shallow to deep, of which a short training can find the one that learns best.

    A predictor sees networks before any training, and does not know how long they will be trained; the deeper they
    are, the longer they take. So these lie on the front of score against depth, each with a higher score than all
    networks as deep or less, and as evenly as it has networks; the last one has the highest mean score of all.

    Args:
        refinement: Whose networks, of all rounds.
        number: How many at most, at least 1.
        predictor: The refinement's predictor itself, needed only if it has no registered name.

    Returns:
        The networks, the shallowest first. Depth counts convolutions and linear layers on the longest way; of
        families of torch modules it is not known, and FLOPs take its place.

    Raises:
        InvalidInput: No network has a score.
    """
    number = check_whole("number", number, 1, MOST_NETWORKS)
    asked = one_predictor(refinement.predictor if predictor is None else predictor)
    cost = "longest_path" if has_plans(refinement.space.family) else "flops"
    known, _, _, places = _front(refinement, asked, cost)
    chosen = np.unique(np.linspace(len(places) - 1, 0, number).round().astype(int))
    return [known[places[one]] for one in chosen]


def _front(
    refinement: Refinement, predictor: Predictor, cost: str
) -> tuple[list[Architecture], Floats, dict[str, NDArray[Any]], NDArray[np.intp]]:
    """All networks of a refinement, their mean scores, their costs by measure, and the places of the front."""
    memory = remembered(refinement, predictor)
    known = list(memory.scores)
    found = costs_of(known, _with_column(refinement.space, cost))
    costs = {name: np.broadcast_to(column, len(known)) for name, column in found.items()}
    if cost not in costs:
        raise UnknownName("measure", cost, list(costs))
    scores = np.asarray([memory.mean(one) for one in known])
    return known, scores, costs, pareto_front(scores, costs[cost].astype(np.float64))


def _with_column(space: DesignSpace, cost: str) -> DesignSpace:
    """The space with a measure as a column of its tables; if it has no limit, without one."""
    limits = space.budget.limits()
    return space if cost in columns(limits) else space.within({cost: (0.0, math.inf)})
