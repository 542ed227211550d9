"""Score against cost: a search for the whole front, and the front of any refinement."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from netlore.analysis.pareto import pareto_front
from netlore.arguments import validated
from netlore.data import Task
from netlore.errors import UnknownName
from netlore.executors import Workers
from netlore.refinement.elites import Memory, costs_of
from netlore.refinement.loop import SearchSettings, one_predictor
from netlore.refinement.methods import NSGA2
from netlore.refinement.nsga2 import COST
from netlore.refinement.refine import Progress, run_method
from netlore.refinement.result import ROUND_LIMIT, Refinement
from netlore.scoring.predictor import PREDICTORS, Predictor
from netlore.space.complexity import columns
from netlore.space.design_space import DesignSpace
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
    if cost not in columns(space.budget.limits()):
        space = space.within({cost: (0.0, math.inf)})  # without a limit, but a column of tables
    asked = SearchSettings(space, one_predictor(predictor), seed, networks, round_limit, options)
    settings = asked.drawing(task, common_draws)
    return run_method(NSGA2, settings, task, store, workers, dtype, device, progress)


@validated
def front(refinement: Refinement, cost: str = COST) -> pd.DataFrame:
    """The front of any refinement: networks of all rounds that score higher than all that cost as little.

    A row for each, the cheapest first: `architecture` (id), `score`, the mean over its initial weights on the
    predictor's scale, and every measure of the space, such as `flops`.

    Raises:
        UnknownName: The predictor is not registered, or networks of this space have no such measure.
    """
    memory, predictor = Memory(), PREDICTORS.get(refinement.predictor)
    for entry in refinement.rounds:
        memory.remember(entry.table, predictor)
    known = list(memory.scores)
    found = costs_of(known, refinement.space)
    costs = {name: np.broadcast_to(column, len(known)) for name, column in found.items()}
    if cost not in costs:
        raise UnknownName("measure", cost, list(costs))
    scores = np.asarray([memory.mean(one) for one in known])
    rows = pd.DataFrame({"architecture": [one.id for one in known], "score": scores, **costs})
    return rows.iloc[pareto_front(scores, costs[cost].astype(np.float64))].reset_index(drop=True)
