"""Figures of a validation: correlations with intervals, accuracy against score, ranks, and regret."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from textwrap import fill

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.stats import rankdata

from netlore.analysis import Floats
from netlore.report.figures.axes import label_first, legend_below, line_handle, panels
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.style import INK, MUTED, PALETTE, TEXT, Look, new_figure, styled
from netlore.report.text.phrases import minus
from netlore.report.validation.data import ValidationData, name_of
from netlore.validation.judgement import Judgement

_STATISTICS = {
    "kendall": ("all networks", PALETTE[0], "o"),
    "within_flops": ("within bands of FLOPs", PALETTE[1], "s"),
    "within_layers": ("within numbers of layers", PALETTE[2], "^"),
}
_LOWEST = 0.02  # share of networks whose accuracies may lie below what is shown
_CHANCE = Look(MUTED, (0.0, (3.0, 1.5)))


def validation_figures(data: ValidationData) -> list[FigureSpec]:
    """Give every figure that has something to show, in order."""
    said = f"{data.networks}. {data.accuracy}"
    found = []
    if any(one.kendall.value is not None for one in data.found.judgements):
        text = (
            "Kendall's tau with accuracy and its 95 % bootstrap interval: over all networks, and over pairs of "
            "equal cost alone, which is what a search under a budget depends on. Networks without a score rank "
            "last."
        )
        spec = ("validation-kendall", "Do scores rank networks by accuracy?", text, kendall_figure)
        found.append((*spec, Section.OVERVIEW))
    if any(one.course is not None for one in data.found.judgements):
        text = (
            "Training the networks with the highest scores: how far the best of them stays behind the best of "
            "all. Grey: networks at random."
        )
        found.append(("validation-regret", "What a search would find", text, regret_figure, Section.VALIDATION))
    scored = [one for one in data.found.predictors if np.isfinite(one.scores).any()]
    if scored:
        text = (
            f"Accuracy against score; colours are {data.found.ground.bands} bands of FLOPs, the darkest has the "
            "fewest. Networks without a score, and the least accurate ones, are not shown."
        )
        found.append(("validation-scatter", "Accuracy against score", text, scatter_figure, Section.VALIDATION))
        text = (
            "Rank by accuracy against rank by score, as shares of all networks: 1 is the best. Colours as above."
        )
        found.append(("validation-ranks", "Rank against rank", text, rank_figure, Section.VALIDATION))
    return [
        FigureSpec(name, title, f"{text} {said}", section, partial(draw, data))
        for name, title, text, draw, section in found
    ]


@styled()
def kendall_figure(data: ValidationData) -> Figure:
    """Draw a row for each quantity, with a marker and an interval for each statistic."""
    judgements = data.found.judgements
    figure = new_figure(TEXT, 0.33 * len(judgements) + 0.9)
    axes = figure.add_subplot()
    for offset, (name, (_, colour, marker)) in zip((-0.22, 0.0, 0.22), _STATISTICS.items(), strict=True):
        for row, one in enumerate(judgements):
            statistic = getattr(one, name)
            if statistic.value is None:
                continue
            if statistic.low is not None:
                axes.plot([statistic.low, statistic.high], [row + offset] * 2, color=colour, linewidth=1.0)
            axes.plot([statistic.value], [row + offset], marker, color=colour, markersize=3.6)
    axes.axvline(0, color=INK, linewidth=0.6)
    axes.axhline(len(data.found.predictors) - 0.5, color=MUTED, linewidth=0.6)
    axes.set_yticks(range(len(judgements)), [name_of(one) for one in judgements])
    axes.set_ylim(len(judgements) - 0.4, -0.6)
    axes.set_xlabel("Kendall's tau with accuracy")
    axes.xaxis.set_major_formatter(lambda value, _: minus(f"{value:g}"))
    axes.grid(visible=False, axis="y")
    handles = [
        Line2D([], [], color=colour, marker=marker, markersize=3.6, linewidth=1.0, label=label)
        for label, colour, marker in _STATISTICS.values()
    ]
    legend_below(figure, handles)
    return figure


@styled()
def regret_figure(data: ValidationData) -> Figure:
    """Draw a line for each quantity, predictors and counts in panels of their own."""
    groups = [group for group in (data.found.predictors, data.found.counts) if group]
    figure, found = panels(TEXT, 2.2, len(groups), 2)
    drawn = [one.course for one in data.found.judgements if one.course is not None]
    top = max(float(data.chance[0]), *(float(course.regret[0]) for course in drawn))
    for axes, group in zip(found, groups, strict=True):
        axes.plot(np.arange(1, len(data.chance) + 1), data.chance, linewidth=1.0, **_CHANCE.line())
        for one in group:
            if one.course is not None:
                axes.plot(
                    one.course.networks,
                    one.course.regret,
                    linewidth=1.2,
                    drawstyle="steps-post",
                    **data.looks[one.name].line(),
                )
        axes.set_xscale("log")
        axes.set_xticks([tick for tick in (1, 2, 5, 10, 20, 50) if tick <= len(data.chance)])
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.minorticks_off()
        axes.set_ylim(-0.03 * top, 1.05 * top or 1.0)
        axes.set_xlabel("networks trained, by score")
        label_first(axes, f"regret, {data.unit}")
    handles = [line_handle(data.looks[one.name], name_of(one)) for one in data.found.judgements]
    legend_below(figure, [*handles, line_handle(_CHANCE, "at random")])
    return figure


@styled()
def scatter_figure(data: ValidationData) -> Figure:
    """Draw a panel for each predictor, on its scale."""
    accuracies = data.found.ground.accuracies
    low = float(np.quantile(accuracies, _LOWEST))
    high = float(accuracies.max())
    shown = {}
    for one in _scored(data):
        transform = data.transforms[one.name]
        values = transform.apply(data.found.scores[one.name])
        shown[one] = (np.where(accuracies >= low, values, np.nan), accuracies, minus(transform.label))
    slack = 0.04 * (high - low) or 0.5
    return _panels(data, shown, f"accuracy, {data.unit}", (low - slack, high + slack))


@styled()
def rank_figure(data: ValidationData) -> Figure:
    """Draw a panel for each predictor, of ranks."""
    n = len(data.found.accuracies)
    by_accuracy = rankdata(data.found.ground.accuracies) / n
    shown = {}
    for one in _scored(data):
        ranks = np.full(n, np.nan)
        known = np.isfinite(one.scores)
        ranks[known] = (rankdata(one.scores[known]) + (~known).sum()) / n
        shown[one] = (ranks, by_accuracy, "rank by score")
    return _panels(data, shown, "rank by accuracy", (-0.03, 1.03))


def _scored(data: ValidationData) -> list[Judgement]:
    return [one for one in data.found.predictors if np.isfinite(one.scores).any()]


def _panels(
    data: ValidationData,
    shown: dict[Judgement, tuple[Floats, Floats, str]],
    label: str,
    limits: Sequence[float],
) -> Figure:
    """A panel of points for each judgement, coloured by bands of FLOPs."""
    bands = data.found.ground.flops_bands
    shades = np.zeros(len(data.found.accuracies)) if bands is None else bands / max(1, int(bands.max()))
    colours = colormaps["viridis"](0.9 * shades)
    size = 2.5 if len(shades) > 300 else 9.0
    figure, found = panels(TEXT, 1.75, len(shown), 4)
    for axes, (one, (x, y, scale)) in zip(found, shown.items(), strict=True):
        known = np.isfinite(x)
        # An image, as ten thousand points make a page slow.
        axes.scatter(x[known], y[known], s=size, c=colours[known], linewidths=0, alpha=0.7, rasterized=True)
        value = one.kendall.value
        tau = "undefined" if value is None else minus(f"{value:.2f}")
        axes.set_title(f"{fill(one.name, 22)}\ntau {tau}")
        axes.set_xlabel(scale)
        axes.set_ylim(*limits)
        axes.locator_params(nbins=4)
        label_first(axes, label)
    return figure
