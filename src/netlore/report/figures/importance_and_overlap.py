"""Beyond the paper: cost, importance, what repeats, and where predictors agree."""

from __future__ import annotations

import math
from functools import partial
from textwrap import fill

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from netlore.analysis.interval_overlap import Agreement
from netlore.report.data import RefinementData, SampleData, StudyData
from netlore.report.figures.axes import legend_below, panels
from netlore.report.figures.basis import of_sample, predictor_looks
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.heatmap import draw_heat, draw_triangle
from netlore.report.figures.style import COLUMN, MUTED, TEXT, Look, new_figure, styled
from netlore.report.numbers import minus
from netlore.space.complexity import LABELS

# Size and filling; a ring is larger than a dot, so both are seen where they coincide.
_MARKS = {"alone": (5.4, "none"), "given all others": (2.8, "")}
_PARTIAL = (
    "Spearman's rank correlation of scores with what a network costs: alone (ring), and given all other measures "
    "(dot). In a title: the share of the variance of a score's ranks that all measures together explain. What is "
    "undefined is left out. "
)
_IMPORTANCE = (
    "How much a random forest's R² on networks that it has not seen drops when a hyperparameter is shuffled; "
    "under each predictor that R². Where the R² is low, nothing here means much. Values can exceed 1. "
)
_STABILITY = (
    "How often the final interval of one seed contains the final median of another, over all ordered pairs of "
    "seeds: 1 if a principle repeats, 0 if it depends on the seed."
)
_AGREEMENT = (
    "Values in both final intervals over values in either (Jaccard), on the grid, mean over all hyperparameters: "
    "1 for the same principles, 0 for none in common. Of replicates the first."
)


def specs(study: StudyData) -> list[FigureSpec]:
    """What there is of them: of the first sample, of replicates, of data sets with several predictors."""
    found = []
    sample = study.samples[0] if study.samples else None
    if sample is not None and sample.partial:
        draw = partial(partial_figure, sample, predictor_looks(study))
        caption = _PARTIAL + of_sample(sample, sample.partial)
        title = "Is a score more than a network's cost?"
        found.append(FigureSpec("partial-correlation", title, caption, Section.SAMPLE, draw))
    if sample is not None and sample.importance:
        draw = partial(importance_figure, sample)
        caption = _IMPORTANCE + of_sample(sample, sample.importance)
        found.append(FigureSpec("importance", "Which hyperparameters matter", caption, Section.SAMPLE, draw))
    repeated = [one for one in study.refinements if one.stability is not None]
    if repeated:
        draw = partial(stability_figure, repeated)
        title = "What repeats with other seeds"
        found.append(FigureSpec("stability", title, _STABILITY, Section.REFINEMENT, draw))
    if study.agreement:
        draw = partial(agreement_figure, study.agreement)
        title = "Where principles of predictors overlap"
        found.append(FigureSpec("agreement", title, _AGREEMENT, Section.REFINEMENT, draw))
    return found


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
        explained = "nothing to explain"
        if math.isfinite(costs.explained):
            explained = f"{costs.explained:.0%} explained"
        axes.set_title(f"{name}\n{explained}")
    handles = [
        Line2D([], [], linestyle="", marker="o", markersize=size, color=MUTED, mfc=inside or MUTED, label=text)
        for text, (size, inside) in _MARKS.items()
    ]
    legend_below(figure, handles)
    return figure


@styled()
def importance_figure(sample: SampleData) -> Figure:
    """Draw hyperparameters against predictors."""
    found = sample.importance
    hyperparameters = next(iter(found.values())).names
    values = np.stack([one.values for one in found.values()], axis=1)
    labels = [f"{fill(name, 12)}\nR² {minus(f'{one.r2:.2f}')}" for name, one in found.items()]
    figure = new_figure(COLUMN if len(found) < 5 else TEXT, 0.22 * len(hyperparameters) + 0.5)
    limits = (0.0, max(float(np.nanmax(values)), 0.1))
    draw_heat(figure.add_subplot(), values, hyperparameters, labels, limits, "Blues")
    return figure


@styled()
def stability_figure(runs: list[RefinementData]) -> Figure:
    """Draw refinements against hyperparameters."""
    names = list(dict.fromkeys(name for one in runs for name in one.grids))
    rows, values = [], []
    for one in runs:
        assert one.stability is not None
        found = dict(zip(one.stability.names, one.stability.containment.tolist(), strict=True))
        rows.append(f"{one.predictor}, {one.data} ({one.stability.replicates} seeds)")
        values.append([found.get(name, math.nan) for name in names])
    figure = new_figure(TEXT, 0.27 * len(rows) + 0.35)
    draw_heat(figure.add_subplot(), np.asarray(values, dtype=np.float64), rows, names, (0.0, 1.0), "Blues")
    return figure


@styled()
def agreement_figure(agreements: dict[str, Agreement]) -> Figure:
    """Draw a triangle of overlaps for each data set."""
    most = max(len(found.names) for found in agreements.values())
    figure, found = panels(COLUMN if len(agreements) == 1 else TEXT, 0.32 * most + 0.8, len(agreements), 2, 0.0)
    for axes, (data, one) in zip(found, agreements.items(), strict=True):
        draw_triangle(axes, one.jaccard, one.names, (0.0, 1.0), "Blues")
        axes.set_title(data)
    return figure
