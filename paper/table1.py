"""Table I of the paper next to ours, hyperparameter by hyperparameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import netlore as nl
from netlore.analysis.interval_overlap import overlap
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData, StudyData
from netlore.report.names import kept_text
from netlore.report.text.phrases import join
from paper.pages import DATA, NO_VALUE, PREDICTORS, Entry, Verdict, runs_of

Principles = Mapping[str, tuple[int, int]]
GRIDS: Mapping[str, Sequence[int]] = nl.anynet(num_classes=10).grids


def gap(one: tuple[int, int], other: tuple[int, int], grid: Sequence[int]) -> int:
    """Steps of the grid between two closed intervals; 0 if they overlap.

    >>> gap((8, 8), (16, 32), (1, 2, 4, 8, 16, 32)), gap((15, 16), (1, 15), range(1, 17))
    (1, 0)
    """
    (low, high), (first, last) = ([list(grid).index(value) for value in interval] for interval in (one, other))
    return max(0, low - last, first - high)


def basis(run: RefinementData, one: Refinement) -> str:
    """What a number of a refinement rests on."""
    return f"n = {run.configuration.networks} a round, seed {one.seed}"


def printed(row: Entry) -> dict[str, tuple[int, int]]:
    """A row of the paper's table as principles."""
    return {f"{key}{stage}": (low, high) for key in "dwgb" for stage, (low, high) in enumerate(row[key], 1)}


def counts(paper: Principles, ours: Principles) -> tuple[int, int, int, int]:
    """Intervals that overlap, that come within one step of the grid, that can miss, and of these within one step.

    Those can miss of which neither is the whole grid.
    """
    gaps = {name: gap(paper[name], ours[name], grid) for name, grid in GRIDS.items()}
    free = [n for n, grid in GRIDS.items() if (grid[0], grid[-1]) not in (tuple(paper[n]), tuple(ours[n]))]
    within = [name for name, steps in gaps.items() if steps <= 1]
    return list(gaps.values()).count(0), len(within), len(free), len(set(free) & set(within))


class Row(NamedTuple):
    """A row of the paper's table, and one refinement next to it: None if it was not computed."""

    data: str
    predictor: str
    iterations: str
    paper: Principles
    run: RefinementData | None = None
    ours: Refinement | None = None

    @property
    def verdict(self) -> str:
        """Agrees if all overlap; in part if half of those that can miss come within one step; differs if fewer."""
        if self.ours is None:
            return Verdict.MISSING
        overlapping, _, free, near = counts(self.paper, self.ours.principles)
        if overlapping == len(GRIDS):
            return Verdict.AGREES
        return Verdict.PARTLY if 2 * near >= free else Verdict.DIFFERS

    @property
    def summary(self) -> tuple[str, str, str, str]:
        """Its line of the summary."""
        what, text = f"{DATA[self.data]}, {self.predictor}", NO_VALUE
        if self.ours is not None:
            what += f", seed {self.ours.seed}"
            text = f"{counts(self.paper, self.ours.principles)[0]} of {len(GRIDS)} overlap"
        return "Table I", what, text, self.verdict


def rows_of(table: Mapping[str, Mapping[str, Entry]], study: StudyData) -> Iterator[Row]:
    """The paper's rows in its order, each for every replicate."""
    runs = runs_of(study)
    for data, name in product(DATA, PREDICTORS):
        row, run = table[data][name], runs.get((data, name))
        alone = Row(data, name, str(row.get("iterations", NO_VALUE)), printed(row), run)
        yield from (alone._replace(ours=one) for one in run.refinements) if run else (alone,)


def interval_lines(rows: Sequence[Row]) -> Iterator[Sequence[str]]:
    """The paper's intervals and ours under one another; ours are bold where they do not overlap."""
    for before, row in zip([None, *rows], rows, strict=False):
        if before is None or before.predictor != row.predictor:
            yield row.predictor, "paper", row.iterations, *(kept_text(row.paper[n]) for n in GRIDS)
        if row.ours is None:
            yield "", Verdict.MISSING, *[NO_VALUE] * (len(GRIDS) + 1)
            continue
        ends = row.ours.principles
        bold = {name: "**" if gap(row.paper[name], ends[name], grid) else "" for name, grid in GRIDS.items()}
        cells = (f"{mark}{kept_text(ends[name])}{mark}" for name, mark in bold.items())
        yield "", f"seed {row.ours.seed}", str(len(row.ours.rounds)), *cells


def verdict_lines(rows: Sequence[Row]) -> Iterator[Sequence[str]]:
    """How many intervals overlap, and which of the paper's rows ours is most like."""
    papers = {row.predictor: row.paper for row in rows}
    for row in rows:
        if row.run is None or row.ours is None:
            yield row.predictor, *[NO_VALUE] * 6, Verdict.MISSING
            continue
        ends = row.ours.principles
        numbers = map(str, counts(row.paper, ends))
        yield row.predictor, basis(row.run, row.ours), *numbers, nearest(ends, papers), row.verdict


def nearest(ours: Principles, papers: Mapping[str, Principles]) -> str:
    """The row that ours is most like, by the mean over hyperparameters of shared values over values in either."""
    likeness = {name: overlap(ours, one, GRIDS) for name, one in papers.items()}
    best = max(likeness.values())
    return f"{join([name for name, value in likeness.items() if value == best])} ({best:.2f})"


def reasons(rows: Sequence[Row]) -> Iterator[str]:
    """What is known about why rows differ, and only that."""
    apart = [row for row in rows if row.verdict in (Verdict.PARTLY, Verdict.DIFFERS)]
    sizes = sorted({row.run.configuration.networks for row in apart if row.run is not None} - {500})
    if sizes:
        yield f"Some rounds hold {join([str(size) for size in sizes])} networks, the paper's 500."
    for name in dict.fromkeys(row.predictor for row in apart):
        ends = [row.ours.principles for row in rows if row.predictor == name and row.ours is not None]
        moving = [n for n in GRIDS if any(gap(a[n], b[n], GRIDS[n]) for a, b in product(ends, ends))]
        if moving:
            yield (
                f"{name} does not end in one place: between our own seeds, the intervals of {join(moving)} do not "
                "all overlap. The paper's row is one run."
            )
