"""Figures of a study of reliability: noise by factor, and noise ceilings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from netlore.experiments.reliability import ReliabilityRun
from netlore.report.figures.axes import legend_below
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.style import INK, PALETTE, TEXT, Look, new_figure, styled
from netlore.report.reliability.tables import WORDS, conditions_text
from netlore.scoring.reliability import PredictorReliability

_MARKERS = ("o", "s", "^", "D", "v")


def reliability_figures(run: ReliabilityRun) -> list[FigureSpec]:
    """Give every figure that has something to show, in order."""
    found = [*run.found.predictors.values()]
    said = conditions_text(run)
    specs = []
    if any(one.ceiling.value is not None for one in found):
        text = (
            "The highest Spearman correlation that one score can have with anything that depends on the network "
            "alone, such as accuracy, with its 95 % bootstrap interval."
        )
        specs.append(("noise-ceiling", "How well one score can rank at most", text, ceiling_figure))
    if any(of.icc.value is not None for one in found for of in one.factors.values()):
        text = (
            "Share of the variance of ranks that each factor makes, all else being equal, with 95 % bootstrap "
            "intervals. 0: ranks do not depend on it; 1: it decides them alone."
        )
        specs.append(("noise-by-factor", "Where noise comes from", text, factor_figure))
    sections = (Section.OVERVIEW, Section.SAMPLE)
    return [
        FigureSpec(name, title, f"{text} {said}", section, partial(draw, found))
        for (name, title, text, draw), section in zip(specs, sections, strict=False)
    ]


def by_ceiling(found: Sequence[PredictorReliability]) -> list[PredictorReliability]:
    """Predictors by their ceilings, the highest first; those without one last."""
    return sorted(found, key=lambda one: -1 if one.ceiling.value is None else one.ceiling.value, reverse=True)


@styled()
def ceiling_figure(found: Sequence[PredictorReliability]) -> Figure:
    """Draw a row for each predictor, the highest ceiling first."""
    shown = [one for one in by_ceiling(found) if one.ceiling.value is not None]
    figure = new_figure(TEXT, 0.17 * len(shown) + 0.7)
    axes = figure.add_subplot()
    for row, one in enumerate(shown):
        value, low, high = one.ceiling[:3]
        if low is not None and high is not None:
            axes.plot([low, high], [row, row], color=PALETTE[0], linewidth=1.0)
        axes.plot([value or 0.0], [row], "o", color=PALETTE[0], markersize=3.6)
    _rows(axes, [one.predictor for one in shown])
    axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel("highest Spearman correlation of one score")
    return figure


@styled()
def factor_figure(found: Sequence[PredictorReliability]) -> Figure:
    """Draw a row for each predictor with a marker for each factor, the highest ceiling first."""
    shown = by_ceiling(found)
    names = list(dict.fromkeys(name for one in shown for name in one.factors))
    figure = new_figure(TEXT, 0.24 * len(shown) + 0.9)
    axes = figure.add_subplot()
    for place, name in enumerate(names):
        offset = 0.7 * ((place + 0.5) / len(names) - 0.5)
        for row, one in enumerate(shown):
            icc = one.factors[name].icc if name in one.factors else None
            if icc is None or icc.value is None:
                continue
            if icc.low is not None and icc.high is not None:
                ends = [1 - icc.high, 1 - icc.low]
                axes.plot(ends, [row + offset] * 2, color=PALETTE[place], linewidth=0.8)
            axes.plot([1 - icc.value], [row + offset], _MARKERS[place], color=PALETTE[place], markersize=2.8)
    _rows(axes, [one.predictor for one in shown])
    axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel("share of the variance of ranks")
    looks = {name: Look(PALETTE[place], marker=_MARKERS[place]) for place, name in enumerate(names)}
    legend_below(figure, [Line2D([], [], label=WORDS[name], **one.line(3.6)) for name, one in looks.items()])
    return figure


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.axvline(0, color=INK, linewidth=0.6)
    axes.grid(visible=False, axis="y")
