"""pick(): from a predictor's design principles to one network. Source: section V-D of the paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from netlore.data import Task
from netlore.errors import BudgetUnreachable, InvalidInput
from netlore.executors import Workers
from netlore.refinement.loop import one_predictor
from netlore.refinement.result import Refinement
from netlore.scoring.predictor import Predictor
from netlore.scoring.scorer import score
from netlore.space.architecture import Architecture
from netlore.space.sampling import sample
from netlore.storage.score_table import Score, ScoreRow, ScoreTable

NETWORKS = 25
"""Candidates that the paper draws."""


@dataclass(frozen=True)
class Pick:
    """The best of some candidates from a refinement's final space.

    Attributes:
        candidates: What was drawn, each architecture once, in the order in which it was drawn; at least one of
            them has a score.
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
        return tuple(sorted(scored, key=lambda row: (-float(row.score), row.architecture.id)))


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
) -> Pick:
    """Draw networks from a refinement's final space, score them, and take the best.

    Architectures are distinct, drawn from the space that the principles leave, and within its budget; each is
    initialised once. As in the refinement, the highest raw score is the best.

    Args:
        refinement: Whose principles; one that is unfinished ends at its last round.
        task: The batch, the same for every network; that of the refinement, or another of as many classes and
            pixels.
        networks: Candidates to draw, at least 1; the paper draws 25. If the space holds fewer, all are scored.
        seed: Decides candidates and initial weights, these as in `score`. An architecture that the refinement drew
            under the same seed has the weights that it had when it was first drawn.
        workers: Processes to use, or an executor or the name of one; results do not depend on it.
        dtype: Precision, `float32` or `float64`; synflow always has float64.
        device: A torch device, `cpu` or `cuda`.
        progress: Called with the numbers of candidates done and to do.
        predictor: The refinement's predictor itself, needed only if it has no registered name.

    Raises:
        BudgetUnreachable: The principles hold no network within the budget.
        InvalidInput: Something asked for does not exist or does not fit, or no candidate has a score.
    """
    found = _predictor_of(refinement, predictor)
    _check_fits(refinement, task, networks)
    drawn = _drawn(refinement, networks, seed)
    table = score(drawn, found, task, seed, None, workers, dtype, device, progress)
    if len(table.failures) == len(table.rows):
        first = table.rows[0].score
        raise InvalidInput(
            f"none of the {len(drawn)} candidates has a {found.name} score ({first.status}: {first.reason}); "
            f"use another batch, precision or predictor."
        )
    return Pick(table, len(drawn) < networks)


def _predictor_of(refinement: Refinement, predictor: str | Predictor | None) -> Predictor:
    found = one_predictor(refinement.predictor if predictor is None else predictor)
    if found.name != refinement.predictor:
        raise InvalidInput(
            f"predictor {found.name!r} is not the refinement's; name {refinement.predictor!r}, or none."
        )
    return found


def _check_fits(refinement: Refinement, task: Task, networks: int) -> None:
    space = refinement.space
    if (space.num_classes, space.resolution) != (task.num_classes, task.resolution):
        raise InvalidInput(
            f"the refinement is for {space.num_classes} classes at {space.resolution} pixels and the data have "
            f"{task.num_classes} at {task.resolution}; give the data that it was made with."
        )
    if networks < 1:
        raise InvalidInput(f"networks = {networks} is not positive; choose 1 or more.")


def _drawn(refinement: Refinement, networks: int, seed: int) -> list[Architecture]:
    """Candidates. Intervals are found one by one, so that together they may miss the budget."""
    try:
        return sample(refinement.final_space, networks, seed)
    except BudgetUnreachable:
        raise BudgetUnreachable(
            f"the principles of {refinement.predictor} hold no network, or hardly any, within the budget "
            f"{refinement.space.budget}; refine with another seed or more networks."
        ) from None
