"""Kendall's tau between predictors (the paper's Fig. 2)."""

from __future__ import annotations

from functools import partial

import numpy as np
from matplotlib.figure import Figure

from netlore.analysis.correlation import Correlation
from netlore.report.data import StudyData
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.heatmap import draw_triangle
from netlore.report.figures.style import COLUMN, TEXT, new_figure, styled


def specs(study: StudyData) -> list[FigureSpec]:
    """Fig. 2, of the first sample."""
    sample = study.samples[0] if study.samples else None
    if sample is None or sample.correlation is None or len(sample.correlation.names) < 2:
        return []
    found = sample.correlation
    pairs = np.tril_indices(len(found.names), -1)
    n, dropped = found.n[pairs], found.dropped[pairs]
    networks = f"{n.min():,}" if n.min() == n.max() else f"{n.min():,} to {n.max():,}"
    left_out = f"at most {dropped.max():,} of a pair" if dropped.max() else "none"
    caption = (
        "Kendall's tau between the scores of two predictors: 1 if both rank all networks alike, "
        "\N{MINUS SIGN}1 if in opposite order, 0 if neither predicts the other's ranks. "
        f"{networks} networks of {sample.family} on {sample.data}, seed {sample.seed}; left out without a score: "
        f"{left_out}."
    )
    draw = partial(correlation_figure, found)
    return [FigureSpec("fig2-correlation", "Do predictors agree?", caption, Section.OVERVIEW, draw, 2)]


@styled()
def correlation_figure(found: Correlation) -> Figure:
    """Draw the lower triangle; a value needs a third of an inch."""
    count = len(found.names)
    figure = new_figure(COLUMN if count <= 8 else TEXT, 0.34 * count + 0.75)
    draw_triangle(figure.add_subplot(), found.tau, found.names, (-1.0, 1.0), "PuOr_r")
    return figure
