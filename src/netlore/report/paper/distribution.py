"""Are scores distributed exponentially, as section VI-A of the paper says?"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from netlore.analysis.edf import edf
from netlore.report.figure_plan import FigurePlan
from netlore.report.findings import SampleFindings, StudyFindings
from netlore.report.panels import legend_below, line_handle, panel_grid, power_label, spread
from netlore.report.paper.print_style import TEXT, looks_of, predictors_of, printed
from netlore.report.style import MUTED, Look, new_figure

_EXPECTED = Look(MUTED, (0.0, (3.0, 1.5)), "", 1.0, 0.0)
_SMALLEST = 1e-3  # times the mean: below it an exponential distribution has 0.1 % of its values


def plans(findings: StudyFindings) -> list[FigurePlan]:
    """One figure, of the first sample."""
    sample = findings.samples[0] if findings.samples else None
    if sample is None or not sample.exponential:
        return []
    rejected = sum(test.rejected for test in sample.exponential.values())
    level = next(iter(sample.exponential.values())).level
    return [
        FigurePlan(
            name="exponential",
            title="Are scores distributed exponentially?",
            caption=(
                "The EDF of every predictor's positive form (named on its axis), in units of its mean, and the "
                "exponential distribution of that mean (dashed). D is the largest distance between both, p that "
                f"of Lilliefors' test. At the {level:.0%} level the exponential distribution is rejected for "
                f"{rejected} of {len(sample.exponential)}. {len(sample.frame):,} networks of {sample.family} on "
                f"{sample.data}, seed {sample.seed}."
            ),
            draw=partial(exponential_figure, sample, looks_of(predictors_of(findings))),
        )
    ]


def exponential_figure(sample: SampleFindings, look: dict[str, Look]) -> Figure:
    """Draw a panel for each predictor that was tested."""
    columns = min(4, len(sample.exponential))
    rows = math.ceil(len(sample.exponential) / columns)
    with printed():
        figure = new_figure(TEXT, 1.6 * rows + 0.3)
        panels = panel_grid(figure, len(sample.exponential), columns)
        for index, (axes, (name, test)) in enumerate(zip(panels, sample.exponential.items(), strict=True)):
            form = sample.positive_forms[name]
            _draw_distribution(axes, _positive(sample.frame[name].to_numpy(dtype=np.float64), form), look[name])
            verdict = "rejected" if test.rejected else "not rejected"
            axes.set_title(f"{name}: {verdict}\nD = {test.statistic:.2f}, {_p_text(test.p_value)}")
            axes.set_xlabel(f"{form} / mean".replace("-", "\N{MINUS SIGN}"))
            axes.set_ylabel("fraction of networks" if index % columns == 0 else "")
        scores = Look(MUTED, "solid", "", 1.2, 0.0)
        legend_below(figure, [line_handle(scores, "scores"), line_handle(_EXPECTED, "exponential distribution")])
    return figure


def _p_text(p: float) -> str:
    """Print a p-value; the table that it is read from ends at 0.001.

    >>> _p_text(0.0009999), _p_text(0.2345)
    ('p ≤ 0.001', 'p = 0.234')
    """
    return "p \N{LESS-THAN OR EQUAL TO} 0.001" if p < 0.00105 else f"p = {p:.3f}"


def _positive(scores: NDArray[np.float64], form: str) -> NDArray[np.float64]:
    """The values of a positive form that are finite and positive."""
    signed = {"S": scores, "-S": -scores, "|S|": np.abs(scores)}[form]
    kept: NDArray[np.float64] = signed[np.isfinite(signed) & (signed > 0)]
    return kept


def _draw_distribution(axes: Axes, values: NDArray[np.float64], look: Look) -> None:
    """Draw both functions on a logarithmic axis: scores may span a hundred powers of ten."""
    # Divided by the largest first: the sum of all might overflow.
    scaled = values / values.max()
    x, fraction = edf(scaled / scaled.mean())
    shown = np.unique(np.linspace(0, len(x) - 1, min(len(x), 200)).astype(int))
    axes.plot(x[shown], fraction[shown], drawstyle="steps-post", color=look.colour, linewidth=1.2)
    grid = np.geomspace(_SMALLEST, 20.0, 150)
    axes.plot(grid, -np.expm1(-grid), color=_EXPECTED.colour, linestyle=_EXPECTED.dashes, linewidth=1.0)
    axes.set_xscale("log")
    end = max(1, math.ceil(math.log10(float(x.max()))))
    ticks = spread(range(round(math.log10(_SMALLEST)), end + 1), 4)
    axes.set_xlim(_SMALLEST, 10.0**end)
    axes.set_xticks([10.0**tick for tick in ticks], [power_label(tick) for tick in ticks])
    axes.set_ylim(-0.02, 1.02)
    axes.minorticks_off()
