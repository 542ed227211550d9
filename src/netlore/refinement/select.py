"""pick(): from a predictor's design principles to one network. Source: section V-D of the paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from netlore.analysis.elite_scores import best_first
from netlore.arguments import validated
from netlore.data import Task
from netlore.errors import BudgetUnreachable, InvalidInput
from netlore.executors import Workers
from netlore.refinement.elites import remembered
from netlore.refinement.loop import MOST_NETWORKS, check_data, one_predictor
from netlore.refinement.result import Refinement
from netlore.scoring.predictor import Predictor
from netlore.scoring.scorer import score
from netlore.space.architecture import Architecture
from netlore.space.distribution import check_whole
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
    return list(refinement.elites) or remembered(refinement, predictor).elites()
