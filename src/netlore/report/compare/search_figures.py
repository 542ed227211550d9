"""Figures of searches of a benchmark: accuracy of the pick against networks scored."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullFormatter

from netlore.refinement.methods import PAPER, RANDOM
from netlore.refinement.searches.compare import Line
from netlore.report.compare.search_data import SearchData, label_of
from netlore.report.figures.axes import label_first, legend_below, line_handle, panels
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.style import INK, MUTED, TEXT, Look, styled
from netlore.report.text.phrases import count_label

_POINTS = 150
_FIRST = 20
"""Networks from which on lines are drawn: before, a pick is as good as any."""
_BELOW = 0.6
"""What panels show below the lowest median, as a share of what they show above: bands may reach farther."""
_SCORED = Look(MUTED, (0.0, (3.0, 1.5)))


def search_figures(data: SearchData) -> list[FigureSpec]:
    """The one figure."""
    found = data.found
    caption = (
        "Accuracy of the pick against the networks scored. Left: searches by the score; the point is the best of "
        "25 networks that are drawn from the final space of the paper's refinement. Right: the networks of random "
        "search, picked by the score, by counts, and by their accuracy. Line: median of "
        f"{found.seeds} seeds; band: 2.5 to 97.5 % of the seeds, which may reach below the axes; dashed: the pick "
        f"of who scores the whole space. {data.said}"
    )
    draw = partial(searches_figure, data)
    return [FigureSpec("searches", "Does narrowing help?", caption, Section.COMPARISON, draw)]


@styled()
def searches_figure(data: SearchData) -> Figure:
    """Draw searches on the left, and what else could pick on the right."""
    found = data.found
    figure, (left, right) = panels(TEXT, 2.6, 2, 2)
    others = [found.line(RANDOM.name), *data.others]
    bottoms = [_draw(left, data, data.searches), _draw(right, data, others)]
    drawn, look = found.drawn, data.looks[PAPER.name]
    left.plot([np.median(drawn.networks)], [np.median(drawn.accuracies)], **look.point(4.5))
    left.set_title("searches by the score")
    right.set_title("the networks of random search, picked by")
    low, high = min(bottoms), max(found.best, float(np.median(drawn.accuracies)))
    slack = 0.04 * (high - low) or 0.5 * data.point
    low -= _BELOW * (high - low)
    for axes in (left, right):
        axes.axhline(found.best, color=INK, linewidth=0.8)
        axes.axhline(found.whole[found.known.name], linewidth=0.8, **_SCORED.line())
        axes.set_xscale("log")
        axes.set_xlim(min(_FIRST, found.most), max(max(one.networks) for one in data.searches))
        axes.set_ylim(low - slack, high + slack)
        axes.xaxis.set_major_locator(LogLocator(10, (1, 2, 5)))
        axes.xaxis.set_major_formatter(lambda value, _: count_label(value))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("networks scored")
        label_first(axes, f"accuracy of the pick, {data.unit}")
    legend_below(figure, _handles(data))
    return figure


def _draw(axes: Axes, data: SearchData, lines: Sequence[Line]) -> float:
    """Draw lines with bands; the lowest median."""
    longest = max(max(one.networks) for one in data.searches)
    first = min(_FIRST, longest)
    networks = np.unique(np.geomspace(first, longest, _POINTS).round().astype(int)).tolist()
    lowest = np.inf
    for one in lines:
        look, found = data.looks[one.name], data.found.over_seeds(one, networks)
        axes.fill_between(networks, found.low, found.high, color=look.colour, alpha=0.09, linewidth=0, step="post")
        axes.plot(networks, found.middle, linewidth=1.2, drawstyle="steps-post", **look.line())
        if np.isfinite(found.middle).any():
            lowest = min(lowest, float(np.nanmin(found.middle)))
    return lowest


def _handles(data: SearchData) -> list[Line2D | Patch]:
    drawn = Line2D([], [], label="best of 25 of its final space", **data.looks[PAPER.name].point(4.5))
    lines = [line_handle(data.looks[one.name], label_of(one.name)) for one in data.found.lines]
    return [
        *lines,
        drawn,
        Line2D([], [], color=INK, linewidth=0.8, label="best of the space"),
        line_handle(_SCORED, "highest score of the space", width=0.8),
        Patch(facecolor=MUTED, alpha=0.25, label="95 % of the seeds"),
    ]
