"""Figures of searches side by side: regret against two currencies, and average ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from netlore.analysis import Floats
from netlore.analysis.method_ranks import Ranks, median_interval
from netlore.report.figures.axes import label_first, legend_below, line_handle, panels
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.style import INK, TEXT, Look, looks_of, new_figure, styled
from netlore.report.text.phrases import count, count_label
from paper.comparison_findings import Compared, course_at, flops_at, ranks_of

_LINEAR = 1.0
"""Below, the axis of regrets is linear, so that it has a zero."""


def figures_of(cases: Sequence[Compared]) -> list[FigureSpec]:
    """A figure for each landscape, and one of the average ranks."""
    looks = looks_of(dict.fromkeys(name for one in cases for name in one.names))
    found = [
        FigureSpec(
            f"comparison-{one.name}",
            f"Regret: {one.heading}",
            "Left against the scores paid for, right against the FLOPs of the networks scored. Line: median of "
            f"{count(len(one.seeds), 'seed')}; band: the 95 % interval of the median. A search that has ended "
            f"keeps its pick. The axis of regrets is linear below {_LINEAR:g}.",
            Section.COMPARISON,
            partial(courses_figure, one, looks),
        )
        for one in cases
    ]
    ranks = ranks_of(cases)
    if ranks is not None:
        who = {name: searcher.label for one in cases for name, searcher in one.searchers.items()}
        caption = f"Over {ranks.blocks} landscapes; the bar is the critical difference at 5 %."
        draw = partial(ranks_figure, ranks, who)
        found.append(FigureSpec("comparison-ranks", "Average ranks", caption, Section.COMPARISON, draw))
    return found


@styled()
def courses_figure(one: Compared, looks: Mapping[str, Look]) -> Figure:
    """Draw median regret against both currencies."""
    figure, (left, right) = panels(TEXT, 2.8, 2, 2, below=0.8)
    at = one.first["at"]
    for kept in one.kept:
        courses = np.stack([one.each(kept, partial(course_at, place)) for place in range(len(at))])
        flops = np.stack([one.each(kept, partial(flops_at, place)) for place in range(len(at))])
        _line(left, np.asarray(at, dtype=np.float64), courses, looks[kept.name])
        _line(right, np.median(flops, axis=1), courses, looks[kept.name])
    first = np.concatenate([one.each(kept, partial(course_at, 0)) for kept in one.kept])
    highest = float(np.max(first, initial=_LINEAR, where=np.isfinite(first)))
    for axes, label in ((left, "scores paid for"), (right, "FLOPs of the networks scored")):
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(10, (1, 2, 5)))
        axes.xaxis.set_major_formatter(lambda value, _: count_label(value))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_yscale("symlog", linthresh=_LINEAR)
        axes.set_ylim(-0.05 * _LINEAR, 1.2 * highest)
        axes.set_yticks([0, *(tick for tick in (1, 10, 100, 1_000) if tick <= highest)])
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.set_xlabel(label)
        label_first(axes, "regret of the pick")
    legend_below(figure, [line_handle(looks[kept.name], one.label(kept.name)) for kept in one.kept])
    return figure


def _line(axes: Axes, x: Floats, courses: Floats, look: Look) -> None:
    found = [median_interval(row) for row in courses]
    begun = [place for place, each in enumerate(found) if each.value is not None]
    middle = np.asarray([found[place].value for place in begun], dtype=np.float64)
    ends = [(found[place].low, found[place].high) for place in begun]
    axes.plot(x[begun], middle, linewidth=1.2, **look.line())
    if all(low is not None for low, _ in ends):
        low, high = np.asarray(ends, dtype=np.float64).T
        axes.fill_between(x[begun], low, high, color=look.colour, alpha=0.1, linewidth=0)


@styled()
def ranks_figure(ranks: Ranks, labels: Mapping[str, str]) -> Figure:
    """Draw average ranks, the best on top, and the critical difference as a bar from the best."""
    figure = new_figure(TEXT, 0.6 + 0.22 * len(ranks.names))
    axes = figure.subplots()
    order = np.argsort(ranks.average, kind="stable")
    places, best = np.arange(len(order)), float(min(ranks.average))
    axes.plot(np.asarray(ranks.average)[order], places, linestyle="none", marker="o", color=INK, markersize=4)
    axes.axvspan(best, best + ranks.critical, color=INK, alpha=0.08, linewidth=0)
    axes.set_yticks(places, [labels[ranks.names[i]] for i in order])
    axes.invert_yaxis()
    axes.set_xlabel("average rank of the median regret")
    return figure
