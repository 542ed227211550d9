"""How refinements go: scores, sizes and complexities over the rounds (the paper's Figs. 4, 5 and 10)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from textwrap import fill

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.axes import (
    count_axis,
    draw_edf,
    legend_below,
    log_sizes,
    panel_grid,
    round_axis,
    round_bar,
    spread,
)
from netlore.report.figures.figure import FigurePlan
from netlore.report.figures.print_style import (
    COLUMN,
    TEXT,
    columns_that_fit,
    looks_of,
    predictors_of,
    printed,
)
from netlore.report.figures.style import MUTED, Look, legend_label, new_figure
from netlore.report.names import measure_title, slug
from netlore.report.numbers import power_label
from netlore.report.text.methods import by_elites, interval_note, size_note
from netlore.space.complexity import MEASURES

_POINTS = 120  # of a curve, so that a figure with hundreds of curves stays small
_LEFT_OUT = 0.02  # of a round's scores at either end: outliers would squeeze all others


def plans(findings: StudyData) -> list[FigurePlan]:
    """Figs. 4 (one for each data set), 5 and 10."""
    if not findings.refinements:
        return []
    several = len(findings.data) > 1
    note = " Of replicates the first is drawn." if any(one.refinements[1:] for one in findings.refinements) else ""
    basis = f"{made(findings, findings.data)}{note}"
    edfs = [
        FigurePlan(
            name=f"fig4-edf-{slug(data)}" if several else "fig4-edf",
            title=f"Scores of every round, {data}",
            caption=(
                "A curve gives the fraction of a round's networks whose score is at most x; darker is later, and "
                "the last round is thicker. Where a curve lies further to the right, a network picked at random "
                f"scores higher. {made(findings, [data])}{note}"
            ),
            draw=partial(edf_figure, findings.refined(data)),
        )
        for data in findings.data
    ]
    firsts = findings.refinements
    counted = any(one.sizes_within_budget[0] for one in findings.refinements)
    ranges = by_elites(firsts)
    within = " Thin lines count only what meets the budget." if counted else ""
    sizes = FigurePlan(
        name="fig5-sizes",
        title=f"Architectures {'within the intervals of' if ranges else 'left after'} every round",
        caption=(
            f"Round 0 is the original design space; the axis is logarithmic.{within}{size_note(firsts)} {basis}"
        ),
        draw=partial(sizes_figure, findings),
    )
    source = "networks" if ranges else "bootstrap"
    complexity = FigurePlan(
        name="fig10-complexity",
        title="Complexity of the best networks",
        caption=(
            f"Medians (lines) and intervals (bands) of the best networks of every round, from the same {source} "
            f"as the intervals of hyperparameters; the axes are logarithmic.{interval_note(firsts)} {basis}"
        ),
        draw=partial(complexity_figure, findings),
    )
    return [*edfs, sizes, complexity]


def made(findings: StudyData, data: Sequence[str]) -> str:
    """Say how many networks a round had, and which seeds are drawn, for some data sets."""
    found = [one for name in data for one in findings.refined(name)]
    groups: dict[tuple[str, int, int], list[str]] = {}
    for one in found:
        groups.setdefault((one.data, one.configuration.networks, one.first.seed), []).append(one.predictor)
    parts = [
        f"{name} ({', '.join(who)}): {count:,} networks a round, seed {seed}"
        for (name, count, seed), who in groups.items()
    ]
    return f"{'; '.join(parts)}."


def edf_figure(stories: Sequence[RefinementData]) -> Figure:
    """Draw the EDF of every round, a panel for each predictor."""
    columns = min(4, len(stories))
    rows = math.ceil(len(stories) / columns)
    last = max(len(story.first.rounds) for story in stories)
    # From pale to dark, so that the last round stands out; viridis's yellow is too faint for a line on white.
    colours = mpl.colormaps["viridis"](np.linspace(0.85, 0.0, last))
    with printed():
        figure = new_figure(TEXT if columns > 2 else COLUMN, 1.55 * rows + 0.15)
        panels = panel_grid(figure, len(stories), columns)
        for index, (axes, story) in enumerate(zip(panels, stories, strict=True)):
            _draw_edfs(axes, story, colours)
            axes.set_title(story.predictor)
            axes.set_xlabel(f"score, {story.scale}".replace("-", "\N{MINUS SIGN}"))
            axes.set_ylabel("fraction of networks" if index % columns == 0 else "")
            axes.tick_params(axis="y", labelleft=index % columns == 0)
        if last > 1:
            round_bar(figure, panels, range(1, last + 1), colours, 8)
    return figure


def _draw_edfs(axes: Axes, one: RefinementData, colours: NDArray[np.float64]) -> None:
    drawn = [(entry.number, scores) for entry in one.first.rounds if (scores := one.scores(entry)).size]
    for number, scores in drawn:
        draw_edf(axes, scores, colours[number - 1], 1.6 if number == drawn[-1][0] else 0.8, _POINTS)
    if drawn:
        low, high = score_range([scores for _, scores in drawn])
        axes.set_xlim(low, high)
    axes.set_ylim(-0.02, 1.02)
    axes.locator_params(axis="x", nbins=3)


def score_range(rounds: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """Where an axis of scores begins and ends: outliers may lie beyond it, the best scores as a rule do not.

    It holds the middle 96 % of every round. It ends at the best score unless that is so far off, by more than
    half of the range, that it would squeeze all others.
    """
    low = min(float(np.quantile(scores, _LEFT_OUT)) for scores in rounds)
    usual = max(float(np.quantile(scores, 1 - _LEFT_OUT)) for scores in rounds)
    best = max(float(scores.max()) for scores in rounds)
    high = min(best, usual + 0.5 * (usual - low)) if usual > low else best
    if high == low:
        return low - max(0.05 * abs(low), 0.5), low + max(0.05 * abs(low), 0.5)
    return low - 0.03 * (high - low), high + 0.05 * (high - low)


def sizes_figure(findings: StudyData) -> Figure:
    """Draw log10 of exact sizes over the rounds, a panel for each data set."""
    look = looks_of(predictors_of(findings))
    top = max(1.0, *(math.log10(max(1, *one.first.cardinalities)) for one in findings.refinements))
    rows = math.ceil(len(findings.data) / 2)
    with printed():
        figure = new_figure(TEXT, 2.2 * rows + 0.4)
        panels = panel_grid(figure, len(findings.data), 2)
        for index, (axes, data) in enumerate(zip(panels, findings.data, strict=True)):
            stories = findings.refined(data)
            for story in stories:
                _draw_sizes(axes, story.first.cardinalities, look[story.predictor], 1.2, 3.0)
                if story.sizes_within_budget[0]:
                    _draw_sizes(axes, story.sizes_within_budget[0], look[story.predictor], 0.6, 0.0)
            ticks = spread(range(0, math.floor(top * 1.05) + 1), 6)
            # It begins below 1, so that a single architecture is visible.
            axes.set_ylim(-0.06 * top, top * 1.05)
            axes.set_yticks(ticks, [power_label(tick) for tick in ticks])
            round_axis(axes, 0, max(len(story.first.rounds) for story in stories))
            axes.set_title(data)
            what = "architectures within" if by_elites(stories) else "architectures left"
            axes.set_ylabel(what if index % 2 == 0 else "")
        handles = _handles(findings, look)
        if any(one.sizes_within_budget[0] for one in findings.refinements):
            handles.append(Line2D([], [], color=MUTED, linewidth=0.6, label="within the budget"))
        legend_below(figure, handles, columns_that_fit(handles))
    return figure


def _draw_sizes(axes: Axes, sizes: Sequence[int], look: Look, width: float, marker: float) -> None:
    """Draw log10 of sizes; an empty space leaves a gap."""
    axes.plot(
        range(len(sizes)),
        log_sizes(sizes),
        color=look.colour,
        linestyle=look.dashes,
        linewidth=width,
        marker=look.marker if marker else None,
        markersize=marker,
        clip_on=False,
    )


def complexity_figure(findings: StudyData) -> Figure:
    """Draw medians and intervals of complexities, a row for each data set and a column for each measure."""
    look = looks_of(predictors_of(findings))
    with printed():
        figure = new_figure(TEXT, 1.75 * len(findings.data) + 0.4)
        grid = figure.subplots(len(findings.data), 3, squeeze=False)
        for index, (row, data) in enumerate(zip(grid, findings.data, strict=True)):
            stories = findings.refined(data)
            for axes, measure in zip(row, MEASURES, strict=True):
                values = [_draw_course(axes, story, measure, look[story.predictor]) for story in stories]
                count_axis(axes, min(min(v) for v in values), max(max(v) for v in values))
                round_axis(axes, 1, max(len(story.first.rounds) for story in stories))
                if index == 0:
                    axes.set_title(measure_title(measure))
            row[0].set_ylabel(fill(data, 24))
        handles = _handles(findings, look)
        legend_below(figure, handles, columns_that_fit(handles))
    return figure


def _draw_course(axes: Axes, story: RefinementData, measure: str, look: Look) -> list[float]:
    """Draw one line and its band; the values that must be in view."""
    found = np.asarray([entry.estimates[measure] for entry in story.first.rounds], dtype=np.float64)
    rounds = np.arange(1, len(found) + 1)
    axes.fill_between(rounds, found[:, 0], found[:, 2], color=look.colour, alpha=0.10, linewidth=0)
    axes.plot(
        rounds,
        found[:, 1],
        color=look.colour,
        linestyle=look.dashes,
        linewidth=1.1,
        marker=look.marker,
        markersize=2.4,
    )
    return [float(found.min()), float(found.max())]


def _handles(findings: StudyData, look: dict[str, Look]) -> list[Line2D]:
    """Legend entries of the predictors that were refined."""
    refined = {one.predictor for one in findings.refinements}
    handles = []
    for name, one in look.items():
        if name in refined:
            line = Line2D([], [], color=one.colour, linestyle=one.dashes, linewidth=1.2, label=legend_label(name))
            line.set_marker(one.marker)
            line.set_markersize(3.0)
            handles.append(line)
    return handles
