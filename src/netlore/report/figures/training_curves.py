"""How trainings go (the paper's Fig. 11), and whether scores go with the accuracies that they reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from netlore.analysis import Floats
from netlore.analysis.correlation import FEWEST, TESTABLE
from netlore.report.data import StudyData, TrainedArchitecture
from netlore.report.figures.axes import (
    label_first,
    legend_below,
    line_handle,
    log_ticks,
    panels,
    round_axis,
)
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.style import MUTED, PALETTE, TEXT, Look, legend_label, looks_of, new_figure, styled
from netlore.report.names import slug
from netlore.report.text.phrases import count, join, minus, seeds
from netlore.report.trainings import (
    ScoreComparison,
    TrainingGroup,
    counted,
    mean_error,
    score_comparisons,
    training_groups,
)
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


def specs(study: StudyData) -> Iterator[FigureSpec]:
    """Fig. 11, and scores against accuracies where there are any: one for each group of comparable trainings."""
    groups, looks = training_groups(study.trainings), training_looks(study)
    for group in groups:
        name = f"fig11-training-{slug(group.label)}" if groups[1:] else "fig11-training"
        title = f"How training goes on {group.label}, recipe {group.recipe}"
        draw = partial(curve_figure, group, looks)
        yield FigureSpec(name, title, _caption(group), Section.TRAINING, draw, 11)
    found = [one for one in score_comparisons(study) if one.of_predictor and one.correlation.n >= FEWEST]
    compared = [list(same) for _, same in groupby(found, key=lambda one: id(one.group))]
    for here in compared:
        label = here[0].group.label
        name = f"score-accuracy-{slug(label)}" if compared[1:] else "score-accuracy"
        draw, title = partial(accuracy_figure, here, looks), f"Do scores go with accuracy on {label}?"
        yield FigureSpec(name, title, _accuracy_caption(here), Section.TRAINING, draw)


def training_looks(study: StudyData) -> dict[str, Look]:
    """A look for every architecture that was trained, in the order given: it looks the same in all figures."""
    return looks_of(dict.fromkeys(one.name for one in study.trainings))


def _caption(group: TrainingGroup) -> str:
    first = group.trainings[0]
    bands = any(len(counted(one)) > 1 for one in group.trainings)
    stops = any(record.early_stopping for one in group.trainings for record in one.replicates)
    stopped = [
        f"{one.name} after {count(len(record.epochs), 'epoch')} (seed {record.seed})"
        for one in group.trainings
        for record in one.replicates
        if not record.finished
    ]
    return (
        "Percent misclassified: left of the training images, augmented as they are and while they are learned, so "
        "with weights that change during the epoch; right of the validation images after each epoch. In the "
        f"legend: the validation error after the {'best' if stops else 'last'} epoch. Recipe {group.recipe}: "
        f"{count(group.epochs, 'epoch')} of {count(first.first.images, 'image')} of {group.data}, validated on "
        f"{first.validation_images:,}; {seeds(group.seeds)}."
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
    axes.plot(numbers, found.mean(axis=0), linewidth=1.1 if few else 0.9, **look.line(2.6 if few else 0.0))
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
    ticks = log_ticks(low / 1.12, high * 1.12, _TICKS)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks([], minor=True)


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
    several = len({one.source for one in comparisons}) > 1
    figure, found = panels(TEXT, 1.75, len(comparisons), 4)
    drawn = set()
    for axes, one in zip(found, comparisons, strict=True):
        for training, score, error in zip(one.group.finished, one.values, one.errors, strict=True):
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
        label_first(axes, "validation error, %")
    if len(looks) <= _DISTINCT:
        names = [name for name in looks if name in drawn]
        legend_below(figure, [Line2D([], [], label=legend_label(name), **_mark(name, looks)) for name in names])
    return figure


def _mark(name: str, looks: Mapping[str, Look]) -> dict[str, Any]:
    """How a point looks: its own colour and marker where there are enough of them, a dot otherwise."""
    if len(looks) > _DISTINCT:
        return {**Look(MUTED).point(2.6), "alpha": 0.7}
    inside = {} if list(looks).index(name) < len(PALETTE) else {"markerfacecolor": "none"}
    return {**looks[name].point(4.0), **inside}
