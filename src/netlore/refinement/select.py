"""From a predictor's design principles to one network, or to a few. Source: section V-D of the paper."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from netlore.analysis.elite_scores import best_first
from netlore.analysis.pareto import pareto_front
from netlore.arguments import validated
from netlore.data import Task
from netlore.errors import BudgetUnreachable, InvalidInput
from netlore.executors import Workers
from netlore.refinement.elites import Memory, costs_of
from netlore.refinement.loop import MOST_NETWORKS, check_data, no_scores, one_predictor
from netlore.refinement.result import Refinement
from netlore.scoring.predictor import Predictor
from netlore.scoring.scorer import score
from netlore.space.architecture import Architecture
from netlore.space.distribution import check_whole
from netlore.space.family import has_plans
from netlore.space.sampling import sample
from netlore.storage.score_table import Score, ScoreRow, ScoreTable

NETWORKS = 25
"""Candidates that the paper draws."""

Candidates = Literal["drawn", "elites", "both"]
"""Who competes: architectures drawn from the final space, those that the refinement found best, or both."""


@dataclass(frozen=True)
class Selection:
    """The best of some candidates from a refinement's final space.

    Attributes:
        candidates: Who competed, each architecture once: those drawn, in the order in which they were drawn, then
            the elites, the best first; at least one of them has a score.
        exhausted: The space held fewer architectures than were asked for; each of them is a candidate.
    """

    candidates: ScoreTable
    exhausted: bool

    @property
    def architecture(self) -> Architecture:
        """The candidate with the highest score."""
        return self.ranked[0].architecture

    @property
    def score(self) -> Score:
        """Its raw score."""
        return self.ranked[0].score

    @property
    def ranked(self) -> tuple[ScoreRow, ...]:
        """The candidates that have a score, the highest first; of equal scores the one with the smaller id."""
        scored = [row for row in self.candidates.rows if row.score.status == "ok"]
        order = best_first([float(row.score) for row in scored], [row.architecture.id for row in scored])
        return tuple(scored[i] for i in order)


Pick = Selection
"""The public name."""


@validated
def pick(
    refinement: Refinement,
    task: Task,
    networks: int = NETWORKS,
    seed: int = 0,
    workers: Workers = 1,
    dtype: str = "float32",
    device: str = "cpu",
    progress: Callable[[int, int], None] | None = None,
    predictor: str | Predictor | None = None,
    candidates: Candidates = "drawn",
) -> Selection:
    """Score candidates under one initialisation each, and take the best.

    Architectures that are drawn are distinct, from the space that the principles leave, and within its budget. As
    in the refinement, the highest raw score is the best.

    Args:
        refinement: Whose principles; one that is unfinished ends at its last round.
        task: The batch, the same for every network; that of the refinement, or another of as many classes, pixels
            and channels.
        networks: Candidates to draw, at least 1; the paper draws 25. If the space holds fewer, all are scored.
        seed: Decides candidates and initial weights, these as in `score`. An architecture that a refinement with
            common draws drew under the same seed has the weights that it had when it was first drawn.
        workers: Processes to use, or an executor or the name of one; results do not depend on it.
        dtype: Precision, `float32` or `float64`; synflow always has float64.
        device: A torch device, `cpu` or `cuda`.
        progress: Called with the numbers of candidates done and to do.
        predictor: The refinement's predictor itself, needed only if it has no registered name.
        candidates: `drawn`, as the paper does; `elites`: the refinement's elites, or, where its method has none,
            the 12 architectures with the highest mean scores of all rounds; `both`. All are scored alike, so no
            elite wins by the luck that made it one, unless the seed is the refinement's.

    Raises:
        BudgetUnreachable: The principles hold no network within the budget.
        InvalidInput: Something asked for does not exist or does not fit, or no candidate has a score.
    """
    found = one_predictor(refinement.predictor if predictor is None else predictor)
    if found.name != refinement.predictor:
        raise InvalidInput(
            f"predictor {found.name!r} is not the refinement's; name {refinement.predictor!r}, or none."
        )
    check_data(refinement.space, task)
    networks = check_whole("networks", networks, 1, MOST_NETWORKS)
    drawn = _drawn(refinement, networks, seed) if candidates != "elites" else []
    elites = _elites(refinement, found) if candidates != "drawn" else []
    chosen = list(dict.fromkeys((*drawn, *elites)))
    table = score(chosen, found, task, seed, None, workers, dtype, device, progress)
    if len(table.failures) == len(table.rows):
        first = table.rows[0].score
        raise InvalidInput(
            f"none of the {len(chosen)} candidates has a {found.name} score ({first.status}: {first.reason}); "
            f"use another batch, precision or predictor."
        )
    return Selection(table, candidates != "elites" and len(drawn) < networks)


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
    memory = _remembered(refinement, one_predictor(refinement.predictor if predictor is None else predictor))
    known = list(memory.scores)
    space, cost = refinement.space, "longest_path" if has_plans(refinement.space.family) else "flops"
    costs = costs_of(known, space.within({cost: (0.0, math.inf)}) if cost == "longest_path" else space)[cost]
    scores = np.asarray([memory.mean(one) for one in known])
    places = pareto_front(scores, np.broadcast_to(np.asarray(costs, dtype=np.float64), len(known)))
    chosen = np.unique(np.linspace(len(places) - 1, 0, number).round().astype(int))
    return [known[places[one]] for one in chosen]


def _drawn(refinement: Refinement, networks: int, seed: int) -> list[Architecture]:
    """Candidates. Intervals are found one by one, so that together they may miss the budget."""
    try:
        return sample(refinement.final_space, networks, seed)
    except BudgetUnreachable:
        raise BudgetUnreachable(
            f"the principles of {refinement.predictor} hold no network, or hardly any, within the budget "
            f"{refinement.space.budget}; refine with another seed or more networks."
        ) from None


def _elites(refinement: Refinement, predictor: Predictor) -> list[Architecture]:
    """The best architectures of all rounds, the best first."""
    return list(refinement.elites) or _remembered(refinement, predictor).elites()


def _remembered(refinement: Refinement, predictor: Predictor) -> Memory:
    """The scores of all rounds."""
    memory = Memory()
    for one in refinement.rounds:
        memory.remember(one.table, predictor)
    if not memory.scores:
        raise no_scores(refinement.rounds[-1].table, predictor, refinement.rounds[-1].number)
    return memory
