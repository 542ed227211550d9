"""Beyond the paper: scores before training against errors after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from netlore.analysis.correlation import FEWEST, TESTABLE
from netlore.report.data import StudyData
from netlore.report.figures.axes import legend_below, panels
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.style import MUTED, PALETTE, TEXT, Look, legend_label, styled
from netlore.report.figures.training_curves import error_axis, training_looks
from netlore.report.names import slug
from netlore.report.numbers import minus
from netlore.report.score_accuracy import ScoreComparison, score_comparisons
from netlore.report.text.phrases import count

_DISTINCT = 2 * len(PALETTE)  # architectures: a colour and marker each, filled or hollow
_TITLE = 22  # characters that fit over a panel


def specs(study: StudyData) -> list[FigureSpec]:
    """A figure for each group of comparable trainings with scores."""
    found = [one for one in score_comparisons(study) if one.of_predictor and one.correlation.n >= FEWEST]
    groups = list({id(one.group): one.group for one in found}.values())
    specs = []
    for group in groups:
        here = [one for one in found if one.group is group]
        name = f"score-accuracy-{slug(group.label)}" if groups[1:] else "score-accuracy"
        draw = partial(accuracy_figure, here, training_looks(study))
        title = f"Do scores go with accuracy on {group.label}?"
        specs.append(FigureSpec(name, title, _caption(here), Section.TRAINING, draw))
    return specs


def _caption(comparisons: Sequence[ScoreComparison]) -> str:
    group = comparisons[0].group
    sources = "; ".join(dict.fromkeys(one.source for one in comparisons))
    few = any(one.correlation.n < TESTABLE for one in comparisons)
    note = f" No order of fewer than {TESTABLE} networks can be told from chance at 5 %." if few else ""
    return (
        "A point is an architecture: its score before any training, and its validation error after the last "
        "epoch, the mean over its seeds. If scores went with accuracy, points would fall from left to right. τ is "
        f"Kendall's rank correlation of scores with accuracy over n architectures.{note} Networks that a "
        f"refinement chose are no random sample. Scored on {sources}; trained on {group.data}, recipe "
        f"{group.recipe}, {count(group.epochs, 'epoch')}."
    )


@styled()
def accuracy_figure(comparisons: Sequence[ScoreComparison], looks: Mapping[str, Look]) -> Figure:
    """Draw a panel for each predictor of each source."""
    columns = min(4, len(comparisons))
    several = len({one.source for one in comparisons}) > 1
    figure, found = panels(TEXT, 1.75, len(comparisons), columns)
    drawn = set()
    for index, (axes, one) in enumerate(zip(found, comparisons, strict=True)):
        for training, score, error in zip(one.trainings, one.values, one.errors, strict=True):
            if np.isfinite(score):
                axes.plot([score], [error], clip_on=False, **_mark(training.name, looks))
                drawn.add(training.name)
        axes.margins(x=0.08)
        error_axis(axes, one.errors)
        tau = "undefined" if one.correlation.tau is None else minus(f"= {one.correlation.tau:.2f}")
        name = fill(f"{one.what}, {one.source}" if several else one.what, _TITLE)
        axes.set_title(f"{name}\nτ {tau}, n = {one.correlation.n:,}")
        axes.set_xlabel(minus(f"score, {one.scale}"))
        axes.locator_params(axis="x", nbins=3)
        axes.set_ylabel("validation error, %" if index % columns == 0 else "")
    if len(looks) <= _DISTINCT:
        names = [name for name in looks if name in drawn]
        legend_below(figure, [Line2D([], [], label=legend_label(name), **_mark(name, looks)) for name in names])
    return figure


def _mark(name: str, looks: Mapping[str, Look]) -> dict[str, Any]:
    """How a point looks: its own colour and marker where there are enough of them, a dot otherwise."""
    if len(looks) > _DISTINCT:
        return {"linestyle": "", "marker": "o", "markersize": 2.6, "color": MUTED, "alpha": 0.7}
    inside = {} if list(looks).index(name) < len(PALETTE) else {"markerfacecolor": "none"}
    look = looks[name]
    return {"linestyle": "", "marker": look.marker, "markersize": 4.0, "color": look.colour, **inside}
