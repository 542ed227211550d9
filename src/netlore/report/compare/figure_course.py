"""How high methods of refinement climb, against the networks that they score."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from netlore.analysis import Floats
from netlore.analysis.elite_scores import Band
from netlore.report.compare.data import ComparisonFindings, GroupFindings, MethodFindings
from netlore.report.figures.axes import legend_below, line_handle
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.style import INK, MUTED, TEXT, Look, looks_of, new_figure, styled
from netlore.report.numbers import count_label, minus, number_text

_NOISE = 0.12  # opacity: lines and bands stay visible on it
_POINT = 2.8  # points: some lie close together
_DASH = 7.0  # points: visible beside a point
_SHOWN = 1.6  # heights of what lies between the lowest end and the best known score that a panel shows
_CAPTION = (
    "Left: the best architecture so far, by the mean of its scores so far; right: the mean of the twelve best. "
    "Line: median of the seeds; band: lowest to highest; point: where a seed stopped. Horizontal: the highest "
    "mean of any architecture over all methods and seeds, of those scored twice if there are any, and one noise "
    "unit around it, the standard deviation of the scores of one architecture over its initialisations. Lines "
    "begin below the axes, and fall where a lucky architecture is scored again."
)
_RESCORED = (
    " Dash at a seed's end on the right: its elites, scored under initialisations that no seed had seen; the thin "
    "line from the point to it is selection bias. There, the best known mean is one of rescored elites."
)


def specs(findings: ComparisonFindings) -> list[FigureSpec]:
    """One figure of all groups."""
    caption = f"{_CAPTION}{_RESCORED if findings.rescored else ''}"
    draw = partial(courses_figure, findings)
    return [FigureSpec("method-courses", "How high methods climb", caption, Section.COMPARISON, draw)]


@styled()
def courses_figure(findings: ComparisonFindings) -> Figure:
    """Draw a row for each group: the courses of the best architecture, and of the twelve best."""
    groups, looks = findings.groups, looks_of(findings.labels)
    figure = new_figure(TEXT, 2.0 * len(groups) + 0.45)
    grid = figure.subplots(len(groups), 2, squeeze=False, sharex="row", sharey="row")
    for row, group in zip(grid, groups, strict=True):
        _draw_row(row, group, looks)
    for axes in grid[-1]:
        axes.set_xlabel("networks scored")
    dash = partial(Line2D, [], [], linestyle="none", marker="_", markersize=_DASH, color=INK)
    handles = [
        *(line_handle(look, label, _POINT) for label, look in looks.items()),
        *([dash(label="rescored elite")] if findings.rescored else []),
        Patch(facecolor=MUTED, alpha=0.25, label="lowest to highest seed"),
        Line2D([], [], color=INK, linewidth=0.8, label="best known mean score"),
        Patch(facecolor=INK, alpha=_NOISE, label="\N{PLUS-MINUS SIGN} one noise unit"),
    ]
    legend_below(figure, handles)
    return figure


def _draw_row(row: Sequence[Axes], group: GroupFindings, looks: dict[str, Look]) -> None:
    """Draw a group: the best architecture left, the twelve best right, on the same axes."""
    best, elite = row
    for one in group.methods:
        _draw(best, one.best, [found.best_course[-1] for found in one.replicates], looks[one.label])
        _draw(elite, one.elite, [found.elite_course[-1] for found in one.replicates], looks[one.label])
        _draw_rescored(elite, one, looks[one.label])
    for axes in row:
        noise = group.noise or 0.0
        if noise:
            low, high = group.best_known - noise, group.best_known + noise
            axes.axhspan(low, high, color=INK, alpha=_NOISE, linewidth=0, zorder=0)
        axes.axhline(group.best_known, color=INK, linewidth=0.8, zorder=1)
        _cut(axes, group)
    known = "not known" if group.noise is None else number_text(group.noise)
    best.set_title(f"{fill(group.title, 48)}\nbest architecture")
    elite.set_title(f"noise {known}\nmean of the twelve best")
    best.set_ylabel(minus(f"mean score, {group.first.scale}"))


def _draw(axes: Axes, band: Band, ends: Sequence[Floats], look: Look) -> None:
    """Draw a method's band, its median, and where its seeds stopped."""
    axes.fill_between(band.networks, band.low, band.high, color=look.colour, alpha=0.18, linewidth=0, step="post")
    style: dict[str, Any] = {"color": look.colour, "linestyle": look.dashes, "drawstyle": "steps-post"}
    axes.plot(band.networks, band.middle, linewidth=1.2, **style)
    axes.plot(*np.asarray(ends).T, linestyle="none", marker=look.marker, markersize=_POINT, color=look.colour)


def _draw_rescored(axes: Axes, method: MethodFindings, look: Look) -> None:
    """Draw how high each seed's rescored elite is, joined to where the seed stopped."""
    for one in method.replicates:
        if one.rescored is not None:
            networks, score = one.elite_course[-1]
            axes.plot([networks, networks], [score, one.rescored], color=look.colour, linewidth=0.7)
            dash: dict[str, Any] = {"linestyle": "none", "marker": "_", "markersize": _DASH}
            axes.plot([networks], [one.rescored], color=look.colour, **dash)


def _cut(axes: Axes, group: GroupFindings) -> None:
    """Show where methods end: scores from well below the lowest, networks from where the first median enters."""
    bands = [band for one in group.methods for band in (one.best, one.elite)]
    rescored, noise = [score for one in group.methods for score in one.rescored], group.noise or 0.0
    top = max(group.best_known + noise, *rescored, *(float(np.nanmax(one.high)) for one in bands))
    lowest = min(*rescored, *(float(one.low[-1]) for one in bands))
    span = max(top - lowest, 2 * noise) or max(0.05 * abs(top), 0.5)
    bottom = top - _SHOWN * span
    axes.set_ylim(bottom, top + 0.05 * _SHOWN * span)
    entered = [one.networks[one.middle >= bottom][0] for one in bands]
    last = max(float(one.networks[-1]) for one in bands)
    axes.set_xscale("log")
    axes.set_xlim(max(1.0, 0.8 * min(entered)), 1.15 * last)
    axes.xaxis.set_major_locator(LogLocator(10, (1, 2, 5)))
    axes.xaxis.set_major_formatter(lambda value, _: count_label(value))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_locator(MaxNLocator(5, min_n_ticks=3))
