"""What figures are put together from: panels, axes of rounds, values and counts, bands, legends."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from netlore.report.figures.style import INK, Look, legend_label, new_figure
from netlore.report.names import value_text
from netlore.report.text.phrases import count_label

_STEPS = (1, 2, 4, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


def panels(width: float, height: float, count: int, columns: int, below: float = 0.3) -> tuple[Figure, list[Axes]]:
    """Make a figure of `count` panels, at most `columns` in a row; inches, of a row and below all rows."""
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    figure = new_figure(width, height * rows + below)
    found: list[Axes] = list(figure.subplots(rows, columns, squeeze=False).flat)
    for spare in found[count:]:
        spare.remove()
    return figure, found[:count]


def label_first(axes: Axes, label: str) -> bool:
    """Label the y axis of a panel that is the first of its row; whether it is."""
    place = axes.get_subplotspec()
    first = place is None or place.is_first_col()
    axes.set_ylabel(label if first else "")
    return first


def spread(values: Sequence[Any], most: int) -> list[Any]:
    """Choose about `most` of the ascending values as ticks: the ends, and round or well-spaced ones between them.

    >>> spread(range(1, 17), 6), spread([1, 2, 4, 8, 16], 3), spread([16, 24, 32, 48, 64, 96, 128], 6)
    ([1, 4, 8, 12, 16], [1, 4, 16], [16, 48, 96, 128])
    """
    if len(values) <= most:
        return list(values)
    if is_log(values):
        return list(values[:: math.ceil(len(values) / most)])
    first, last = values[0], values[-1]
    step = next((s for s in _STEPS if (last - first) / s <= most - 1), last - first)
    if len({b - a for a, b in pairwise(values)}) == 1 and values[1] - first >= 1:
        inner = [v for v in values if v % step == 0 and min(v - first, last - v) > step / 2]
        return [first, *inner, last]
    chosen = [first]
    for value in values[1:-1]:
        if min(value - chosen[-1], last - value) >= (last - first) / most:
            chosen.append(value)
    return [*chosen, last]


def is_log(grid: Sequence[float]) -> bool:
    """Whether a grid is drawn on a logarithmic axis: it holds powers of two only, or real numbers of which each is
    about the same multiple of the one before.

    >>> is_log((1, 2, 8)), is_log((1, 2, 3)), is_log((5.0, 7.1, 10.0, 14.2)), is_log((0.5, 1.0, 1.5, 2.0))
    (True, False, True, False)
    """
    if min(grid) <= 0:
        return False
    if not any(isinstance(value, float) for value in grid):
        return all(value & (value - 1) == 0 for value in grid)  # type: ignore[operator]
    ratios = [high / low for low, high in pairwise(grid)]
    return len(grid) > 2 and max(ratios) / min(ratios) < 1.1


def round_axis(axes: Axes, first: int, last: int, label: str = "round", most: int = 9) -> None:
    """Make the x axis count rounds: a column for each, with at most `most` whole numbers as ticks."""
    axes.set_xlim(first - 0.5, last + 0.5)
    ticks = list(range(first, last + 1))
    step = next(s for s in (*_STEPS, len(ticks)) if len(ticks) / s <= most)
    axes.set_xticks([t for t in ticks if t % step == 0])
    axes.set_xlabel(label)
    axes.grid(visible=False, axis="x")


def value_axis(axes: Axes, grid: Sequence[float], most: int = 4) -> None:
    """Make the y axis hold a hyperparameter's grid of numbers: linear, or logarithmic; see `is_log`."""
    if is_log(grid):
        axes.set_yscale("log", base=2)
        margin = 2 ** max(0.06 * math.log2(grid[-1] / grid[0]), 0.12)
        axes.set_ylim(grid[0] / margin, grid[-1] * margin)
    else:
        # The only value of a grid has some space around it; real numbers may be far closer to each other than 1.
        least = 0.12 if grid[0] == grid[-1] or isinstance(grid[0], int) else 0.0
        gap = max(0.06 * (grid[-1] - grid[0]), least)
        axes.set_ylim(grid[0] - gap, grid[-1] + gap)
    ticks = spread(grid, most)
    axes.set_yticks(ticks, [value_text(tick) for tick in ticks])
    axes.set_yticks([], minor=True)


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Choose 1, 2 and 5 times powers of ten between two numbers; powers alone where these are more than `most`.

    >>> log_ticks(4.0, 95.0, 10), log_ticks(0.01, 90.0, 10)
    ([5.0, 10.0, 20.0, 50.0], [0.01, 0.1, 1.0, 10.0])
    """
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1,)):
        ticks = [float(f"{factor}e{power}") for power in powers for factor in factors]
        found = [tick for tick in ticks if low <= tick <= high]
        if len(found) <= most:
            break
    return found


def count_axis(axes: Axes, low: float, high: float, most: int = 8) -> None:
    """Make a logarithmic axis with at most `most` ticks; they and its ends are 1, 2 or 5 times a power of ten."""
    nice = [float(f"{factor}e{power}") for power in range(0, 19) for factor in (1, 2, 5)]
    begin = max((i for i, value in enumerate(nice) if value <= low), default=0)
    end = max(min((i for i, value in enumerate(nice) if value >= high), default=len(nice) - 1), begin + 1)
    ticks = log_ticks(nice[begin], nice[end], most)
    axes.set_yscale("log")
    axes.set_ylim(nice[begin] / 1.05, nice[end] * 1.05)
    axes.set_yticks(ticks, [count_label(tick) for tick in ticks])
    axes.set_yticks([], minor=True)


def padded(low: float, high: float, below: float, above: float) -> tuple[float, float]:
    """Ends of an axis that leave shares of the range free, or some space around the only value."""
    span = high - low
    slack = max(0.05 * abs(high), 0.5)
    return (low - below * span, high + above * span) if span else (low - slack, high + slack)


def draw_bands(axes: Axes, first: int, bands: Sequence[tuple[float, float]], colour: str, alpha: float) -> None:
    """Fill (low, high) in the column of every round from `first` on; its edge keeps overlaid bands apart."""
    low, high = np.asarray(bands, dtype=np.float64).T
    edges = np.arange(len(bands) + 1) + first - 0.5
    axes.stairs(high, edges, baseline=low, fill=True, color=colour, alpha=alpha, linewidth=0)
    axes.stairs(high, edges, baseline=low, color=colour, alpha=0.45, linewidth=0.6)


def draw_medians(axes: Axes, medians: Sequence[float], look: Look, width: float) -> None:
    """Draw the median of every round from the first on as a line of steps."""
    edges = np.arange(len(medians) + 1) + 0.5
    axes.stairs(np.asarray(medians, dtype=np.float64), edges, baseline=None, linewidth=width, **look.line())


def draw_outline(axes: Axes, low: float, high: float) -> None:
    """Draw where others end: the edges of an interval over all rounds, dashed; of a single value one line."""
    for end in dict.fromkeys((low, high)):
        axes.axhline(end, color=INK, linewidth=0.7, linestyle=(0.0, (4.0, 2.0)), zorder=3)


def line_handle(look: Look, label: str, marker: float = 0.0, width: float = 1.2) -> Line2D:
    """Make a legend entry for a line of a look, with a marker of that size."""
    return Line2D([], [], linewidth=width, label=legend_label(label), **look.line(marker))


def draw_noise(axes: Axes, best: float, noise: float | None, alpha: float, zorder: int = 0) -> None:
    """Draw the best known score as a line, and one noise unit around it as a band."""
    if noise:
        axes.axhspan(best - noise, best + noise, color=INK, alpha=alpha, linewidth=0, zorder=zorder)
    axes.axhline(best, color=INK, linewidth=0.8, zorder=zorder + 1)


def noise_handles(alpha: float) -> list[Artist]:
    """Legend entries of both."""
    best = Line2D([], [], color=INK, linewidth=0.8, label="best known mean score")
    return [best, Patch(facecolor=INK, alpha=alpha, label="\N{PLUS-MINUS SIGN} one noise unit")]


def legend_below(figure: Figure, handles: Sequence[Artist]) -> None:
    """Put a legend under all panels, where it hides nothing; the figure grows by the rows after its first.

    Rows are few, and about equally long.
    """
    width, height = figure.get_size_inches()
    widths = sorted((0.48 + 0.055 * len(str(handle.get_label())) for handle in handles), reverse=True)
    most = max(1, sum(total <= width for total in itertools.accumulate(widths)))
    rows = math.ceil(len(handles) / most) or 1
    columns = math.ceil(len(handles) / rows) or 1
    figure.set_size_inches(width, height + 0.15 * (math.ceil(len(handles) / columns) - 1))
    figure.legend(handles=list(handles), loc="outside lower center", ncols=columns)
