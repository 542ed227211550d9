"""How refinements go: scores, sizes and complexities over the rounds (the paper's Figs. 4, 5 and 10)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from textwrap import fill
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from netlore.analysis import Floats
from netlore.analysis.distribution import edf
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.axes import (
    count_axis,
    draw_bands,
    draw_medians,
    label_first,
    legend_below,
    line_handle,
    padded,
    panels,
    round_axis,
    spread,
)
from netlore.report.figures.figure import FigureSpec, Section, of_refinements, predictor_looks, published_note
from netlore.report.figures.style import COLUMN, INK, MUTED, TEXT, Look, looks_of, new_figure, styled
from netlore.report.names import data_ending, measure_title, slug
from netlore.report.text.methods import by_elites, interval_note, size_note
from netlore.report.text.phrases import minus, power_label
from netlore.space.complexity import MEASURES

_POINTS = 120  # of a curve, so that a figure with hundreds of curves stays small
_ROW = 0.72  # inches, of a panel of complexities
_LEFT_OUT = 0.02  # of a round's scores at either end: outliers would squeeze all others


class DrawnRun(NamedTuple):
    """A refinement as figures over rounds draw it: of replicates the first, or all where they are alone.

    `label` is its predictor, or its seed; `within` how much of the space met the budget, by rounds.
    """

    label: str
    run: RefinementData
    found: Refinement
    within: Sequence[int]


def drawn_runs(study: StudyData) -> tuple[list[DrawnRun], dict[str, Look]]:
    """Give what is drawn of a study, and how: a line for each predictor, or for each seed of the only one."""

    def drawn(run: RefinementData, index: int, label: str) -> DrawnRun:
        within = [size.value for size in run.sizes_within_budget[index]]
        return DrawnRun(label, run, run.refinements[index], within)

    runs = study.refinements
    if len(runs) == 1 and runs[0].refinements[1:]:
        seeds = [drawn(runs[0], i, f"seed {one.seed}") for i, one in enumerate(runs[0].refinements)]
        return seeds, looks_of(one.label for one in seeds)
    return [drawn(one, 0, one.predictor) for one in runs], predictor_looks(study)


def specs(study: StudyData) -> Iterator[FigureSpec]:
    """Figs. 4 and 10 (one for each data set) and 5."""
    if not study.refinements:
        return
    runs, (drawn, looks) = study.refinements, drawn_runs(study)
    for data in study.data:
        caption = (
            "A curve gives the fraction of a round's networks whose score is at most x; darker is later, and the "
            "last round is thicker. Where a curve lies further to the right, a network picked at random scores "
            f"higher. {_basis(study.refined(data))}"
        )
        name = f"fig4-edf-{slug(data)}" if len(study.data) > 1 else "fig4-edf"
        draw = partial(edf_figure, [one for one in drawn if one.run.data == data])
        yield FigureSpec(name, f"Scores of every round, {data}", caption, Section.REFINEMENT, draw, 4)
    thin = " Thin lines count only what meets the budget." if any(one.within for one in drawn) else ""
    title = f"Architectures {'within the intervals of' if by_elites(runs) else 'left after'} every round"
    caption = (
        f"Round 0 is the original design space; the axis is logarithmic.{thin}{size_note(runs)} {_basis(runs)}"
    )
    yield FigureSpec("fig5-sizes", title, caption, Section.REFINEMENT, partial(sizes_figure, drawn, looks), 5)
    for data in study.data:
        here = study.refined(data)
        marks = published_note(here, "Diamonds: the network recommended by")
        caption = (
            "Medians (lines) and intervals (bands) of the best networks of every round, from the same "
            f"{'networks' if by_elites(here) else 'bootstrap'} as the intervals of hyperparameters; the axes are "
            f"logarithmic.{marks}{interval_note(here)} {_basis(here)}"
        )
        draw = partial(complexity_figure, [one for one in drawn if one.run.data == data], looks)
        title = f"Complexity of the best networks, {data}"
        name = f"fig10-complexity{data_ending(data, study.data)}"
        yield FigureSpec(name, title, caption, Section.REFINEMENT, draw, 10)


def _basis(runs: Sequence[RefinementData]) -> str:
    several = len(runs) > 1 and any(one.refinements[1:] for one in runs)
    return f"{of_refinements(runs)}{' Of replicates the first is drawn.' if several else ''}"


@styled()
def edf_figure(drawn: Sequence[DrawnRun]) -> Figure:
    """Draw the EDF of every round, a panel for each refinement."""
    last = max(len(one.found.rounds) for one in drawn)
    # From pale to dark, so that the last round stands out; viridis's yellow is too faint for a line on white.
    colours = mpl.colormaps["viridis"](np.linspace(0.85, 0.0, last))
    figure, found = panels(TEXT if len(drawn) > 2 else COLUMN, 1.55, len(drawn), 4)
    for axes, one in zip(found, drawn, strict=True):
        _draw_edfs(axes, one.run.scores(one.found), colours)
        axes.set_title(one.label)
        axes.set_xlabel(minus(f"score, {one.run.scale}"))
        axes.tick_params(axis="y", labelleft=label_first(axes, "fraction of networks"))
    if last > 1:
        _round_bar(figure, found, last, colours)
    return figure


def _draw_edfs(axes: Axes, rounds: dict[int, Floats], colours: Floats) -> None:
    """Draw each round's function as steps from 0 to 1, with few enough points."""
    for number, scores in rounds.items():
        x, fraction = edf(scores)
        shown = np.unique(np.linspace(0, len(x) - 1, min(len(x), _POINTS - 1)).round().astype(int))
        axes.plot(
            np.concatenate((x[:1], x[shown])),
            np.concatenate(([0.0], fraction[shown])),
            drawstyle="steps-post",
            color=colours[number - 1],
            linewidth=1.6 if number == max(rounds) else 0.8,
        )
    if rounds:
        axes.set_xlim(*score_range(list(rounds.values())))
    axes.set_ylim(-0.02, 1.02)
    axes.locator_params(axis="x", nbins=3)


