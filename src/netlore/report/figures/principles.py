"""The principles of all predictors side by side: an interval on its grid for each hyperparameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.figure import FigureSpec, Section, of_refinements, predictor_looks
from netlore.report.figures.style import INK, MUTED, TEXT, Look, new_figure, styled
from netlore.report.names import classes_of, kept_text
from netlore.report.text.methods import principles_caption

# Inches.
_CELL = 0.42  # the least width of a cell, in which an interval such as 128-512 can be read
_HEAD, _TITLE, _ROW, _SEED, _GAP, _PAD = 0.38, 0.19, 0.27, 0.055, 0.12, 0.05
_FONT, _SMALL = 7.0, 5.8  # points


def specs(study: StudyData) -> Iterator[FigureSpec]:
    """One figure of all refinements of a study, where there are two or more."""
    runs = study.refinements
    if len(runs) < 2:
        return
    seeds = " Thin bars: further seeds." if any(one.refinements[1:] for one in runs) else ""
    caption = (
        f"{principles_caption(runs)} Rows are predictors, columns hyperparameters. Dots are the values of the "
        "original design space, the bar is the final interval: a bar over all dots shows no preference, a single "
        f"mark a strict one.{seeds} {of_refinements(runs)}"
    )
    draw = partial(principles_figure, runs, predictor_looks(study))
    yield FigureSpec("principles", "What predictors prefer", caption, Section.OVERVIEW, draw)


class _Band(NamedTuple):
    """Columns that stand side by side, in inches; a figure has as many bands under each other as it needs.

    Attributes:
        left: Where the first cell begins.
        cell: The width of a cell.
        starts: Where each hyperparameter's cell begins.
        groups: What the classes are called: (name, first hyperparameter, how many).
    """

    left: float
    cell: float
    starts: dict[str, float]
    groups: tuple[tuple[str, str, int], ...]


@styled()
def principles_figure(runs: Sequence[RefinementData], looks: Mapping[str, Look], width: float = TEXT) -> Figure:
    """Draw a row for each refinement and a column for each hyperparameter, in a width in inches."""
    label = min(max(_width(one.predictor) for one in runs) + 0.1, 0.25 * width)
    bands = list(_bands(runs, width, label))
    data = list(dict.fromkeys(one.data for one in runs))
    rows = sum(_ROW + _SEED * (len(one.refinements) - 1) for one in runs)
    height = len(bands) * (_HEAD + rows + _TITLE * (len(data) if data[1:] else 0)) + _GAP * (len(bands) - 1) + _PAD
    figure = new_figure(width, height)
    figure.set_layout_engine("none")
    # One axes over all of the figure, in inches from its upper left corner.
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    y = 0.0
    for band in bands:
        _draw_head(axes, band, y, runs)
        y += _HEAD
        for name in data:
            if data[1:]:
                _text(axes, _PAD, y + 0.13, name, width - 2 * _PAD, weight="bold")
                y += _TITLE
            for one in (one for one in runs if one.data == name):
                _draw_row(axes, band, y, one, looks[one.predictor])
                y += _ROW + _SEED * (len(one.refinements) - 1)
        y += _GAP
    return figure


def _bands(runs: Sequence[RefinementData], width: float, label: float) -> Iterator[_Band]:
    """Divide the hyperparameters, as a rule between classes, into bands that fit the width."""
    classes = classes_of(dict.fromkeys(name for one in runs for name in one.grids))
    room = width - label - 2 * _PAD
    fit = max(1, int(room / _CELL))
    lines: list[list[tuple[str, tuple[str, ...]]]] = [[]]
    for group in classes:
        for start in range(0, len(group.names), fit):
            part = (group.singular, group.names[start : start + fit])
            if lines[-1] and _cell_width([*lines[-1], part], room) < _CELL:
                lines.append([])
            lines[-1].append(part)
    cell = min(_cell_width(line, room) for line in lines)
    for line in lines:
        starts, x = {}, label + _PAD
        for _, names in line:
            for name in names:
                starts[name] = x
                x += cell
            x += _GAP
        groups = tuple((title, names[0], len(names)) for title, names in line)
        yield _Band(label + _PAD, cell, starts, groups)


def _cell_width(line: Sequence[tuple[str, tuple[str, ...]]], room: float) -> float:
    return min((room - _GAP * (len(line) - 1)) / sum(len(names) for _, names in line), 1.6 * _CELL)


def _draw_head(axes: Axes, band: _Band, y: float, runs: Sequence[RefinementData]) -> None:
    """Name the classes over a line, and under it each hyperparameter with the ends of its grid."""
    for title, first, count in band.groups:
        x, span = band.starts[first], count * band.cell
        _text(axes, x, y + 0.12, title[:1].upper() + title[1:], span - 0.03, weight="bold")
        axes.plot([x, x + span - 0.04], [y + 0.165] * 2, color=MUTED, linewidth=0.6)
    for name, x in band.starts.items():
        grids = {one.grids[name] for one in runs if name in one.grids}
        ends = f"{min(grid[0] for grid in grids)}\N{EN DASH}{max(grid[-1] for grid in grids)}"
        used = _text(axes, x, y + 0.3, name, 0.5 * band.cell)
        _text(axes, x + used + 0.05, y + 0.3, ends, band.cell - used - 0.1, size=_SMALL, colour=MUTED)


def _draw_row(axes: Axes, band: _Band, y: float, one: RefinementData, look: Look) -> None:
    """Draw a refinement's intervals over their grids, those of further seeds as thinner bars under them."""
    _text(axes, _PAD, y + 0.225, one.predictor, band.left - 2 * _PAD)
    for name, x in band.starts.items():
        if name not in one.grids:
            _text(axes, x, y + 0.225, "\N{EN DASH}", band.cell, colour=MUTED)
            continue
        grid, (left, right) = one.grids[name], (x + 0.03, x + band.cell - 0.07)
        step = (right - left) / max(len(grid) - 1, 1)
        at = {value: left + i * step if grid[1:] else (left + right) / 2 for i, value in enumerate(grid)}
        bottom = y + 0.19
        axes.plot([left, right], [bottom] * 2, color=INK, alpha=0.15, linewidth=0.5, zorder=0)
        axes.plot(list(at.values()), [bottom] * len(at), "o", markersize=1.3, color=MUTED, mew=0, zorder=1)
        for index, replicate in enumerate(one.refinements):
            low, high = replicate.principles[name]
            ends, level = [at[low], at[high]], bottom + index * _SEED
            thick, mark = (2.4, 4.6) if index == 0 else (0.9, 2.6)
            axes.plot(ends, [level] * 2, color=look.colour, linewidth=thick, solid_capstyle="butt", zorder=2)
            axes.plot(ends, [level] * 2, "|", color=look.colour, markersize=mark, mew=0.4 * thick, zorder=2)
        text = kept_text(one.first.principles[name]).replace(", ", "\N{EN DASH}").strip("[]")
        _text(axes, left - 0.01, y + 0.115, text, band.cell - 0.06, size=_SMALL)


def _text(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    room: float,
    size: float = _FONT,
    colour: str = INK,
    weight: str = "normal",
) -> float:
    """Write on the line y from x on, in letters that are small enough for the room; the width, all in inches."""
    width = _width(text, size, weight)
    shrunk = min(1.0, room / width)
    axes.text(x, y, text, fontsize=size * shrunk, color=colour, fontweight=weight)
    return width * shrunk


def _width(text: str, size: float = _FONT, weight: str = "normal") -> float:
    """How wide a text is, in inches."""
    path = TextPath((0, 0), text, size=size, prop=FontProperties(weight=weight))
    return max(float(path.get_extents().x1) / 72, 0.01) if text.strip() else 0.01
