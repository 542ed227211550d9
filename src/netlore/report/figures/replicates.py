"""Beyond the paper: how soon and how high replicated refinements climb, against the noise of initialisation."""

from __future__ import annotations

import math
from functools import partial
from textwrap import fill

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.axes import legend_below, panel_grid
from netlore.report.figures.figure import FigurePlan
from netlore.report.figures.print_style import COLUMN, TEXT, columns_that_fit, printed
from netlore.report.figures.style import INK, Look, looks, new_figure
from netlore.report.numbers import count_label, number_text

_BAND = 0.15  # opacity: lines stay visible on it
_LEFT_OUT = 0.05  # of a course at its beginning: how low it starts would squeeze where it ends


def plans(findings: StudyData) -> list[FigurePlan]:
    """One figure of all replicated refinements."""
    repeated = [one for one in findings.refinements if one.repeatability is not None]
    if not repeated:
        return []
    return [
        FigurePlan(
            name="repeatability",
            title="How high other seeds climb",
            caption=(
                "A line for each seed: the mean of its twelve best architectures so far, each by the mean of its "
                "scores so far. Horizontal: the highest mean of any architecture over all seeds, of those scored "
                "twice if there are any; band: one noise unit around it, the standard deviation of the scores of "
                "one architecture over its initialisations. Lines may begin below the axes, and fall where a "
                "lucky architecture is scored again."
            ),
            draw=partial(repeatability_figure, repeated),
        )
    ]


def repeatability_figure(refinements: list[RefinementData]) -> Figure:
    """Draw a panel of courses for each replicated refinement."""
    seeds = sorted({story.seed for one in refinements for story in one.refinements})
    look = dict(zip(seeds, looks(len(seeds)), strict=True))
    columns = min(3, len(refinements))
    rows = math.ceil(len(refinements) / columns)
    with printed():
        figure = new_figure(COLUMN if columns == 1 else TEXT, 1.75 * rows + 0.4)
        panels = panel_grid(figure, len(refinements), columns)
        for index, (axes, one) in enumerate(zip(panels, refinements, strict=True)):
            _draw(axes, one, look)
            axes.set_title(_title(one))
            axes.set_ylabel(f"elite score, {one.scale}".replace("-", "\N{MINUS SIGN}"))
            axes.set_xlabel("networks scored" if index + columns >= len(refinements) else "")
        handles: list[Artist] = [
            Line2D([], [], color=one.colour, linestyle=one.dashes, linewidth=1.2, label=f"seed {seed}")
            for seed, one in look.items()
        ]
        handles.append(Line2D([], [], color=INK, linewidth=0.8, label="best known mean score"))
        handles.append(Patch(facecolor=INK, alpha=_BAND, label="\N{PLUS-MINUS SIGN} one noise unit"))
        legend_below(figure, handles, min(columns_that_fit(handles), 2 if columns == 1 else 9))
    return figure


def _title(one: RefinementData) -> str:
    """What was refined, and the noise in numbers: where scores range widely, its band is thinner than a line."""
    assert one.repeatability is not None
    noise = one.repeatability.noise
    what = f"{one.predictor}, {one.data}"
    return f"{fill(what, 36)}\nnoise {'not known' if noise is None else number_text(noise)}"


def _draw(axes: Axes, one: RefinementData, look: dict[int, Look]) -> None:
    """Draw the best known score, its noise and every seed's course."""
    assert one.repeatability is not None
    best, noise = one.repeatability.best_known, one.repeatability.noise or 0.0
    if noise:
        axes.axhspan(best - noise, best + noise, color=INK, alpha=_BAND, linewidth=0)
    axes.axhline(best, color=INK, linewidth=0.8)
    seen = [best - noise, best + noise]
    for story, course in zip(one.refinements, one.courses, strict=True):
        style = look[story.seed]
        axes.plot(course[:, 0], course[:, 1], color=style.colour, linestyle=style.dashes, linewidth=1.1)
        later = course[course[:, 0] >= _LEFT_OUT * course[-1, 0], 1]
        seen += [float(value) for value in later if math.isfinite(value)]
    low, high = min(seen), max(seen)
    slack = 0.05 * (high - low) or max(0.05 * abs(high), 0.5)
    axes.set_ylim(low - slack, high + slack)
    longest = max(float(np.max(course[:, 0])) for course in one.courses)
    axes.set_xlim(0, longest * 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: count_label(value) if value else "0")
    axes.locator_params(axis="y", nbins=4)
