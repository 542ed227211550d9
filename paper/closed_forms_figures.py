"""The figures of docs/closed-forms.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from netlore.closed_forms.optimum import Optimum
from netlore.report.figures.style import INK, MUTED, PALETTE, TEXT, new_figure, styled
from netlore.space.budget import short
from paper.closed_forms_data import FACTOR, Fit

_TICKS = {"flops": (5e6, 2e7, 5e7, 2e8, 1e9), "params": (2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6)}
Ends = Mapping[str, tuple[float, float, float]]
"""Low, median and high of each hyperparameter."""


@styled()
def predicted_figure(mean: Fit, form: Fit, noise: float) -> Figure:
    """Scored against predicted, and what remains beside the noise of initial weights."""
    figure = new_figure(TEXT, 2.9)
    left, right = figure.subplots(1, 2)
    ends = [float(mean.predicted.min()), float(mean.predicted.max())]
    left.plot(ends, ends, color=MUTED, linewidth=0.7)
    left.plot(mean.predicted, mean.scored, ".", color=PALETTE[0], markersize=1.2, rasterized=True)
    left.set(xlabel="ln E[S], predicted, nothing fitted", ylabel="ln S, scored")
    bins = np.linspace(-4, 4, 81)
    for one, colour, label in ((mean, PALETTE[0], "ln E[S]"), (form, PALETTE[1], "sum over stages + constant")):
        right.hist(one.residual.clip(-4, 4), bins, density=True, histtype="step", color=colour, label=label)
    grid = np.linspace(-4, 4, 161)
    right.plot(
        grid, np.exp(-((grid / noise) ** 2) / 2) / noise / np.sqrt(2 * np.pi), color=INK, linewidth=0.8,
        linestyle="dashed", label="noise of initial weights",
    )  # fmt: skip
    right.set(xlabel="ln S, scored less predicted", ylabel="density", xlim=(-4, 4))
    figure.legend(loc="outside lower right", ncols=3)
    return figure


@styled()
def regimes_figure(
    sweeps: Mapping[str, Sequence[tuple[float, Optimum]]], refined: Sequence[tuple[tuple[float, float], Ends]]
) -> Figure:
    """Optimum and best share by the budget's upper end: a row for each measure and letter, a column a stage.

    Dots are medians of refinements by FLOPs, bars their intervals, one for each seed.
    """
    rows = [(measure, letter) for measure in sweeps for letter in "dwg"]
    figure = new_figure(TEXT, 1.25 * len(rows))
    panels = figure.subplots(len(rows), 3, sharex=False)
    for (measure, letter), line in zip(rows, panels, strict=True):
        for stage, axes in zip((1, 2, 3), line, strict=True):
            name, found = f"{letter}{stage}", sweeps[measure]
            highs = [high for high, _ in found]
            spans = [one.intervals()[name] for _, one in found]
            axes.fill_between(
                highs,
                [one[0] for one in spans],
                [one[-1] for one in spans],
                color=PALETTE[5],
                alpha=0.35,
                linewidth=0,
            )
            axes.step(highs, [one.best.values[name] for _, one in found], where="mid", color=PALETTE[0])
            for (_, high), ends in refined if measure == "flops" else ():
                low, middle, top = ends[name]
                axes.plot([high, high], [low, top], color=PALETTE[1], linewidth=0.9, alpha=0.6)
                axes.plot([high], [middle], "o", color=PALETTE[1], markersize=2.6)
            axes.set_xscale("log")
            ticks = [high for high in _TICKS[measure] if highs[0] <= high <= highs[-1]]
            axes.set_xticks(ticks, [short(high) for high in ticks], minor=False)
            axes.xaxis.set_minor_locator(NullLocator())
            if letter == "d":
                axes.set(ylim=(0, 17), yticks=(1, 4, 8, 12, 16))
            else:
                axes.set_yscale("log", base=2)
                axes.yaxis.set_major_formatter("{x:g}")
            axes.set_title(name)
            if letter == "g" and stage == 2:
                unit = {"flops": "FLOPs", "params": "parameters"}[measure]
                axes.set_xlabel(f"budget: at most this many {unit}, at least 1/{FACTOR} of it")
    return figure


@styled()
def fitted_figure(fits: Sequence[Fit]) -> Figure:
    """Networks that a form was not fitted to, scored against predicted."""
    figure = new_figure(TEXT, 2.1)
    for one, axes in zip(fits, figure.subplots(1, len(fits), squeeze=False)[0], strict=True):
        axes.plot(one.predicted, one.scored, ".", color=PALETTE[0], markersize=1.6)
        axes.axline((float(one.scored.mean()),) * 2, slope=1, color=MUTED, linewidth=0.7)
        axes.set(title=one.name, xlabel="predicted")
        axes.locator_params(axis="x", nbins=3)
    figure.axes[0].set_ylabel("scored")
    return figure
