"""The principles of all predictors side by side: an interval on its grid for each hyperparameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.categories import opacity
from netlore.report.figures.figure import FigureSpec, Section, of_refinements, predictor_looks
from netlore.report.figures.style import INK, MUTED, TEXT, Look, new_figure, styled
from netlore.report.names import Vocabulary, by_vocabulary, classes_of, kept_text, value_text
from netlore.report.text.determination import undetermined_note
from netlore.report.text.methods import principles_caption, share_note
from netlore.space.distribution import is_category

# Inches.
_CELL = 0.42  # the least width of a cell, in which an interval such as 128-512 can be read
_OF_NAMES = 0.66  # the same of a name such as nor_conv_3x3
_WIDEST = 1.6  # cells, times the least width
_HEAD, _TITLE, _ROW, _SEED, _GAP, _PAD = 0.38, 0.19, 0.27, 0.055, 0.12, 0.05
_NOTE = 0.13
_FONT, _SMALL = 7.0, 5.8  # points


def specs(study: StudyData) -> Iterator[FigureSpec]:
    """One figure of all refinements of a study whose families have the same words, where there are two or more."""
    for words, runs in by_vocabulary(study.refinements, lambda one: one.family):
        # One predictor under several budgets has a figure of its own.
        if len(runs) > 1 and not (any(one.regime for one in runs) and len({one.predictor for one in runs}) == 1):
            draw = partial(principles_figure, runs, predictor_looks(study), words)
            yield FigureSpec("principles", "What predictors prefer", _caption(runs), Section.OVERVIEW, draw)


def _caption(runs: Sequence[RefinementData]) -> str:
    rows = f"{principles_caption(runs)} Rows are predictors, columns hyperparameters."
    return f"{rows}{undetermined_note(runs)} {how_to_read(runs)} {of_refinements(runs)}"


def how_to_read(runs: Sequence[RefinementData]) -> str:
    """What the marks of a figure of these refinements are."""
    seeds = " Thin bars: further seeds." if any(one.refinements[1:] for one in runs) else ""
    names = ""
    if any(is_category(grid) for one in runs for grid in one.grids.values()):
        names = (
            " Of a category the dots are its names, in the order given below; squares are kept, the darker, the "
            "larger their share. Above them stands the most probable name, and how many others are kept."
            f"{share_note(runs)}"
        )
    return (
        "Dots are the values of the original design space, the bar is the final interval: a bar over all dots "
        f"shows no preference, a single mark a strict one.{names}{seeds}"
    )


class _Band(NamedTuple):
    """Columns that stand side by side, in inches; a figure has as many bands under each other as it needs.

    Attributes:
        left: Where the first cell begins.
        cell: The width of a cell.
        starts: Where each hyperparameter's cell begins.
        groups: What the classes are called: (name, first hyperparameter, how many).
        names: Below it, the names of its categories in their order.
    """

    left: float
    cell: float
    starts: dict[str, float]
    groups: tuple[tuple[str, str, int], ...]
    names: tuple[str, ...]


def _by_data(one: RefinementData) -> tuple[str, str]:
    return one.data, one.predictor


@styled()
def principles_figure(
    runs: Sequence[RefinementData],
    looks: Mapping[str, Look],
    words: Vocabulary,
    width: float = TEXT,
    titled: Callable[[RefinementData], tuple[str, str]] = _by_data,
) -> Figure:
    """Draw a row for each refinement and a column for each hyperparameter, in a width in inches.

    `titled` gives the heading above a refinement's row, and what stands in front of it.
    """
    label = min(max(_width(titled(one)[1]) for one in runs) + 0.1, 0.25 * width)
    bands = list(_bands(runs, words, width, label))
    data = list(dict.fromkeys(titled(one)[0] for one in runs))
    rows = sum(_ROW + _SEED * (len(one.refinements) - 1) for one in runs)
    height = len(bands) * (_HEAD + rows + _TITLE * (len(data) if data[1:] else 0)) + _GAP * (len(bands) - 1) + _PAD
    height += _NOTE * sum(len(band.names) for band in bands)
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
            for one in (one for one in runs if titled(one)[0] == name):
                _text(axes, _PAD, y + 0.225, titled(one)[1], band.left - 2 * _PAD)
                _draw_row(axes, band, y, one, looks[one.predictor])
                y += _ROW + _SEED * (len(one.refinements) - 1)
        for note in band.names:
            _text(axes, band.left, y + 0.1, note, width - band.left - _PAD, size=_SMALL, colour=MUTED)
            y += _NOTE
        y += _GAP
    return figure


def _bands(runs: Sequence[RefinementData], words: Vocabulary, width: float, label: float) -> Iterator[_Band]:
    """Divide the hyperparameters, as a rule between classes, into bands that fit the width."""
    names = list(dict.fromkeys(name for one in runs for name in one.grids))
    least = _OF_NAMES if any(_orders(runs, names)) else _CELL
    room = width - label - 2 * _PAD
    fit = max(1, int(room / least))
    lines: list[list[tuple[str, tuple[str, ...]]]] = [[]]
    for group in classes_of(names, words):
        for start in range(0, len(group.names), fit):
            part = (group.singular, group.names[start : start + fit])
            if lines[-1] and _cell_width([*lines[-1], part], room, least) < least:
                lines.append([])
            lines[-1].append(part)
    cell = min(_cell_width(line, room, least) for line in lines)
    for line in lines:
        starts, x = {}, label + _PAD
        for _, members in line:
            for name in members:
                starts[name] = x
                x += cell
            x += _GAP
        groups = tuple((title, members[0], len(members)) for title, members in line)
        yield _Band(label + _PAD, cell, starts, groups, tuple(_orders(runs, list(starts))))


def _orders(runs: Sequence[RefinementData], names: Sequence[str]) -> Iterator[str]:
    """Of the categories among some hyperparameters their names, categories with the same names together."""
    alike: dict[tuple[Any, ...], list[str]] = {}
    for name in names:
        for grid in dict.fromkeys(one.grids[name] for one in runs if name in one.grids):
            if is_category(grid):
                alike.setdefault(grid, []).append(name)
    for grid, members in alike.items():
        ends = members[0] if len(members) == 1 else f"{members[0]} to {members[-1]}"
        yield f"{ends}: {', '.join(grid)}"


def _cell_width(line: Sequence[tuple[str, tuple[str, ...]]], room: float, least: float) -> float:
    return min((room - _GAP * (len(line) - 1)) / sum(len(names) for _, names in line), _WIDEST * least)


def _draw_head(axes: Axes, band: _Band, y: float, runs: Sequence[RefinementData]) -> None:
    """Name the classes over a line, and under it each hyperparameter with the ends of its grid."""
    for title, first, count in band.groups:
        x, span = band.starts[first], count * band.cell
        _text(axes, x, y + 0.12, title[:1].upper() + title[1:], span - 0.03, weight="bold")
        axes.plot([x, x + span - 0.04], [y + 0.165] * 2, color=MUTED, linewidth=0.6)
    for name, x in band.starts.items():
        grids = dict.fromkeys(one.grids[name] for one in runs if name in one.grids)
        numbers = [grid for grid in grids if not is_category(grid)]
        ends = f"{max(map(len, grids))} names"
        if numbers:
            low, high = min(grid[0] for grid in numbers), max(grid[-1] for grid in numbers)
            ends = f"{value_text(low)}\N{EN DASH}{value_text(high)}"
        used = _text(axes, x, y + 0.3, name, 0.5 * band.cell)
        _text(axes, x + used + 0.05, y + 0.3, ends, band.cell - used - 0.1, size=_SMALL, colour=MUTED)


def _draw_row(axes: Axes, band: _Band, y: float, one: RefinementData, look: Look) -> None:
    """Draw a refinement's intervals over their grids, those of further seeds as thinner bars under them."""
    for name, x in band.starts.items():
        if name not in one.grids:
            _text(axes, x, y + 0.225, "\N{EN DASH}", band.cell, colour=MUTED)
            continue
        grid, inset = one.grids[name], 0.05 if is_category(one.grids[name]) else 0.0
        left, right = x + 0.03 + inset, x + band.cell - 0.07 - inset
        step = (right - left) / max(len(grid) - 1, 1)
        at = {value: left + i * step if grid[1:] else (left + right) / 2 for i, value in enumerate(grid)}
        bottom = y + 0.19
        axes.plot([left, right], [bottom] * 2, color=INK, alpha=0.15, linewidth=0.5, zorder=0)
        hidden = one.first.principles[name] if is_category(grid) else ()
        dots = [place for value, place in at.items() if value not in hidden]
        axes.plot(dots, [bottom] * len(dots), "o", markersize=1.3, color=MUTED, mew=0, zorder=1)
        for index, replicate in enumerate(one.refinements):
            mark = _draw_names if is_category(grid) else _draw_interval
            mark(axes, at, bottom + index * _SEED, replicate, name, look, index == 0)
        _text(axes, x + 0.02, y + 0.115, _kept(one, name), band.cell - 0.06, size=_SMALL)


