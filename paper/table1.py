"""Table I of the paper next to ours, hyperparameter by hyperparameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import netlore as nl
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


class Row(NamedTuple):
    """A row of the paper's table, and one refinement next to it: None if it was not computed."""

    data: str
    predictor: str
    iterations: str
    paper: Principles
    run: RefinementData | None = None
    ours: Refinement | None = None


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


def pick_lines(study: StudyData) -> Iterator[Sequence[str]]:
    """The networks that refinements recommend, each under the one that the paper's does (section V-D)."""
    for (data, name), run in runs_of(study).items():
        if run.picked is not None:
            networks = {"paper": nl.named(f"paper/{data}/{name}"), f"seed {run.first.seed}": run.picked}
            for whose, network in networks.items():
                costs = nl.complexity(network, *study.classes[data])
                counts = f"{costs.flops / 1e6:.2f}", f"{costs.params:,}", f"{costs.activations:,}"
                yield DATA[data], name, whose, str(network), *counts


def moving(rows: Sequence[Row]) -> Iterator[str]:
    """Predictors whose own seeds do not end in one place on a data set, and of which hyperparameters."""
    for data, name in dict.fromkeys((row.data, row.predictor) for row in rows):
        own = [row.ours for row in rows if (row.data, row.predictor) == (data, name)]
        ends = [one.principles for one in own if one is not None]
        apart = [n for n in GRIDS if any(gap(a[n], b[n], GRIDS[n]) for a, b in product(ends, ends))]
        if apart:
            where = f"{name} on {DATA[data]}"
            yield f"Seeds of {where} do not end in one place: their intervals of {join(apart)} do not all overlap."
