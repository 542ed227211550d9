"""One refinement of several with its scores, as comparisons of seeds and of methods read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.elite_scores import elite
from netlore.refinement.result import Refinement
from netlore.scoring.transforms import Transform
from netlore.space.architecture import Architecture
from netlore.storage.score_table import ScoreRow


@dataclass(frozen=True, eq=False)
class Replicate:
    """One refinement with its scores on the predictor's scale, NaN where there is none, in the order of scoring.

    `architectures` are the ids of what was scored, `known` what these are.
    """

    refinement: Refinement
    scores: Floats
    architectures: list[str]
    known: dict[str, Architecture]

    @cached_property
    def elite(self) -> tuple[str, ...]:
        """Which it holds for the best, the best first: its elites, or the best by mean where a method has none."""
        return tuple(one.id for one in self.refinement.elites) or elite(self.scores, self.architectures)


def scores_of(transform: Transform, rows: Sequence[ScoreRow]) -> Floats:
    """Scores on a scale, NaN where there is none."""
    raw = [np.nan if row.score.value is None else row.score.value for row in rows]
    return transform.apply(np.asarray(raw, dtype=np.float64))


def replicate_of(refinement: Refinement, transform: Transform) -> Replicate:
    """A refinement with its scores on a scale."""
    rows = [row for entry in refinement.rounds for row in entry.table.rows]
    known = {row.architecture.id: row.architecture for row in rows}
    return Replicate(refinement, scores_of(transform, rows), [row.architecture.id for row in rows], known)
