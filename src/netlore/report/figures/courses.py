"""Beyond the paper: how high refinements climb, by seed and by method, and which methods repeat."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from netlore.report.compare.data import ComparisonFindings, GroupFindings
from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.axes import draw_noise, legend_below, line_handle, noise_handles, padded, panels
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.style import COLUMN, INK, MUTED, TEXT, Look, legend_label, looks_of, new_figure, styled
from netlore.report.names import split_name
from netlore.report.text.phrases import count_label, minus, number_text

_NOISE = 0.12  # opacity: lines and bands stay visible on it
_BEGINNING = 0.05  # of a course: how low it starts would squeeze where it ends
_END, _DASH = 2.8, 7.0  # points: some ends lie close together; a dash is visible next to one
_SHOWN = 1.6  # heights of what lies between the lowest end and the best known score that a panel shows
_KNOWN = (
    "of those scored twice if there are any, and one noise unit around it, the standard deviation of the scores "
    "of one architecture over its initialisations. Lines begin below the axes, and fall where a lucky "
    "architecture is scored again."
)
_SEEDS = (
    "A line for each seed: the mean of its twelve best architectures so far, each by the mean of its scores so "
    f"far. Horizontal: the highest mean of any architecture over all seeds, {_KNOWN}"
)
_COURSES = (
    "Left: the best architecture so far, by the mean of its scores so far; right: the mean of the twelve best. "
    "Line: median of the seeds; band: lowest to highest; point: where a seed stopped. Horizontal: the highest "
    f"mean of any architecture over all methods and seeds, {_KNOWN}"
)
_RESCORED = (
    " Dash at a seed's end on the right: its elites, scored under initialisations that no seed had seen; the thin "
    "line to it begins at the mean of the same elites' own scores: it is selection bias. There, the best known "
    "mean is one of rescored elites."
)
_POINT = 4.0  # points
_TICKS = 80  # letters of names that fit under a panel
_ROOM = 0.8  # of the distance between two hyperparameters, for all methods together
_AGREEMENT = (
    "Point: containment, the share of ordered pairs of seeds in which the final interval of one holds the median "
    "of the other. Bar: interval width, the share of the grid that a final interval covers, mean over the seeds; "
    "so often it would hold a median drawn at random. A method repeats where its point is at 1 and its bar is "
    "low; wide intervals agree whatever was found."
)


def specs(study: StudyData) -> Iterator[FigureSpec]:
    """One figure of all replicated refinements."""
    if repeated := [one for one in study.refinements if one.repeatability is not None]:
        draw, title = partial(repeatability_figure, repeated), "How high other seeds climb"
        yield FigureSpec("repeatability", title, _SEEDS, Section.REFINEMENT, draw)


def comparison_figures(findings: ComparisonFindings) -> list[FigureSpec]:
    """One figure of all groups, and one of those in which a method has several seeds."""
    caption, draw = f"{_COURSES}{_RESCORED if findings.rescored else ''}", partial(courses_figure, findings)
    found = [FigureSpec("method-courses", "How high methods climb", caption, Section.COMPARISON, draw)]
    groups = [group for group in findings.groups if any(one.stability is not None for one in group.methods)]
    if groups:
        draw = partial(agreement_figure, groups, looks_of(findings.labels))
        found.append(FigureSpec("method-agreement", "Which methods repeat", _AGREEMENT, Section.COMPARISON, draw))
    return found


@styled()
def courses_figure(findings: ComparisonFindings) -> Figure:
    """Draw a row for each group: the courses of the best architecture, and of the twelve best."""
    groups, looks = findings.groups, looks_of(findings.labels)
    figure = new_figure(TEXT, 2.0 * len(groups) + 0.45)
    grid = figure.subplots(len(groups), 2, squeeze=False, sharex="row", sharey="row")
    for row, group in zip(grid, groups, strict=True):
        _draw_courses(row, group, looks)
    for axes in grid[-1]:
        axes.set_xlabel("networks scored")
    dash = Line2D([], [], label="rescored elite", **Look(INK, marker="_").point(_DASH))
    handles = [
        *(line_handle(look, label, _END) for label, look in looks.items()),
        *([dash] if findings.rescored else []),
        Patch(facecolor=MUTED, alpha=0.25, label="lowest to highest seed"),
        *noise_handles(_NOISE),
    ]
    legend_below(figure, handles)
    return figure


def _draw_courses(row: Sequence[Axes], group: GroupFindings, looks: Mapping[str, Look]) -> None:
    """Draw a group: the best architecture left, the twelve best and rescored elites right, on the same axes."""
    best, elite = row
    for one in group.methods:
        look = looks[one.label]
        dash = Look(look.colour, marker="_").point(_DASH)
        for axes, band, courses in (
            (best, one.best, [found.best_course for found in one.replicates]),
            (elite, one.elite, [found.elite_course for found in one.replicates]),
        ):
            shade: dict[str, Any] = {"color": look.colour, "alpha": 0.18, "linewidth": 0, "step": "post"}
            axes.fill_between(band.networks, band.low, band.high, **shade)
            axes.plot(band.networks, band.middle, linewidth=1.2, drawstyle="steps-post", **look.line())
            axes.plot(*np.asarray([course[-1] for course in courses]).T, **look.point(_END))
        for found in one.replicates:
            if found.rescored is not None:
                networks = found.elite_course[-1, 0]
                elite.plot([networks] * 2, [found.own, found.rescored], color=look.colour, linewidth=0.7)
                elite.plot([networks], [found.rescored], **dash)
    for axes in row:
        draw_noise(axes, group.best_known, group.noise, _NOISE)
        _cut(axes, group)
    known = "not known" if group.noise is None else number_text(group.noise)
    best.set_title(f"{fill(group.title, 48)}\nbest architecture")
    elite.set_title(f"noise {known}\nmean of the twelve best")
    best.set_ylabel(minus(f"mean score, {group.first.scale}"))


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


@styled()
def agreement_figure(groups: Sequence[GroupFindings], looks: Mapping[str, Look]) -> Figure:
    """Draw a panel for each group, with a point and a bar for each hyperparameter and method."""
    figure = new_figure(TEXT, 1.5 * len(groups) + 0.45)
    for axes, group in zip(figure.subplots(len(groups), 1, squeeze=False)[:, 0], groups, strict=True):
        _draw_agreement(axes, group, looks)
        axes.set_title(fill(group.title, 90))
        axes.set_ylabel("share")
    shown = {legend_label(label): look for label, look in looks.items()} | {"point: containment": Look(INK)}
    points = [Line2D([], [], label=label, **look.point(_POINT)) for label, look in shown.items()]
    width = Patch(facecolor=MUTED, alpha=0.3, label="bar: interval width")
    legend_below(figure, [*points, width])
    return figure


def _draw_agreement(axes: Axes, group: GroupFindings, looks: Mapping[str, Look]) -> None:
    names = tuple(group.first.grids)
    step = _ROOM / len(group.methods)
    for index, one in enumerate(group.methods):
        look, widths = looks[one.label], [one.widths[name] for name in names]
        at = [column + (index + 0.5) * step - _ROOM / 2 for column in range(len(names))]
        axes.bar(at, widths, 0.9 * step, color=look.colour, alpha=0.3, linewidth=0)
        if one.stability is not None:
            axes.plot(at, one.stability.containment, clip_on=False, **look.point(_POINT))
    for column, (left, right) in enumerate(pairwise(names)):
        if split_name(left)[0] != split_name(right)[0]:  # where another class begins
            axes.axvline(column + 0.5, color=INK, alpha=0.25, linewidth=0.5)
    axes.set_ylim(0, 1.06)
    axes.set_yticks([0, 0.5, 1])
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_xticks(range(len(names)), names, rotation=90 if sum(map(len, names)) > _TICKS else 0)
    axes.grid(visible=False, axis="x")


@styled()
def repeatability_figure(runs: list[RefinementData]) -> Figure:
    """Draw a panel of courses for each replicated refinement."""
    looks = looks_of(f"seed {seed}" for seed in sorted({each.seed for one in runs for each in one.refinements}))
    columns = min(3, len(runs))
    figure, found = panels(COLUMN if columns == 1 else TEXT, 1.75, len(runs), columns)
    for index, (axes, one) in enumerate(zip(found, runs, strict=True)):
        _draw_seeds(axes, one, looks)
        axes.set_ylabel(minus(f"elite score, {one.scale}"))
        axes.set_xlabel("networks scored" if index + columns >= len(runs) else "")
    handles = [line_handle(look, label) for label, look in looks.items()]
    legend_below(figure, [*handles, *noise_handles(_NOISE)])
    return figure


def _draw_seeds(axes: Axes, one: RefinementData, looks: dict[str, Look]) -> None:
    """Draw the best known score, its noise and every seed's course."""
    assert one.repeatability is not None
    best, noise = one.repeatability.best_known, one.repeatability.noise
    # In numbers, too: where scores range widely, the band is thinner than a line.
    known = "not known" if noise is None else number_text(noise)
    axes.set_title(f"{fill(f'{one.predictor}, {one.data}', 36)}\nnoise {known}")
    draw_noise(axes, best, noise, _NOISE, zorder=1)
    seen = [best - (noise or 0.0), best + (noise or 0.0)]
    for replicate, course in zip(one.refinements, one.courses, strict=True):
        look = looks[f"seed {replicate.seed}"]
        axes.plot(course[:, 0], course[:, 1], linewidth=1.1, **look.line())
        later = course[course[:, 0] >= _BEGINNING * course[-1, 0], 1]
        seen += [float(value) for value in later if math.isfinite(value)]
    low, high = min(seen), max(seen)
    axes.set_ylim(*padded(low, high, 0.05, 0.05))
    axes.set_xlim(0, 1.02 * max(float(np.max(course[:, 0])) for course in one.courses))
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: count_label(value) if value else "0")
    axes.locator_params(axis="y", nbins=4)
