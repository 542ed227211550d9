"""The paper's Figures 4 to 10, redrawn from the story of a refinement.

Every function takes stories and gives a matplotlib Figure; saving is `style.png_bytes` and `svg.document`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from netlore.report.figures.axes import (
    count_axis,
    draw_bands,
    draw_edf,
    draw_medians,
    interval_handles,
    legend_below,
    line_handle,
    log_sizes,
    mark_value,
    panel_grid,
    round_axis,
    round_bar,
    value_axis,
)
from netlore.report.figures.style import Look, looks, new_figure, styled
from netlore.report.figures.two_predictors import comparison_figure
from netlore.report.names import panel_title
from netlore.report.numbers import power_label
from netlore.report.story import COMPLEXITIES, RefinementStory
from netlore.report.text.methods import by_elites

__all__ = [
    "COMPLEXITY_TITLES",
    "cardinality_figure",
    "comparison_figure",
    "complexity_figure",
    "edf_figure",
    "interval_figure",
]

_PANEL = 3.1  # inches
COMPLEXITY_TITLES = {"flops": "FLOPs", "params": "Parameters", "activations": "Activations"}


def interval_figure(
    stories: Sequence[RefinementStory], names: Sequence[str], labels: Sequence[str] | None = None
) -> Figure:
    """Draw how the intervals of some hyperparameters narrow, a panel for each (the paper's Figs. 6 to 9).

    Column 0 is the full grid of the original design space, column j the interval found in round j.

    Args:
        stories: The replicates, drawn over each other.
        names: The hyperparameters, usually those of one class.
        labels: What the legend calls the replicates; "seed 0", ... if left out.
    """
    labels = labels or [f"seed {story.seed}" for story in stories]
    seen = looks(len(stories))
    last = max(len(story.rounds) for story in stories)
    columns = min(len(names), 3)
    rows = math.ceil(len(names) / 3)
    with styled():
        figure = new_figure(max(columns * _PANEL, 4.6), 2.75 * rows + 0.45 + _legend_room(len(stories)))
        for axes, name in zip(panel_grid(figure, len(names), 3), names, strict=True):
            grid = stories[0].grids[name]
            for story, look in zip(stories, seen, strict=True):
                found = [entry.intervals[name] for entry in story.rounds]
                draw_bands(axes, 0, [(grid[0], grid[-1]), *((low, high) for low, _, high in found)], look)
                draw_medians(axes, 1, [median for _, median, _ in found], look)
            axes.set_title(panel_title(name))
            value_axis(axes, grid)
            round_axis(axes, 0, last)
        legend_below(figure, interval_handles(labels, seen))
    return figure


def _legend_room(replicates: int) -> float:
    """Give the inches that a legend of more than one row adds to a figure."""
    return 0.22 * (replicates // 5)


def edf_figure(story: RefinementStory) -> Figure:
    """Draw the empirical distribution function of every round's scores (the paper's Fig. 4)."""
    rounds = [entry for entry in story.rounds if entry.scores.size]
    # From pale to dark, so that the last round stands out; viridis's yellow is too faint for a line on white.
    colours = mpl.colormaps["viridis"](np.linspace(0.82, 0.0, len(rounds)))
    with styled():
        figure = new_figure(7.0, 4.2)
        axes = figure.add_subplot()
        for entry, colour in zip(rounds, colours, strict=True):
            draw_edf(axes, entry.scores, colour, 2.4 if entry is rounds[-1] else 1.4)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlabel(f"score, {story.scale}")
        axes.set_ylabel("fraction of networks up to this score")
        if len(rounds) > 1:
            round_bar(figure, [axes], [entry.number for entry in rounds], colours)
    return figure


def cardinality_figure(stories: Sequence[RefinementStory], labels: Sequence[str] | None = None) -> Figure:
    """Draw how many architectures are left after every round, all and within the budget (the paper's Fig. 5).

    One refinement gets one panel with both curves; several get a panel for each kind.
    """
    labels = labels or [f"seed {story.seed}" for story in stories]
    counted = all(story.cardinalities_within_budget for story in stories)
    kinds = ["all architectures", f"within the budget ({stories[0].budget})"][: 1 + counted]
    alone = len(stories) == 1
    seen = looks(len(kinds) if alone else len(stories))
    with styled():
        figure = new_figure(7.0 if alone or not counted else 9.3, 3.9)
        panels = panel_grid(figure, 1 if alone else len(kinds), 2)
        for kind, title in enumerate(kinds):
            axes = panels[0 if alone else kind]
            for index, story in enumerate(stories):
                sizes = story.cardinalities_within_budget if kind else story.cardinalities
                _draw_sizes(axes, sizes, seen[kind if alone else index], side=-1 if kind else 1, marked=alone)
            if not alone:
                axes.set_title(title[0].upper() + title[1:])
        _size_axes(panels, stories)
        named = kinds if alone else labels
        handles = [line_handle(look, label) for look, label in zip(seen, named, strict=True)]
        for handle, look in zip(handles, seen, strict=True):
            handle.set_marker(look.marker)
        legend_below(figure, handles)
    return figure


def _draw_sizes(axes: Axes, sizes: Sequence[int], look: Look, side: int, marked: bool) -> None:
    """Draw log10 of sizes; an empty space leaves a gap."""
    heights = log_sizes(sizes)
    axes.plot(
        range(len(sizes)),
        heights,
        color=look.colour,
        linestyle=look.dashes,
        linewidth=look.width,
        marker=look.marker,
        markersize=4.5,
        clip_on=False,
    )
    if marked and sizes[-1] > 0:
        mark_value(axes, len(sizes) - 1, heights[-1], f"{sizes[-1]:,}", side, look.colour)


def _size_axes(panels: Sequence[Axes], stories: Sequence[RefinementStory]) -> None:
    """Give all panels the same logarithmic axis, which begins below 1 so that a single architecture is visible."""
    top = math.ceil(max(math.log10(max(story.cardinalities)) for story in stories))
    ticks = range(0, max(top, 1) + 1, max(1, math.ceil(top / 7)))
    for axes in panels:
        axes.set_ylim(-0.06 * max(top, 1), max(top, 1) * 1.04)
        axes.set_yticks(ticks, [power_label(tick) for tick in ticks])
        round_axis(axes, 0, max(len(story.rounds) for story in stories), "round (0: the original design space)")
    where = "within the intervals" if by_elites(stories) else "in the design space"
    panels[0].set_ylabel(f"architectures {where}")


def complexity_figure(stories: Sequence[RefinementStory], labels: Sequence[str] | None = None) -> Figure:
    """Draw FLOPs, parameters and activations of the best networks over the rounds (the paper's Fig. 10)."""
    labels = labels or [f"seed {story.seed}" for story in stories]
    seen = looks(len(stories))
    last = max(len(story.rounds) for story in stories)
    with styled():
        figure = new_figure(9.3, 3.2 + _legend_room(len(stories)))
        for axes, what in zip(panel_grid(figure, 3, 3), COMPLEXITIES, strict=True):
            values: list[float] = []
            for story, look in zip(stories, seen, strict=True):
                found = [entry.complexities[what] for entry in story.rounds]
                draw_bands(axes, 1, [(low, high) for low, _, high in found], look)
                draw_medians(axes, 1, [median for _, median, _ in found], look)
                values.extend(value for triple in found for value in triple)
            axes.set_title(COMPLEXITY_TITLES[what])
            count_axis(axes, min(values), max(values))
            round_axis(axes, 1, last)
        legend_below(figure, interval_handles(labels, seen))
    return figure