def _kept(one: RefinementData, name: str) -> str:
    """What is left of a hyperparameter, as short as can be."""
    kept, grid = one.first.principles[name], one.grids[name]
    if not is_category(grid):
        return kept_text(kept).replace(", ", "\N{EN DASH}").strip("[]")
    others = f" +{len(kept) - 1}" if kept[1:] else ""
    return f"{one.first.rounds[-1].estimates[name].mode}{others}"


def _draw_interval(
    axes: Axes, at: Mapping[Any, float], level: float, one: Refinement, name: str, look: Look, first: bool
) -> None:
    """Draw the final interval as a bar with its ends."""
    ends = [at[end] for end in one.principles[name]]
    thick, mark = (2.4, 4.6) if first else (0.9, 2.6)
    axes.plot(ends, [level] * 2, color=look.colour, linewidth=thick, solid_capstyle="butt", zorder=2)
    axes.plot(ends, [level] * 2, "|", color=look.colour, markersize=mark, mew=0.4 * thick, zorder=2)


def _draw_names(
    axes: Axes, at: Mapping[Any, float], level: float, one: Refinement, name: str, look: Look, first: bool
) -> None:
    """Draw the names that are kept as dots, the darker, the larger their share."""
    for value in one.principles[name]:
        fill = to_rgba(look.colour, opacity(one.rounds[-1].estimates[name].shares[value], 0.25))
        axes.plot(
            at[value], level, "s", markersize=4.4 if first else 2.4, mfc=fill, mec=look.colour, mew=0.4, zorder=2
        )


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
