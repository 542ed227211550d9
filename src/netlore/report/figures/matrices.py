"""Matrices as coloured cells: Kendall's tau (the paper's Fig. 2), importance, stability, overlaps, confusion."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font

from netlore.analysis import Floats
from netlore.analysis.correlation import Correlation
from netlore.analysis.interval_overlap import Agreement
from netlore.report.data import RefinementData, StudyData, TrainedArchitecture
from netlore.report.figures.axes import panels, spread
from netlore.report.figures.figure import FigureSpec, Section, of_sample
from netlore.report.figures.style import COLUMN, INK, TEXT, new_figure, styled
from netlore.report.names import slug
from netlore.report.sample_data import SampleData
from netlore.report.text.phrases import join, minus, span
from netlore.report.trainings import counted
from netlore.training.evaluation import Evaluation

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
_ACROSS = 18  # hyperparameters that fit side by side
_COUNTED = 20  # classes up to which each cell has room for its number
_NAMED = 100  # classes up to which each row has room for its name
_NAME = 16  # characters of a class's name


def specs(study: StudyData) -> Iterator[FigureSpec]:
    """Fig. 2 and importance, of the first sample; what repeats of replicates, what overlaps of predictors."""
    for sample in study.samples[:1]:
        found = sample.correlation
        if found is not None and len(found.names) > 1:
            caption, draw = _correlation_caption(sample, found), partial(correlation_figure, found)
            yield FigureSpec("fig2-correlation", "Do predictors agree?", caption, Section.OVERVIEW, draw, 2)
        if sample.importance:
            draw, caption = partial(importance_figure, sample), _IMPORTANCE + of_sample(sample, sample.importance)
            yield FigureSpec("importance", "Which hyperparameters matter", caption, Section.SAMPLE, draw)
    repeated = [one for one in study.refinements if one.stability is not None]
    if repeated:
        draw, title = partial(stability_figure, repeated), "What repeats with other seeds"
        yield FigureSpec("stability", title, _STABILITY, Section.REFINEMENT, draw)
    if study.agreement:
        draw, title = partial(agreement_figure, study.agreement), "Where principles of predictors overlap"
        yield FigureSpec("agreement", title, _AGREEMENT, Section.REFINEMENT, draw)
    for one in study.trainings:
        for record in [each for each in counted(one) if each.evaluation is not None][:1]:
            assert record.evaluation is not None
            names = tuple(map(str, range(len(record.evaluation.confusion))))
            if len(one.class_names) == len(names):
                names = one.class_names
            title, draw = f"What {one.name} takes for what", partial(confusion_figure, record.evaluation, names)
            caption = _confusion_caption(one, record.seed, record.evaluation, names)
            yield FigureSpec(f"confusion-{slug(one.name)}", title, caption, Section.TRAINING, draw)


def _confusion_caption(one: TrainedArchitecture, seed: int, found: Evaluation, names: Sequence[str]) -> str:
    errors = [(error, name) for error, name in zip(found.class_errors, names, strict=True) if error is not None]
    worst = sorted(errors, key=lambda pair: -pair[0])[:3]
    return (
        f"Rows: the class of a validation image of {one.data}; columns: the class that the network takes it for, "
        "in the same order. Colours are percent of a row. What is right lies on the diagonal. "
        f"Highest errors of a class: {join([f'{error:.1f} % ({name})' for error, name in worst])}. "
        f"Recipe {one.recipe}, seed {seed}."
    )


def _correlation_caption(sample: SampleData, found: Correlation) -> str:
    pairs = np.tril_indices(len(found.names), -1)
    dropped = found.dropped[pairs].max()
    return (
        "Kendall's tau between the scores of two predictors: 1 if both rank all networks alike, "
        "\N{MINUS SIGN}1 if in opposite order, 0 if neither predicts the other's ranks. "
        f"{span(found.n[pairs].tolist(), 'network')} of {sample.family} on {sample.data}, seed {sample.seed}; "
        f"left out without a score: {f'at most {dropped:,} of a pair' if dropped else 'none'}."
    )


@styled()
def correlation_figure(found: Correlation) -> Figure:
    """Draw the lower triangle; a value needs a third of an inch."""
    count = len(found.names)
    figure = new_figure(COLUMN if count <= 8 else TEXT, 0.34 * count + 0.75)
    draw_triangle(figure.add_subplot(), found.tau, found.names, (-1.0, 1.0), "PuOr_r")
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
    shares = np.asarray(values, dtype=np.float64)
    if len(names) <= _ACROSS:
        figure = new_figure(TEXT, 0.27 * len(rows) + 0.35)
        draw_heat(figure.add_subplot(), shares, rows, names, (0.0, 1.0), "Blues")
        return figure
    figure = new_figure(COLUMN if len(rows) < 4 else TEXT, 0.22 * len(names) + 0.6)
    below = [fill(row, 16) for row in rows]
    draw_heat(figure.add_subplot(), shares.T, names, below, (0.0, 1.0), "Blues")
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


@styled()
def confusion_figure(found: Evaluation, names: Sequence[str]) -> Figure:
    """Draw counts of validation images, true class against predicted class; many classes have colours alone."""
    counts = np.asarray(found.confusion, dtype=np.float64)
    totals, many = counts.sum(axis=1, keepdims=True), len(names) > _COUNTED
    shares = np.ma.masked_invalid(100 * counts / np.where(totals > 0, totals, np.nan))
    figure = new_figure(TEXT, 9.0) if many else new_figure(TEXT, 0.27 * len(names) + 0.9)
    axes = figure.add_subplot()
    # A few percent must be seen, too. An SVG of ten thousand cells would be larger than the rest of a page.
    mesh = axes.pcolormesh(shares, cmap="Blues", norm=PowerNorm(0.5, 0.0, 100.0), rasterized=many)
    axes.invert_yaxis()
    axes.set_xlabel("predicted class")
    labels = [class_label(number, name, many) for number, name in enumerate(names)]
    places = spread(range(len(names)), _NAMED)
    size = min(7.0, 400.0 / len(places))  # points: a row's height is that of the figure, shared by all
    axes.set_yticks([place + 0.5 for place in places], [labels[place] for place in places], fontsize=size)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if many:
        columns = spread(range(len(names)), 11)
        axes.set_xticks([place + 0.5 for place in columns], list(map(str, columns)))
        figure.colorbar(mesh, ax=axes, orientation="horizontal", label="percent of a class", aspect=60, pad=0.01)
        return figure
    axes.set_xticks(np.arange(len(names)) + 0.5, labels, rotation=90)
    fills = mesh.to_rgba(shares)
    for row, column in zip(*np.nonzero(counts), strict=True):
        ink = ink_on(fills[row, column].tolist())
        text = f"{found.confusion[row][column]:,}"
        axes.annotate(text, (column + 0.5, row + 0.5), ha="center", va="center", color=ink, fontsize=5.5)
    return figure


def class_label(number: int, name: str, numbered: bool) -> str:
    """A class's name, shortened; its number before it if asked, or alone where the font lacks a sign of it."""
    font = get_font(findfont("DejaVu Sans"))
    if not all(font.get_char_index(ord(sign)) for sign in name):
        return str(number)
    short = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
    return f"{number} {short}" if numbered else short


