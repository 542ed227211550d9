"""Beyond the paper: how high methods of refinement climb, against the networks that they score."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from textwrap import fill

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from netlore.analysis.course_band import Band
from netlore.report.compare.data import ComparisonFindings, Course, GroupFindings, MethodFindings
from netlore.report.figures.axes import legend_below
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.style import INK, MUTED, TEXT, Look, legend_label, looks_of, new_figure, styled
from netlore.report.numbers import count_label, number_text

_NOISE = 0.12  # opacity: lines and bands stay visible on it
_POINT = 2.8  # points: some lie close together
_DASH = 7.0  # points: visible beside a point
_SHOWN = 1.6
"""Heights of what lies between the lowest end and the best known score that a panel shows."""


_FRESH = (
    " Dash at a seed's end on the right: the twelve that it holds for the best (with memory those that are worth "
    "most), scored anew with initial weights that no seed had seen; the thin line from the point to it is luck. "
    "There, the best known mean is one of fresh scores."
)
"""What a figure with fresh scores has besides."""


def specs(findings: ComparisonFindings) -> list[FigureSpec]:
    """One figure of all groups."""
    return [
        FigureSpec(
            name="method-courses",
            title="How high methods climb",
            caption=(
                "Left: the best architecture so far, by the mean of its scores so far; right: the mean of the "
                "twelve best. Line: median of the seeds; band: lowest to highest; point: where a seed stopped, "
                "after which it counts with what it had found. Horizontal: the highest mean of any architecture "
                "over all methods and seeds, of those scored twice if there are any, and one noise unit around "
                "it, the standard deviation of the scores of one architecture over its initialisations. Lines "
                "begin below the axes, fall where a lucky architecture is scored again, and may end above the "
                "best known mean if theirs are of fewer scores."
                f"{_FRESH if findings.anew else ''}"
            ),
            section=Section.COMPARISON,
            draw=partial(courses_figure, findings),
        )
    ]


def courses_figure(findings: ComparisonFindings) -> Figure:
    """Draw a row for each group: the courses of the best architecture, and of the twelve best."""
    groups = findings.groups
    look = looks_of(findings.labels)
    with styled():
        figure = new_figure(TEXT, 2.0 * len(groups) + 0.45)
        panels = figure.subplots(len(groups), 2, squeeze=False, sharex="row", sharey="row")
        for row, group in zip(panels, groups, strict=True):
            _draw_row(row, group, look)
        for axes in panels[-1]:
            axes.set_xlabel("networks scored")
        handles = [*_handles(look), *([_fresh_handle()] if findings.anew else [])]
        legend_below(figure, handles)
    return figure


def _draw_row(row: Sequence[Axes], group: GroupFindings, look: dict[str, Look]) -> None:
    """Draw a group: the best architecture left, the twelve best right, on the same axes."""
    best, elite = row
    for one in group.methods:
        _draw(best, one.best, [found.best_course[-1] for found in one.replicates], look[one.label])
        _draw(elite, one.elite, [found.elite_course[-1] for found in one.replicates], look[one.label])
        _draw_fresh(elite, one, look[one.label])
    for axes in row:
        _mark_best_known(axes, group)
        _cut(axes, group)
    noise = "not known" if group.noise is None else number_text(group.noise)
    best.set_title(f"{fill(group.title, 48)}\nbest architecture")
    elite.set_title(f"noise {noise}\nmean of the twelve best")
    best.set_ylabel(f"mean score, {group.first.scale}".replace("-", "\N{MINUS SIGN}"))


def _draw(axes: Axes, band: Band, ends: Sequence[Course], look: Look) -> None:
    """Draw a method's band, its median, and where its seeds stopped."""
    axes.fill_between(band.networks, band.low, band.high, color=look.colour, alpha=0.18, linewidth=0, step="post")
    axes.plot(
        band.networks,
        band.middle,
        color=look.colour,
        linestyle=look.dashes,
        linewidth=1.2,
        drawstyle="steps-post",
    )
    networks, values = np.asarray(ends).T
    axes.plot(networks, values, linestyle="none", marker=look.marker, markersize=_POINT, color=look.colour)


def _draw_fresh(axes: Axes, method: MethodFindings, look: Look) -> None:
    """Draw how high each seed's elite is by fresh scores, joined to where the seed stopped."""
    for one in method.replicates:
        if one.fresh is not None:
            networks, score = one.elite_course[-1]
            axes.plot([networks, networks], [score, one.fresh], color=look.colour, linewidth=0.7)
            axes.plot([networks], [one.fresh], linestyle="none", marker="_", markersize=_DASH, color=look.colour)


def _mark_best_known(axes: Axes, group: GroupFindings) -> None:
    best, noise = group.best_known, group.noise or 0.0
    if noise:
        axes.axhspan(best - noise, best + noise, color=INK, alpha=_NOISE, linewidth=0, zorder=0)
    axes.axhline(best, color=INK, linewidth=0.8, zorder=1)


def _cut(axes: Axes, group: GroupFindings) -> None:
    """Show where methods end: scores from well below the lowest, networks from where the first median enters."""
    bands = [band for one in group.methods for band in (one.best, one.elite)]
    fresh = [score for one in group.methods for score in one.fresh_scores]
    top = max(group.best_known + (group.noise or 0.0), *fresh, *(float(np.nanmax(one.high)) for one in bands))
    lowest = min(*fresh, *(float(one.low[-1]) for one in bands))
    span = max(top - lowest, 2 * (group.noise or 0.0)) or max(0.05 * abs(top), 0.5)
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


def _fresh_handle() -> Line2D:
    return Line2D([], [], linestyle="none", marker="_", markersize=_DASH, color=INK, label="elite scored anew")


def _handles(look: dict[str, Look]) -> list[Artist]:
    """A line for each method, and what is horizontal."""
    lines: list[Artist] = [
        Line2D(
            [],
            [],
            color=one.colour,
            linestyle=one.dashes,
            marker=one.marker,
            markersize=_POINT,
            linewidth=1.2,
            label=legend_label(label),
        )
        for label, one in look.items()
    ]
    return [
        *lines,
        Patch(facecolor=MUTED, alpha=0.25, label="lowest to highest seed"),
        Line2D([], [], color=INK, linewidth=0.8, label="best known mean score"),
        Patch(facecolor=INK, alpha=_NOISE, label="\N{PLUS-MINUS SIGN} one noise unit"),
    ]
