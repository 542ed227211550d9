"""Beyond the paper: how soon and how high replicated refinements climb, against the noise of initialisation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.axes import draw_noise, legend_below, line_handle, noise_handles, padded, panels
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.style import COLUMN, TEXT, Look, looks_of, styled
from netlore.report.numbers import count_label, minus, number_text

_BAND = 0.15  # opacity: lines stay visible on it
_LEFT_OUT = 0.05  # of a course at its beginning: how low it starts would squeeze where it ends
_CAPTION = (
    "A line for each seed: the mean of its twelve best architectures so far, each by the mean of its scores so "
    "far. Horizontal: the highest mean of any architecture over all seeds, of those scored twice if there are "
    "any; band: one noise unit around it, the standard deviation of the scores of one architecture over its "
    "initialisations. Lines may begin below the axes, and fall where a lucky architecture is scored again."
)


def specs(study: StudyData) -> Iterator[FigureSpec]:
    """One figure of all replicated refinements."""
    if repeated := [one for one in study.refinements if one.repeatability is not None]:
        draw, title = partial(repeatability_figure, repeated), "How high other seeds climb"
        yield FigureSpec("repeatability", title, _CAPTION, Section.REFINEMENT, draw)


@styled()
def repeatability_figure(runs: list[RefinementData]) -> Figure:
    """Draw a panel of courses for each replicated refinement."""
    looks = looks_of(f"seed {seed}" for seed in sorted({each.seed for one in runs for each in one.refinements}))
    columns = min(3, len(runs))
    figure, found = panels(COLUMN if columns == 1 else TEXT, 1.75, len(runs), columns)
    for index, (axes, one) in enumerate(zip(found, runs, strict=True)):
        _draw(axes, one, looks)
        axes.set_ylabel(minus(f"elite score, {one.scale}"))
        axes.set_xlabel("networks scored" if index + columns >= len(runs) else "")
    handles = [line_handle(look, label) for label, look in looks.items()]
    legend_below(figure, [*handles, *noise_handles(_BAND)])
    return figure


def _draw(axes: Axes, one: RefinementData, looks: dict[str, Look]) -> None:
    """Draw the best known score, its noise and every seed's course."""
    assert one.repeatability is not None
    best, noise = one.repeatability.best_known, one.repeatability.noise
    # In numbers, too: where scores range widely, the band is thinner than a line.
    known = "not known" if noise is None else number_text(noise)
    axes.set_title(f"{fill(f'{one.predictor}, {one.data}', 36)}\nnoise {known}")
    draw_noise(axes, best, noise, _BAND, zorder=1)
    seen = [best - (noise or 0.0), best + (noise or 0.0)]
    for replicate, course in zip(one.refinements, one.courses, strict=True):
        look = looks[f"seed {replicate.seed}"]
        axes.plot(course[:, 0], course[:, 1], linewidth=1.1, **look.line())
        later = course[course[:, 0] >= _LEFT_OUT * course[-1, 0], 1]
        seen += [float(value) for value in later if math.isfinite(value)]
    low, high = min(seen), max(seen)
    axes.set_ylim(*padded(low, high, 0.05, 0.05))
    axes.set_xlim(0, 1.02 * max(float(np.max(course[:, 0])) for course in one.courses))
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: count_label(value) if value else "0")
    axes.locator_params(axis="y", nbins=4)
