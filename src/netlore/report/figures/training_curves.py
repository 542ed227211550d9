"""How trainings go (the paper's Fig. 11), and whether scores go with the accuracies that they reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from netlore.analysis import Floats
from netlore.analysis.correlation import FEWEST, TESTABLE
from netlore.report.data import StudyData, TrainedArchitecture
from netlore.report.figures.axes import legend_below, line_handle, panels, round_axis
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.style import MUTED, PALETTE, TEXT, Look, legend_label, looks_of, new_figure, styled
from netlore.report.names import slug
from netlore.report.numbers import minus
from netlore.report.score_accuracy import ScoreComparison, score_comparisons
from netlore.report.text.phrases import count, join
from netlore.report.training_groups import TrainingGroup, counted, mean_error, training_groups
from netlore.training.records import EpochRecord

_PANELS: tuple[tuple[str, Callable[[EpochRecord], float]], ...] = (
    ("Training images, augmented", lambda entry: entry.training_error),
    ("Validation images", lambda entry: entry.error),
)
_MARKED = 20  # epochs up to which each has a marker: one epoch alone makes no line
_LOGARITHMIC = 4.0  # times the lowest error that the highest must be
_DEEPEST = 1e-3  # of the highest error; what is lower would squeeze all else
_DISTINCT = 2 * len(PALETTE)  # architectures: a colour and marker each, filled or hollow
_TITLE = 22  # characters that fit over a panel
_TICKS = 10  # that have room next to a panel


def specs(study: StudyData) -> list[FigureSpec]:
    """Fig. 11, one for each group of comparable trainings."""
    groups, looks = training_groups(study.trainings), training_looks(study)
    return [
        FigureSpec(
            f"fig11-training-{slug(group.label)}" if groups[1:] else "fig11-training",
            f"How training goes on {group.label}, recipe {group.recipe}",
            _caption(group),
            Section.TRAINING,
            partial(curve_figure, group, looks),
            11,
        )
        for group in groups
    ]


def training_looks(study: StudyData) -> dict[str, Look]:
    """A look for every architecture that was trained, in the order given: it looks the same in all figures."""
    return looks_of(dict.fromkeys(one.name for one in study.trainings))


def _caption(group: TrainingGroup) -> str:
    first = group.trainings[0]
    bands = any(len(counted(one)) > 1 for one in group.trainings)
    stopped = [
        f"{one.name} after {count(len(record.epochs), 'epoch')} (seed {record.seed})"
        for one in group.trainings
        for record in one.replicates
        if not record.finished
    ]
    return (
        "Percent misclassified: left of the training images, augmented as they are and while they are learned, so "
        "with weights that change during the epoch; right of the validation images after each epoch. In the "
        f"legend: the validation error after the last epoch. Recipe {group.recipe}: "
        f"{count(group.epochs, 'epoch')} of {count(first.first.images, 'image')} of {group.data}, validated on "
        f"{first.validation_images:,}; {'seed' if len(group.seeds) == 1 else 'seeds'} "
        f"{join([str(seed) for seed in group.seeds])}."
        f"{' Lines are means over seeds, bands reach from the lowest to the highest.' if bands else ''}"
        f"{f' Unfinished: {join(stopped)}.' if stopped else ''}"
    )


@styled()
def curve_figure(group: TrainingGroup, looks: dict[str, Look]) -> Figure:
    """Draw both errors side by side, a line for each architecture."""
    figure = new_figure(TEXT, 2.65)
    for axes, (title, value) in zip(figure.subplots(1, 2), _PANELS, strict=True):
        drawn = [_draw(axes, one, value, looks[one.name], group.epochs) for one in group.trainings]
        axes.set_title(title)
        error_axis(axes, np.concatenate(drawn))
        round_axis(axes, 1, group.epochs, "epoch")
        axes.set_ylabel("error, %")
    legend_below(figure, [_handle(one, looks[one.name], group.epochs) for one in group.trainings])
    return figure


def _handle(one: TrainedArchitecture, look: Look, epochs: int) -> Line2D:
    error = f"{mean_error(one):.2f} %" if counted(one)[0].finished else "unfinished"
    return line_handle(look, f"{one.name}, {error}", 2.6 if epochs <= _MARKED else 0.0, 1.0)


def _draw(
    axes: Axes, one: TrainedArchitecture, value: Callable[[EpochRecord], float], look: Look, epochs: int
) -> Floats:
    """Draw the mean over the seeds that count and their band; the values that must be in view.

    Of every seed, the epochs that all of them have.
    """
    records = counted(one)
    last = min(len(record.epochs) for record in records)
    found = np.asarray([[value(entry) for entry in record.epochs[:last]] for record in records], dtype=np.float64)
    numbers = np.arange(1, last + 1)
    if len(found) > 1:
        low, high = found.min(axis=0), found.max(axis=0)
        axes.fill_between(numbers, low, high, color=look.colour, alpha=0.14, linewidth=0)
    few = epochs <= _MARKED
    axes.plot(
        numbers,
        found.mean(axis=0),
        color=look.colour,
        linestyle=look.dashes,
        linewidth=1.1 if few else 0.9,
        marker=look.marker if few else None,
        markersize=2.6,
    )
    return found.ravel()


def error_axis(axes: Axes, values: Floats) -> None:
    """Make the y axis hold errors in percent: logarithmic if they differ by more than a factor of four.

    An error of 0 lies below a logarithmic axis: its line leaves the panel at the bottom.
    """
    finite = values[np.isfinite(values)]
    high = float(finite.max(initial=0.0))
    low = max(float(finite.min(initial=high, where=finite > 0)), high * _DEEPEST)
    if high < _LOGARITHMIC * low or high == 0:
        least = float(finite.min(initial=high))
        # A tenth either way of what hardly differs, so that small differences do not look large.
        gap = max(0.06 * (high - least), 0.1 * high - (high - least) / 2, 0.1)
        axes.set_ylim(max(least - gap, -0.1), high + gap)
        axes.locator_params(axis="y", nbins=6)
        return
    axes.set_yscale("log", nonpositive="clip")
    axes.set_ylim(low / 1.12, high * 1.12)
    ticks = error_ticks(low / 1.12, high * 1.12)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks([], minor=True)


def error_ticks(low: float, high: float) -> Sequence[float]:
    """Round errors between two, as ticks of a logarithmic axis.

    >>> error_ticks(4.0, 95.0), error_ticks(0.01, 90.0)
    ([5.0, 10.0, 20.0, 50.0], [0.01, 0.1, 1.0, 10.0])
    """
    for factors in ((1, 2, 5), (1,)):
        ticks = [float(f"{factor}e{power}") for power in range(-4, 3) for factor in factors]
        found = [tick for tick in ticks if low <= tick <= high]
        if len(found) <= _TICKS:
            break
    return found


def accuracy_specs(study: StudyData) -> list[FigureSpec]:
    """A figure for each group of comparable trainings with scores."""
    found = [one for one in score_comparisons(study) if one.of_predictor and one.correlation.n >= FEWEST]
    groups = list({id(one.group): one.group for one in found}.values())
    specs = []
    for group in groups:
        here = [one for one in found if one.group is group]
        name = f"score-accuracy-{slug(group.label)}" if groups[1:] else "score-accuracy"
        draw = partial(accuracy_figure, here, training_looks(study))
        title = f"Do scores go with accuracy on {group.label}?"
        specs.append(FigureSpec(name, title, _accuracy_caption(here), Section.TRAINING, draw))
    return specs


def _accuracy_caption(comparisons: Sequence[ScoreComparison]) -> str:
    group = comparisons[0].group
    sources = "; ".join(dict.fromkeys(one.source for one in comparisons))
    few = any(one.correlation.n < TESTABLE for one in comparisons)
    note = f" No order of fewer than {TESTABLE} networks can be distinguished from chance at 5 %." if few else ""
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
