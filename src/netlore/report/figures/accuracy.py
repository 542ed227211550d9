"""Beyond the paper: scores before training against errors after it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from netlore.analysis.accuracy import FEWEST, TELLING
from netlore.report.data import StudyData
from netlore.report.figures.axes import legend_below, panel_grid
from netlore.report.figures.figure import FigurePlan
from netlore.report.figures.heatmap import MINUS
from netlore.report.figures.print_style import TEXT, columns_that_fit, looks_of, printed
from netlore.report.figures.style import MUTED, PALETTE, Look, legend_label, new_figure
from netlore.report.figures.training_curves import error_axis, trained
from netlore.report.names import slug
from netlore.report.score_accuracy import ScoreComparison, score_comparisons
from netlore.report.text.phrases import count

_TOLD_APART = 2 * len(PALETTE)  # architectures: a colour and marker each, filled or hollow
_TITLE = 22  # characters that fit over a panel
_LEGEND_ROW = 0.15  # inches


def plans(findings: StudyData) -> list[FigurePlan]:
    """A figure for each group of comparable trainings with scores."""
    found = [one for one in score_comparisons(findings) if one.of_predictor and one.correlation.n >= FEWEST]
    groups = list({id(one.group): one.group for one in found}.values())
    return [
        FigurePlan(
            name=f"score-accuracy-{slug(group.label)}" if len(groups) > 1 else "score-accuracy",
            title=f"Do scores go with accuracy on {group.label}?",
            caption=_caption([one for one in found if one.group is group]),
            draw=partial(
                accuracy_figure, [one for one in found if one.group is group], looks_of(trained(findings))
            ),
        )
        for group in groups
    ]


def _caption(comparisons: Sequence[ScoreComparison]) -> str:
    group = comparisons[0].group
    sources = "; ".join(dict.fromkeys(one.source for one in comparisons))
    fewest = min(one.correlation.n for one in comparisons)
    note = (
        f" No order of fewer than {TELLING} networks can be told from chance at 5 %." if fewest < TELLING else ""
    )
    return (
        "A point is an architecture: its score before any training, and its validation error after the last "
        "epoch, the mean over its seeds. If scores went with accuracy, points would fall from left to right. τ is "
        f"Kendall's rank correlation of scores with accuracy over n architectures.{note} Networks that a "
        f"refinement chose are no random sample. Scored on {sources}; trained on {group.data}, recipe "
        f"{group.recipe}, {count(group.epochs, 'epoch')}."
    )


def accuracy_figure(comparisons: Sequence[ScoreComparison], look: dict[str, Look]) -> Figure:
    """Draw a panel for each predictor of each source."""
    columns = min(4, len(comparisons))
    rows = math.ceil(len(comparisons) / columns)
    several = len({one.source for one in comparisons}) > 1
    with printed():
        handles = _handles(comparisons, look)
        fit = columns_that_fit(handles)
        figure = new_figure(TEXT, 1.75 * rows + 0.1 + _LEGEND_ROW * math.ceil(len(handles) / fit))
        panels = panel_grid(figure, len(comparisons), columns)
        for index, (axes, one) in enumerate(zip(panels, comparisons, strict=True)):
            _draw_points(axes, one, look)
            axes.set_title(_title(one, several))
            axes.set_xlabel(f"score, {one.scale}".replace("-", MINUS))
            axes.locator_params(axis="x", nbins=3)
            axes.set_ylabel("validation error, %" if index % columns == 0 else "")
        if handles:
            legend_below(figure, handles, fit)
    return figure


def _title(one: ScoreComparison, several: bool) -> str:
    tau = "undefined" if one.correlation.tau is None else f"= {one.correlation.tau:.2f}".replace("-", MINUS)
    name = fill(f"{one.what}, {one.source}" if several else one.what, _TITLE)
    return f"{name}\nτ {tau}, n = {one.correlation.n:,}"


def _draw_points(axes: Axes, one: ScoreComparison, look: dict[str, Look]) -> None:
    shown = np.isfinite(one.values)
    for training, score, error in zip(
        np.asarray(one.trainings, dtype=object)[shown], one.values[shown], one.errors[shown], strict=True
    ):
        axes.plot([score], [error], clip_on=False, **_mark(training.name, look))  # type: ignore[arg-type]
    axes.margins(x=0.08)
    error_axis(axes, one.errors)


def _mark(name: str, look: dict[str, Look]) -> dict[str, object]:
    """How a point looks: its own colour and marker where there are enough of them, a dot otherwise."""
    if len(look) > _TOLD_APART:
        return {"linestyle": "", "marker": "o", "markersize": 2.6, "color": MUTED, "alpha": 0.7}
    one = look[name]
    filled = list(look).index(name) < len(PALETTE)
    fill = {} if filled else {"markerfacecolor": "none"}
    return {"linestyle": "", "marker": one.marker, "markersize": 4.0, "color": one.colour, **fill}


def _handles(comparisons: Sequence[ScoreComparison], look: dict[str, Look]) -> list[Line2D]:
    """Legend entries of the architectures that are drawn; none where they cannot be told apart."""
    if len(look) > _TOLD_APART:
        return []
    drawn = {
        training.name
        for one in comparisons
        for training, score in zip(one.trainings, one.values, strict=True)
        if np.isfinite(score)
    }
    return [
        Line2D([], [], label=legend_label(name), **_mark(name, look))  # type: ignore[arg-type]
        for name in look
        if name in drawn
    ]