def _round_bar(figure: Figure, found: Sequence[Axes], last: int, colours: Floats) -> None:
    """Add the bar that says which colour is which round; it stays readable where a legend of 20 lines is not."""
    scale = ScalarMappable(BoundaryNorm(np.arange(last + 1) + 0.5, last), ListedColormap(colours))
    ticks = spread(range(1, last + 1), 8)
    bar = figure.colorbar(scale, ax=found, ticks=ticks, label="round", aspect=28, pad=0.03 / len(found))
    bar.ax.tick_params(length=0, which="both")
    bar.outline.set_visible(False)


def score_range(rounds: Sequence[Floats]) -> tuple[float, float]:
    """Where an axis of scores begins and ends: outliers may lie beyond it, the best scores as a rule do not.

    It holds the middle 96 % of every round. It ends at the best score unless that is so far off, by more than
    half of the range, that it would squeeze all others.
    """
    low = min(float(np.quantile(scores, _LEFT_OUT)) for scores in rounds)
    usual = max(float(np.quantile(scores, 1 - _LEFT_OUT)) for scores in rounds)
    best = max(float(scores.max()) for scores in rounds)
    high = min(best, usual + 0.5 * (usual - low)) if usual > low else best
    return padded(low, high, 0.03, 0.05)


@styled()
def sizes_figure(drawn: Sequence[DrawnRun], looks: dict[str, Look]) -> Figure:
    """Draw log10 of exact sizes over the rounds, a panel for each data set."""
    data = list(dict.fromkeys(one.run.data for one in drawn))
    top = max(1.0, *(math.log10(max(1, *one.found.cardinalities)) for one in drawn))
    ticks = spread(range(0, math.floor(top * 1.05) + 1), 6)
    figure, found = panels(TEXT if len(data) > 1 else COLUMN, 2.2, len(data), 2)
    for axes, name in zip(found, data, strict=True):
        here = [one for one in drawn if one.run.data == name]
        for label, _, one, within in here:
            axes.plot(_log_sizes(one.cardinalities), linewidth=1.2, clip_on=False, **looks[label].line(3.0))
            axes.plot(_log_sizes(within), linewidth=0.6, clip_on=False, **looks[label].line())
        # It begins below 1, so that a single architecture is visible.
        axes.set_ylim(-0.06 * top, top * 1.05)
        axes.set_yticks(ticks, [power_label(tick) for tick in ticks])
        round_axis(axes, 0, max(len(one.found.rounds) for one in here))
        axes.set_title(fill(name, 44))
        label_first(axes, f"architectures {'within' if by_elites([one.run for one in here]) else 'left'}")
    handles = _handles(drawn, looks)
    if any(one.within for one in drawn):
        handles.append(Line2D([], [], color=MUTED, linewidth=0.6, label="within the budget"))
    legend_below(figure, handles)
    return figure


def _log_sizes(sizes: Sequence[int]) -> list[float]:
    """Give log10 of exact sizes, which may be too large for a float; an empty space leaves a gap.

    >>> _log_sizes([10**400, 1, 0])
    [400.0, 0.0, nan]
    """
    return [math.log10(size) if size > 0 else math.nan for size in sizes]


@styled()
def complexity_figure(drawn: Sequence[DrawnRun], looks: dict[str, Look]) -> Figure:
    """Draw medians and intervals of complexities: a row for each refinement, a column for each measure."""
    measures = [name for name in MEASURES if all(name in one.found.rounds[0].estimates for one in drawn)]
    last, marked = max(len(one.found.rounds) for one in drawn), any(one.run.published for one in drawn)
    figure = new_figure(TEXT, _ROW * len(drawn) + 0.45)
    grid = figure.subplots(len(drawn), len(measures), squeeze=False, sharex=True, sharey="col")
    for column, measure in enumerate(measures):
        grid[0, column].set_title(measure_title(measure))
        ends: list[float] = []
        for axes, one in zip(grid[:, column], drawn, strict=True):
            estimates = [entry.estimates[measure] for entry in one.found.rounds]
            ends += [end for each in estimates for end in (each.low, each.high)]
            look = replace(looks[one.label], dashes="solid")
            draw_bands(axes, 1, [(each.low, each.high) for each in estimates], look.colour, 0.25)
            draw_medians(axes, [each.median for each in estimates], look, 1.4)
            if one.run.published and measure in one.run.published.complexities:
                ends.append(one.run.published.complexities[measure])
                axes.plot(last + 1, ends[-1], "D", markersize=3.0, mfc="none", mec=INK, mew=0.8, clip_on=False)
        count_axis(grid[0, column], min(ends), max(ends), 5)
        round_axis(grid[-1, column], 1, last + marked, "round", 9)
        grid[-1, column].set_xticks([tick for tick in grid[-1, column].get_xticks() if tick <= last])
    for axes, one in zip(grid[:, 0], drawn, strict=True):
        axes.set_ylabel(fill(one.label, 14), rotation=0, ha="right", va="center")
    figure.align_ylabels()
    return figure


def _handles(drawn: Sequence[DrawnRun], looks: dict[str, Look]) -> list[Line2D]:
    """Legend entries of what is drawn."""
    labels = {one.label for one in drawn}
    return [line_handle(look, label, 3.0) for label, look in looks.items() if label in labels]
