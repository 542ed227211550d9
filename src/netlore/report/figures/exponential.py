"""Are scores distributed exponentially, as section VI-A of the paper says? Are they more than a cost?"""

from __future__ import annotations

import math
from functools import partial
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from netlore.analysis import Floats
from netlore.analysis.distribution import edf
from netlore.report.data import SampleData, StudyData
from netlore.report.figures.axes import legend_below, line_handle, panels
from netlore.report.figures.figure import FigureSpec, Section, of_sample, predictor_looks
from netlore.report.figures.style import MUTED, TEXT, Look, styled
from netlore.report.numbers import minus, power_label
from netlore.space.complexity import LABELS

_EXPECTED = Look(MUTED, (0.0, (3.0, 1.5)))
_TITLE = 22  # characters that fit over a panel
_ENDS = (-3, 1)  # powers of ten, times the mean: an exponential distribution has 99.9 % of its values between
# Size and filling; a ring is larger than a dot, so both are seen where they coincide.
_MARKS = {"alone": (5.4, "none"), "given all others": (2.8, "")}
_PARTIAL = (
    "Spearman's rank correlation of scores with what a network costs: alone (ring), and given all other measures "
    "(dot). In a title: the share of the variance of a score's ranks that all measures together explain. What is "
    "undefined is left out. "
)


def specs(study: StudyData) -> list[FigureSpec]:
    """Both questions, of the first sample."""
    found, looks = [], predictor_looks(study)
    for sample in study.samples[:1]:
        tests = sample.exponential.values()
        if tests:
            caption = (
                "The EDF of every predictor's positive form (named on its axis), in units of its mean, and the "
                "exponential distribution of that mean (dashed). D is the largest distance between both, p that "
                f"of Lilliefors' test. At the {next(iter(tests)).level:.0%} level the exponential distribution is "
                f"rejected for {sum(test.rejected for test in tests)} of {len(tests)}. "
                f"{of_sample(sample, sample.exponential)}"
            )
            draw, title = partial(exponential_figure, sample, looks), "Are scores distributed exponentially?"
            found.append(FigureSpec("exponential", title, caption, Section.SAMPLE, draw))
        if sample.partial:
            caption = _PARTIAL + of_sample(sample, sample.partial)
            draw, title = partial(partial_figure, sample, looks), "Is a score more than a network's cost?"
            found.append(FigureSpec("partial-correlation", title, caption, Section.SAMPLE, draw))
    return found


@styled()
def exponential_figure(sample: SampleData, looks: dict[str, Look]) -> Figure:
    """Draw a panel for each predictor that was tested."""
    columns = min(4, len(sample.exponential))
    figure, found = panels(TEXT, 1.6, len(sample.exponential), columns)
    for index, (axes, (name, test)) in enumerate(zip(found, sample.exponential.items(), strict=True)):
        values = sample.transforms[name].positive(sample.frame[name].to_numpy(dtype=np.float64))
        _draw_distribution(axes, values[np.isfinite(values) & (values > 0)], looks[name])
        verdict = "rejected" if test.rejected else "not rejected"
        title = fill(f"{name}: {verdict}", _TITLE)
        axes.set_title(f"{title}\nD = {test.statistic:.3f}, {_p_text(test.p_value)}")
        axes.set_xlabel(minus(f"{sample.transforms[name].positive_label} / mean"))
        axes.set_ylabel("fraction of networks" if index % columns == 0 else "")
    scores = line_handle(Look(MUTED), "scores")
    legend_below(figure, [scores, line_handle(_EXPECTED, "exponential distribution", width=1.0)])
    return figure


def _p_text(p: float) -> str:
    """Print a p-value; the table that it is read from ends at 0.001.

    >>> _p_text(0.0009999), _p_text(0.2345)
    ('p ≤ 0.001', 'p = 0.234')
    """
    return "p \N{LESS-THAN OR EQUAL TO} 0.001" if p < 0.00105 else f"p = {p:.3f}"


def _draw_distribution(axes: Axes, values: Floats, look: Look) -> None:
    """Draw both functions on a logarithmic axis that holds all values: they may span a hundred powers of ten."""
    # Divided by the largest first: the sum of all might overflow.
    scaled = values / values.max()
    x, fraction = edf(scaled / scaled.mean())
    low = min(_ENDS[0], math.floor(math.log10(float(x[0]))))
    high = max(_ENDS[1], math.ceil(math.log10(float(x[-1]))))
    # No value is left out, and the function is 0 before the first and 1 after the last.
    points = np.concatenate(([10.0**low, x[0]], x, [10.0**high]))
    heights = np.concatenate(([0.0, 0.0], fraction, [1.0]))
    axes.plot(points, heights, drawstyle="steps-post", color=look.colour, linewidth=1.2)
    grid = np.geomspace(10.0**low, 10.0**high, 100 * (high - low))
    axes.plot(grid, -np.expm1(-grid), color=_EXPECTED.colour, linestyle=_EXPECTED.dashes, linewidth=1.0)
    axes.set_xscale("log")
    ticks = _powers(low, high)
    axes.set_xlim(10.0**low, 10.0**high)
    axes.set_xticks([10.0**tick for tick in ticks], [power_label(tick) for tick in ticks])
    axes.set_ylim(-0.02, 1.02)
    axes.minorticks_off()


def _powers(low: int, high: int) -> list[int]:
    """Choose up to five powers of ten for ticks, equally far apart; one of them is 1, the mean.

    >>> _powers(-3, 1), _powers(-65, 3)
    ([-3, -2, -1, 0, 1], [-60, -40, -20, 0])
    """
    step = next(s for s in (1, 2, 4, 5, 10, 20, 50, 100, 200) if (high - low) // s <= 4)
    return [power for power in range(low, high + 1) if power % step == 0]


@styled()
def partial_figure(sample: SampleData, looks: dict[str, Look]) -> Figure:
    """Draw a panel of dots for each predictor."""
    columns = min(4, len(sample.partial))
    figure, found = panels(TEXT, 1.42, len(sample.partial), columns)
    for index, (axes, (name, costs)) in enumerate(zip(found, sample.partial.items(), strict=True)):
        rows, colour = np.arange(len(costs.names)), looks[name].colour
        axes.axvline(0, color=MUTED, linewidth=0.6)
        axes.hlines(rows, costs.plain, costs.partial, color=colour, linewidth=0.7)
        for values, (size, inside) in zip((costs.plain, costs.partial), _MARKS.values(), strict=True):
            axes.plot(values, rows, "o", markersize=size, color=colour, mfc=inside or colour, clip_on=False)
        axes.set_xlim(-1.05, 1.05)
        axes.set_xticks([-1, -0.5, 0, 0.5, 1], [minus("-1"), "", "0", "", "1"])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        names = [LABELS[cost].unit for cost in costs.names]
        axes.set_yticks(rows, names if index % columns == 0 else [""] * len(names))
        known = math.isfinite(costs.explained)
        explained = f"{costs.explained:.0%} explained" if known else "nothing to explain"
        axes.set_title(f"{name}\n{explained}")
    handles = [
        Line2D([], [], linestyle="", marker="o", markersize=size, color=MUTED, mfc=inside or MUTED, label=text)
        for text, (size, inside) in _MARKS.items()
    ]
    legend_below(figure, handles)
    return figure
