"""Table I of the paper next to ours, hyperparameter by hyperparameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import netlore as nl
from netlore.analysis.interval_overlap import agreement
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData, StudyData
from netlore.report.names import interval_text
from netlore.report.text.phrases import join
from paper.pages import DATA, NO_VALUE, PREDICTORS, Verdict, markdown, refinement

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


class Comparison(NamedTuple):
    """A row of the paper's and one of ours.

    Attributes:
        gaps: Per hyperparameter, steps of its grid between both intervals.
        free: The hyperparameters of which neither interval is the whole grid: those that can miss.
    """

    gaps: dict[str, int]
    free: tuple[str, ...]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Intervals that overlap, that come within one step, that can miss, and of these within one step."""
        within = [name for name, steps in self.gaps.items() if steps <= 1]
        overlapping = sum(steps == 0 for steps in self.gaps.values())
        return overlapping, len(within), len(self.free), sum(name in self.free for name in within)

    @property
    def verdict(self) -> str:
        """Agrees if all overlap; in part if half of those that can miss come within one step; differs if fewer."""
        overlapping, _, free, near = self.counts
        if overlapping == len(self.gaps):
            return Verdict.AGREES
        return Verdict.PARTLY if 2 * near >= free else Verdict.DIFFERS


def compare(paper: Principles, ours: Principles, grids: Mapping[str, Sequence[int]] = GRIDS) -> Comparison:
    """Compare two rows over the hyperparameters of the grids."""
    gaps = {name: gap(paper[name], ours[name], grid) for name, grid in grids.items()}
    free = [n for n, grid in grids.items() if (grid[0], grid[-1]) not in (tuple(paper[n]), tuple(ours[n]))]
    return Comparison(gaps, tuple(free))


def printed(row: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """A row of the paper's table as principles."""
    return {f"{key}{stage}": (low, high) for key in "dwgb" for stage, (low, high) in enumerate(row[key], 1)}


class Row(NamedTuple):
    """A row of the paper's table, and one run next to it: None if it was not computed."""

    data: str
    predictor: str
    iterations: str
    paper: dict[str, tuple[int, int]]
    run: RefinementData | None
    ours: Refinement | None

    @property
    def compared(self) -> Comparison | None:
        """The comparison of both."""
        return None if self.ours is None else compare(self.paper, self.ours.principles)

    @property
    def verdict(self) -> str:
        """Its verdict."""
        return Verdict.MISSING if self.compared is None else self.compared.verdict

    @property
    def summary(self) -> tuple[str, str, str, str]:
        """Its line of the summary."""
        seed = "" if self.ours is None else f", seed {self.ours.seed}"
        text = NO_VALUE if self.compared is None else f"{self.compared.counts[0]} of {len(GRIDS)} overlap"
        return "Table I", f"{DATA[self.data]}, {self.predictor}{seed}", text, self.verdict


def rows_of(table: Mapping[str, Mapping[str, Mapping[str, Any]]], study: StudyData) -> list[Row]:
    """The paper's rows in its order, each for every replicate."""
    return [
        Row(data, name, str(table[data][name].get("iterations", NO_VALUE)), printed(table[data][name]), run, one)
        for data in DATA
        for name in PREDICTORS
        for run in [refinement(study, data, name)]
        for one in (run.refinements if run else (None,))
    ]


def intervals_table(rows: Sequence[Row]) -> str:
    """The paper's intervals and ours under one another; ours are bold where they do not overlap."""
    lines: list[Sequence[str]] = []
    for at, row in enumerate(rows):
        if at == 0 or rows[at - 1].predictor != row.predictor:
            lines.append((row.predictor, "paper", row.iterations, *(interval_text(*row.paper[n]) for n in GRIDS)))
        if row.run is None or row.ours is None or row.compared is None:
            lines.append(("", Verdict.MISSING, *[NO_VALUE] * (len(GRIDS) + 1)))
            continue
        ends = {name: interval_text(*row.ours.principles[name]) for name in GRIDS}
        cells = (f"**{text}**" if row.compared.gaps[name] else text for name, text in ends.items())
        lines.append(("", f"seed {row.ours.seed}", str(len(row.ours.rounds)), *cells))
    return markdown(("predictor", "whose", "iterations", *GRIDS), lines)


def verdicts_table(rows: Sequence[Row]) -> str:
    """How many intervals overlap, and which of the paper's rows ours is most like."""
    counted = ("ours", "overlap", "within one step", "can miss", "of these within one step")
    columns = ("predictor", *counted, "nearest row of the paper's", "verdict")
    papers = {row.predictor: row.paper for row in rows}
    lines = [
        (row.predictor, *[NO_VALUE] * 6, Verdict.MISSING)
        if row.run is None or row.ours is None or row.compared is None
        else (
            *(row.predictor, basis(row.run, row.ours), *map(str, row.compared.counts)),
            *(nearest(row.ours.principles, papers), row.verdict),
        )
        for row in rows
    ]
    return markdown(columns, lines)


def nearest(ours: Principles, papers: Mapping[str, Principles]) -> str:
    """The row that ours is most like, by the mean over hyperparameters of shared values over values in either."""
    found = agreement({"": dict(ours), **{name: dict(one) for name, one in papers.items()}}, GRIDS)
    likeness = dict(zip(found.names[1:], found.jaccard[0, 1:].tolist(), strict=True))
    best = max(likeness.values())
    return f"{join([name for name, value in likeness.items() if value == best])} ({best:.2f})"


def reasons(rows: Sequence[Row]) -> Iterator[str]:
    """What is known about why rows differ, and only that."""
    apart = [row for row in rows if row.ours is not None and row.verdict in (Verdict.PARTLY, Verdict.DIFFERS)]
    sizes = sorted({row.run.configuration.networks for row in apart if row.run is not None} - {500})
    if sizes:
        yield f"Some rounds hold {join([str(size) for size in sizes])} networks, the paper's 500."
    for name in dict.fromkeys(row.predictor for row in apart):
        ends = [row.ours.principles for row in rows if row.predictor == name and row.ours is not None]
        moving = [n for n in GRIDS if any(gap(a[n], b[n], GRIDS[n]) for a in ends for b in ends)]
        if moving:
            yield (
                f"{name} does not end in one place: between our own seeds, the intervals of {join(moving)} do not "
                "all overlap. The paper's row is one run."
            )
