"""Kendall's tau between predictors (the paper's Fig. 2)."""

from __future__ import annotations

from functools import partial

import numpy as np
from matplotlib.figure import Figure

from netlore.analysis.correlation import Correlation
from netlore.report.data import StudyData
from netlore.report.figures.figure import FigurePlan
from netlore.report.figures.heatmap import MINUS, draw_heat
from netlore.report.figures.print_style import COLUMN, TEXT, printed
from netlore.report.figures.style import new_figure


def plans(findings: StudyData) -> list[FigurePlan]:
    """Fig. 2, of the first sample."""
    sample = findings.samples[0] if findings.samples else None
    if sample is None or sample.correlation is None or len(sample.correlation.names) < 2:
        return []
    found = sample.correlation
    pairs = np.tril_indices(len(found.names), -1)
    n, dropped = found.n[pairs], found.dropped[pairs]
    networks = f"{n.min():,}" if n.min() == n.max() else f"{n.min():,} to {n.max():,}"
    left_out = f"at most {dropped.max():,} left out of a pair" if dropped.max() else "none left out"
    return [
        FigurePlan(
            name="fig2-correlation",
            title="Do predictors agree?",
            caption=(
                "Kendall's tau between the scores of two predictors: 1 if both rank all networks alike, "
                f"{MINUS}1 if one turns the other's ranks around, 0 if neither tells anything of the other. "
                f"{networks} networks of {sample.family} on {sample.data}, seed {sample.seed}, {left_out} for "
                "want of a score."
            ),
            draw=partial(correlation_figure, found),
        )
    ]


def correlation_figure(found: Correlation) -> Figure:
    """Draw the lower triangle."""
    below = np.where(np.tri(len(found.names), k=-1, dtype=bool), found.tau, np.inf)
    with printed():
        # A value needs a third of an inch.
        width = COLUMN if len(found.names) <= 8 else TEXT
        figure = new_figure(width, 0.34 * len(found.names) + 0.75)
        axes = figure.add_subplot()
        draw_heat(axes, below[1:, :-1], found.names[1:], found.names[:-1], (-1.0, 1.0), "PuOr_r")
        axes.tick_params(axis="x", rotation=35)
        for label in axes.get_xticklabels():
            label.set_horizontalalignment("right")
            label.set_rotation_mode("anchor")
    return figure