def draw_heat(
    axes: Axes,
    values: Floats,
    rows: Sequence[str],
    columns: Sequence[str],
    limits: tuple[float, float],
    colours: str,
) -> None:
    """Draw a matrix; a cell without a value stays white and says so by a dash.

    Args:
        axes: Where to.
        values: Shape (rows, columns); NaN for no value, and infinite for a cell that is left out.
        rows: Names of the rows.
        columns: Names of the columns.
        limits: Values of both ends of the colours.
        colours: Name of a colour map.
    """
    # Cells and not an image: they stay sharp at every size.
    cells = np.ma.masked_invalid(values)
    mesh = axes.pcolormesh(cells, cmap=colours, vmin=limits[0], vmax=limits[1], edgecolors="white", linewidth=1.0)
    fills = mesh.to_rgba(cells)
    for row, column in zip(*np.nonzero(~np.isinf(values)), strict=True):
        value = float(values[row, column])
        # A value that rounds to zero has no sign.
        text = "\N{EN DASH}" if np.isnan(value) else minus(f"{round(value, 2) + 0.0:.2f}")
        ink = INK if np.isnan(value) else ink_on(fills[row, column].tolist())
        axes.annotate(text, (column + 0.5, row + 0.5), ha="center", va="center", color=ink, fontsize=6.5)
    axes.invert_yaxis()
    axes.set_xticks(np.arange(len(columns)) + 0.5, columns)
    axes.set_yticks(np.arange(len(rows)) + 0.5, rows)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def draw_triangle(
    axes: Axes, values: Floats, names: Sequence[str], limits: tuple[float, float], colours: str
) -> None:
    """Draw the part of a symmetric matrix below its diagonal; the names of its columns are slanted."""
    below = np.where(np.tri(len(names), k=-1, dtype=bool), values, np.inf)
    draw_heat(axes, below[1:, :-1], names[1:], names[:-1], limits, colours)
    for label in axes.get_xticklabels():
        label.set(rotation=35, horizontalalignment="right", rotation_mode="anchor")


def ink_on(fill: Sequence[float]) -> str:
    """Black or white, whichever is read more easily on a colour (relative luminance, WCAG 2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in fill[:3]]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if luminance > 0.2 else "white"
