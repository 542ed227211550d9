"""Of a refinement by a combination: which member's own choice is nearest to what each round kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netlore.analysis.bootstrap import exact_bootstrap, quarter
from netlore.analysis.interval_overlap import overlap
from netlore.refinement.result import Intervals, Refinement, Round, intervals_of
from netlore.report.text.phrases import count, join
from netlore.space.distribution import is_category
from netlore.storage.archive import opened
from netlore.storage.rounds import ScoreReader


@dataclass(frozen=True)
class MemberIntervals:
    """What a round kept of one hyperparameter, and what each member alone would have kept of the same networks.

    Attributes:
        kept: By the combination.
        of_members: By the bootstrap of a member's scores, per member; none where it has no score.
        overlaps: Per member, the share of the values in either interval that are in both.
        moved: Whether the combination kept something else than before.
    """

    seed: int
    round: int
    hyperparameter: str
    kept: Any
    of_members: Mapping[str, Any]
    overlaps: Mapping[str, float]
    moved: bool

    @property
    def nearest(self) -> tuple[str, ...]:
        """The members with the greatest overlap."""
        most = max(self.overlaps.values(), default=0.0)
        return tuple(name for name, one in self.overlaps.items() if one == most)


def member_intervals(
    folder: Path, found: Sequence[Refinement], members: Sequence[str]
) -> tuple[MemberIntervals, ...]:
    """Every hyperparameter of every round of refinements in a folder; nothing without members."""
    if not members:
        return ()
    with opened(folder) as reader:
        return tuple(row for one in found for row in _of_refinement(reader, one, members))


def _of_refinement(reader: ScoreReader, found: Refinement, members: Sequence[str]) -> Iterator[MemberIntervals]:
    grids = found.space.grids
    before = {name: grid if is_category(grid) else (grid[0], grid[-1]) for name, grid in grids.items()}
    for one in found.rounds:
        kept = one.intervals
        alone = {name: intervals for name in members if (intervals := _alone(reader, one, name, grids))}
        for name, grid in grids.items():
            overlaps = {
                member: overlap({name: kept[name]}, {name: own[name]}, {name: grid})
                for member, own in alone.items()
            }
            own = {member: intervals[name] for member, intervals in alone.items()}
            moved = tuple(kept[name]) != tuple(before[name])
            yield MemberIntervals(found.seed, one.number, name, kept[name], own, overlaps, moved)
        before = {**kept}


def _alone(reader: ScoreReader, one: Round, member: str, grids: Mapping[str, Sequence[Any]]) -> Intervals:
    """What the bootstrap keeps of a round's networks by a member's scores; nothing if there are none."""
    keys = [(row.architecture.id, row.seed, row.draw, member) for row in one.table.rows]
    known = reader.find(keys)
    scores = np.array([np.nan if known[key].value is None else known[key].value for key in keys], dtype=np.float64)
    scored = np.isfinite(scores)
    if not scored.any():
        return {}
    frame = one.frame
    columns = {name: np.asarray(frame[name].tolist())[scored] for name in grids}
    return intervals_of(exact_bootstrap(scores[scored], columns, quarter(len(keys))), grids)


def nearest_text(found: Sequence[MemberIntervals], what: str) -> str:
    """Whose choice the moves of a combination were nearest to, as a sentence; empty where its members agree."""
    moves = [one.nearest for one in found if one.moved and len(one.nearest) < len(one.of_members)]
    if not moves:
        return ""
    shares = Counter(name for nearest in moves for name in nearest)
    of_each = join([f"{name}'s in {number:,}" for name, number in shares.most_common()])
    which = f"Of {count(len(moves), 'move')} of intervals on which the members of {what} differ,"
    return f"{which} the nearest choice of a member alone is {of_each}."
