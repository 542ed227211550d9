"""Table I of the paper beside ours, hyperparameter by hyperparameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reproduction_claims import AGREES, DATA, DIFFERS, MISSING, NO_VALUE, PARTLY, PREDICTORS
from reproduction_course import Replicate, basis, replicates
from reproduction_statements import GRIDS, Principles

from netlore.analysis.interval_overlap import agreement
from netlore.report.data import StudyData
from netlore.report.names import interval_text
from netlore.report.text.phrases import join

Interval = tuple[int, int]
RULE = (
    "agrees: all 12 intervals overlap; agrees in part: of the intervals that can miss, at least half overlap or "
    "come within one step of the grid; differs: fewer. Where either interval is a "
    "hyperparameter's whole grid, they cannot miss."
)


def gap(one: Interval, other: Interval, grid: Sequence[int]) -> int:
    """Steps of the grid between two closed intervals; 0 if they overlap.

    >>> gap((8, 8), (16, 32), (1, 2, 4, 8, 16, 32)), gap((15, 16), (1, 15), range(1, 17))
    (1, 0)
    """
    (low, high), (first, last) = ([list(grid).index(value) for value in interval] for interval in (one, other))
    return max(0, low - last, first - high)


@dataclass(frozen=True)
class Comparison:
    """A row of the paper's table and one of ours.

    Attributes:
        gaps: Per hyperparameter, steps of its grid between both intervals.
        free: The hyperparameters of which neither interval is the whole grid: those that can miss.
    """

    gaps: dict[str, int]
    free: tuple[str, ...]

    @property
    def overlapping(self) -> int:
        """How many intervals overlap."""
        return sum(steps == 0 for steps in self.gaps.values())

    @property
    def near(self) -> int:
        """How many intervals overlap or come within one step."""
        return sum(steps <= 1 for steps in self.gaps.values())

    @property
    def near_of_free(self) -> int:
        """The same among those that can miss."""
        return sum(self.gaps[name] <= 1 for name in self.free)

    @property
    def verdict(self) -> str:
        """By the rule above."""
        if self.overlapping == len(self.gaps):
            return AGREES
        return PARTLY if 2 * self.near_of_free >= len(self.free) else DIFFERS


def compare(paper: Principles, ours: Principles, grids: Mapping[str, Sequence[int]] = GRIDS) -> Comparison:
    """Compare two rows over the hyperparameters of the grids."""
    gaps = {name: gap(paper[name], ours[name], grid) for name, grid in grids.items()}
    free = [n for n, grid in grids.items() if (grid[0], grid[-1]) not in (tuple(paper[n]), tuple(ours[n]))]
    return Comparison(gaps, tuple(free))


def printed(row: Mapping[str, Any]) -> dict[str, Interval]:
    """A row of the paper's table as principles."""
    return {f"{key}{stage}": (low, high) for key in "dwgb" for stage, (low, high) in enumerate(row[key], 1)}


@dataclass(frozen=True)
class Row:
    """A row of the paper's table, and one run beside it: None if it was not computed."""

    data: str
    predictor: str
    iterations: int | None
    paper: dict[str, Interval]
    story: Replicate | None

    @property
    def compared(self) -> Comparison | None:
        """The comparison of both."""
        return None if self.story is None else compare(self.paper, self.story.found.principles)

    @property
    def verdict(self) -> str:
        """What it comes to."""
        return MISSING if self.compared is None else self.compared.verdict


def rows_of(table: Mapping[str, Mapping[str, Mapping[str, Any]]], study: StudyData) -> list[Row]:
    """The paper's rows in its order, each as often as it was repeated."""
    return [
        Row(data, name, table[data][name].get("iterations"), printed(table[data][name]), story)
        for data in DATA
        for name in PREDICTORS
        for story in replicates(study, data, name) or (None,)
    ]


def intervals_table(rows: Sequence[Row]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The paper's intervals and ours under one another; ours are bold where they do not overlap."""
    lines: list[tuple[str, ...]] = []
    last = ""
    for row in rows:
        if row.predictor != last:
            first = NO_VALUE if row.iterations is None else str(row.iterations)
            lines.append((row.predictor, "paper", first, *(interval_text(*row.paper[name]) for name in GRIDS)))
        last = row.predictor
        if row.story is None or row.compared is None:
            lines.append(("", MISSING, *[NO_VALUE] * (len(GRIDS) + 1)))
            continue
        cells = [
            f"**{text}**" if row.compared.gaps[name] else text
            for name in GRIDS
            for text in [interval_text(*row.story.found.principles[name])]
        ]
        lines.append(("", f"seed {row.story.found.seed}", str(len(row.story.found.rounds)), *cells))
    return ("predictor", "whose", "iterations", *GRIDS), lines


def verdicts_table(rows: Sequence[Row]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """How many intervals overlap, and which of the paper's rows ours is most like."""
    columns = ("predictor", "ours", "overlap", "within one step", "can miss", "of these within one step")
    lines = []
    for row in rows:
        compared = row.compared
        if row.story is None or compared is None:
            lines.append((row.predictor, *[NO_VALUE] * (len(columns)), MISSING))
            continue
        counts = (compared.overlapping, compared.near, len(compared.free), compared.near_of_free)
        papers = {one.predictor: one.paper for one in rows}
        lines.append(
            (
                row.predictor,
                basis(row.story),
                *map(str, counts),
                nearest(row.story.found.principles, papers),
                row.verdict,
            )
        )
    return (*columns, "nearest row of the paper's", "verdict"), lines


def nearest(ours: Principles, papers: Mapping[str, Principles]) -> str:
    """The row that ours is most like, by the mean over hyperparameters of shared values over values in either."""
    found = agreement({"": dict(ours), **{name: dict(one) for name, one in papers.items()}}, GRIDS)
    likeness = dict(zip(found.names[1:], found.jaccard[0, 1:].tolist(), strict=True))
    best = max(likeness.values())
    return f"{join([name for name, value in likeness.items() if value == best])} ({best:.2f})"


def reasons(rows: Sequence[Row]) -> list[str]:
    """What is known about why rows differ, and only that."""
    found = []
    apart = [row for row in rows if row.verdict in (PARTLY, DIFFERS) and row.story is not None]
    sizes = sorted(
        {
            row.story.run.configuration.networks
            for row in apart
            if row.story is not None and row.story.run.configuration.networks != 500
        }
    )
    if sizes:
        found.append(f"Some rounds hold {join([str(size) for size in sizes])} networks, the paper's 500.")
    for name in dict.fromkeys(row.predictor for row in apart):
        ends = [row.story.found.principles for row in rows if row.predictor == name and row.story is not None]
        moving = [n for n in GRIDS if any(gap(a[n], b[n], GRIDS[n]) for a in ends for b in ends)]
        if moving:
            found.append(
                f"{name} does not end in one place: between our own seeds, the intervals of {join(moving)} do not "
                "all overlap. The paper's row is one run."
            )
    return found
