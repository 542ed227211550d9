"""Beyond the paper: cost, importance, what repeats, and where predictors agree."""

from __future__ import annotations

import math
from functools import partial
from textwrap import fill

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from netlore.report.data import RefinementData, SampleData, StudyData
from netlore.report.figures.axes import legend_below, panel_grid
from netlore.report.figures.figure import FigurePlan
from netlore.report.figures.heatmap import draw_heat
from netlore.report.figures.missing import without_score
from netlore.report.figures.print_style import COLUMN, TEXT, looks_of, predictors_of, printed
from netlore.report.figures.style import MUTED, Look, new_figure

_MEASURES = {"flops": "FLOPs", "params": "parameters"}
# Size and filling; a ring is larger than a dot, so both are seen where they coincide.
_MARKS = {"alone": (5.4, "none"), "given all others": (2.8, "")}


def plans(findings: StudyData) -> list[FigurePlan]:
    """What the findings have of them: of the first sample, of replicates, of data sets with several predictors."""
    found = []
    if findings.samples:
        found += _of_sample(findings.samples[0], looks_of(predictors_of(findings)))
    repeated = [one for one in findings.refinements if one.stability is not None]
    if repeated:
        found.append(
            FigurePlan(
                name="stability",
                title="What repeats with other seeds",
                caption=(
                    "How often the final interval of one seed contains the final median of another, over all "
                    "ordered pairs of seeds: 1 if a principle repeats, 0 if it depends on the seed."
                ),
                draw=partial(stability_figure, repeated),
            )
        )
    if findings.agreement:
        found.append(
            FigurePlan(
                name="agreement",
                title="Where principles of predictors overlap",
                caption=(
                    "Values in both final intervals over values in either (Jaccard), on the grid, mean over all "
                    "hyperparameters: 1 for the same principles, 0 for none in common. Of replicates the first."
                ),
                draw=partial(agreement_figure, findings),
            )
        )
    return found


def _of_sample(sample: SampleData, look: dict[str, Look]) -> list[FigurePlan]:
    of = f"{len(sample.frame):,} networks of {sample.family} on {sample.data}, seed {sample.seed}"
    found = []
    if sample.partial:
        found.append(
            FigurePlan(
                name="partial-correlation",
                title="Is a score more than a network's cost?",
                caption=(
                    "Spearman's rank correlation of scores with what a network costs: alone (ring), and given "
                    "all other measures (dot). In a title: the share of the variance of a score's ranks that "
                    "all measures together explain. What is undefined is left out. "
                    f"{of}; {without_score(sample, sample.partial)}."
                ),
                draw=partial(partial_figure, sample, look),
            )
        )
    if sample.importance:
        found.append(
            FigurePlan(
                name="importance",
                title="Which hyperparameters matter",
                caption=(
                    "How much a random forest's R² on networks that it has not seen drops when a hyperparameter "
                    "is shuffled; under each predictor that R². Where the R² is low, nothing here means much. "
                    f"Values can exceed 1. {of}; {without_score(sample, sample.importance)}."
                ),
                draw=partial(importance_figure, sample),
            )
        )
    return found


def partial_figure(sample: SampleData, look: dict[str, Look]) -> Figure:
    """Draw a panel of dots for each predictor."""
    columns = min(4, len(sample.partial))
    rows = math.ceil(len(sample.partial) / columns)
    with printed():
        figure = new_figure(TEXT, 1.42 * rows + 0.3)
        panels = panel_grid(figure, len(sample.partial), columns)
        for index, (axes, (name, found)) in enumerate(zip(panels, sample.partial.items(), strict=True)):
            places = np.arange(len(found.names))
            axes.axvline(0, color=MUTED, linewidth=0.6)
            axes.hlines(places, found.plain, found.partial, color=look[name].colour, linewidth=0.7)
            for values, (size, fill) in zip((found.plain, found.partial), _MARKS.values(), strict=True):
                fill = fill or look[name].colour
                axes.plot(values, places, "o", markersize=size, color=look[name].colour, mfc=fill, clip_on=False)
            axes.set_xlim(-1.05, 1.05)
            axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["\N{MINUS SIGN}1", "", "0", "", "1"])
            axes.set_ylim(len(places) - 0.5, -0.5)
            names = [_MEASURES.get(measure, measure) for measure in found.names]
            axes.set_yticks(places, names if index % columns == 0 else [""] * len(names))
            explained = (
                f"{found.explained:.0%} explained" if math.isfinite(found.explained) else "nothing to explain"
            )
            axes.set_title(f"{name}\n{explained}")
        handles = [
            Line2D([], [], linestyle="", marker="o", markersize=size, color=MUTED, mfc=fill or MUTED, label=text)
            for text, (size, fill) in _MARKS.items()
        ]
        legend_below(figure, handles)
    return figure


def importance_figure(sample: SampleData) -> Figure:
    """Draw hyperparameters against predictors."""
    names = list(sample.importance)
    hyperparameters = next(iter(sample.importance.values())).names
    values = np.stack([sample.importance[name].values for name in names], axis=1)
    top = max(float(np.nanmax(values)), 0.1)
    labels = [
        f"{fill(name, 12)}\nR² {sample.importance[name].r2:.2f}".replace("-", "\N{MINUS SIGN}") for name in names
    ]
    with printed():
        figure = new_figure(COLUMN if len(names) < 5 else TEXT, 0.22 * len(hyperparameters) + 0.5)
        draw_heat(figure.add_subplot(), values, hyperparameters, labels, (0.0, top), "Blues")
    return figure


def stability_figure(refinements: list[RefinementData]) -> Figure:
    """Draw refinements against hyperparameters."""
    names = list(dict.fromkeys(name for one in refinements for name in one.grids))
    rows, values = [], []
    for one in refinements:
        assert one.stability is not None
        found = dict(zip(one.stability.names, one.stability.containment.tolist(), strict=True))
        rows.append(f"{one.predictor}, {one.data} ({one.stability.replicates} seeds)")
        values.append([found.get(name, math.nan) for name in names])
    with printed():
        figure = new_figure(TEXT, 0.27 * len(rows) + 0.35)
        draw_heat(figure.add_subplot(), np.asarray(values, dtype=np.float64), rows, names, (0.0, 1.0), "Blues")
    return figure


def agreement_figure(findings: StudyData) -> Figure:
    """Draw a triangle of overlaps for each data set."""
    most = max(len(found.names) for found in findings.agreement.values())
    alone = len(findings.agreement) == 1
    rows = math.ceil(len(findings.agreement) / 2)
    with printed():
        figure = new_figure(COLUMN if alone else TEXT, (0.32 * most + 0.8) * rows)
        panels = panel_grid(figure, len(findings.agreement), 2)
        for axes, (data, found) in zip(panels, findings.agreement.items(), strict=True):
            below = np.where(np.tri(len(found.names), k=-1, dtype=bool), found.jaccard, np.inf)
            draw_heat(axes, below[1:, :-1], found.names[1:], found.names[:-1], (0.0, 1.0), "Blues")
            axes.set_title(data)
            axes.tick_params(axis="x", rotation=35)
            for label in axes.get_xticklabels():
                label.set_horizontalalignment("right")
                label.set_rotation_mode("anchor")
    return figure
