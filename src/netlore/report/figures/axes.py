"""What the figures are put together from: axes of rounds and of values, interval bands, legends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from netlore.analysis.edf import FloatArray, edf
from netlore.report.figures.style import MUTED, Look, legend_label
from netlore.report.numbers import count_label

_STEPS = (1, 2, 4, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


def spread(values: Sequence[int], most: int) -> list[int]:
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
    if len({b - a for a, b in pairwise(values)}) == 1:
        inner = [v for v in values if v % step == 0 and min(v - first, last - v) > step / 2]
        return [first, *inner, last]
    chosen = [first]
    for value in values[1:-1]:
        if min(value - chosen[-1], last - value) >= (last - first) / most:
            chosen.append(value)
    return [*chosen, last]


def is_log(grid: Sequence[int]) -> bool:
    """Tell whether a grid holds powers of two only, and is therefore drawn on a logarithmic axis."""
    return all(value > 0 and value & (value - 1) == 0 for value in grid)


def round_axis(axes: Axes, first: int, last: int, label: str = "round", most: int = 9) -> None:
    """Make the x axis count rounds: a column for each, with at most `most` whole numbers as ticks."""
    axes.set_xlim(first - 0.5, last + 0.5)
    ticks = list(range(first, last + 1))
    step = next(s for s in (*_STEPS, len(ticks)) if len(ticks) / s <= most)
    axes.set_xticks([t for t in ticks if t % step == 0])
    axes.set_xlabel(label)
    axes.grid(visible=False, axis="x")


def value_axis(axes: Axes, grid: Sequence[int], most: int = 10) -> None:
    """Make the y axis hold a hyperparameter's grid: linear, or logarithmic if all values are powers of two."""
    ticks = spread(grid, most if is_log(grid) else min(most, 6))
    if is_log(grid):
        axes.set_yscale("log", base=2)
        margin = 2 ** max(0.06 * math.log2(grid[-1] / grid[0]), 0.12)
        axes.set_ylim(grid[0] / margin, grid[-1] * margin)
    else:
        gap = max(0.06 * (grid[-1] - grid[0]), 0.12)
        axes.set_ylim(grid[0] - gap, grid[-1] + gap)
    axes.set_yticks(ticks, [str(tick) for tick in ticks])
    axes.set_yticks([], minor=True)


def draw_bands(axes: Axes, first: int, bands: Sequence[tuple[float, float]], look: Look) -> None:
    """Fill (low, high) in the column of every round from `first` on; its edge keeps overlaid bands apart."""
    low, high = np.asarray(bands, dtype=np.float64).T
    edges = np.arange(len(bands) + 1) + first - 0.5
    axes.stairs(high, edges, baseline=low, fill=True, color=look.colour, alpha=look.alpha, linewidth=0)
    axes.stairs(high, edges, baseline=low, color=look.colour, alpha=0.45, linewidth=0.6)


def draw_medians(axes: Axes, first: int, medians: Sequence[float], look: Look) -> None:
    """Draw the median of every round from `first` on as a line of steps."""
    edges = np.arange(len(medians) + 1) + first - 0.5
    axes.stairs(
        np.asarray(medians, dtype=np.float64),
        edges,
        baseline=None,
        color=look.colour,
        linewidth=look.width,
        linestyle=look.dashes,
    )


def line_handle(look: Look, label: str) -> Line2D:
    """Make a legend entry for a line of a look."""
    return Line2D(
        [], [], color=look.colour, linestyle=look.dashes, linewidth=look.width, label=legend_label(label)
    )


def interval_handles(labels: Sequence[str], seen: Sequence[Look]) -> list[Artist]:
    """Make the legend of interval panels: a line for each thing drawn, and what a band is."""
    if len(labels) == 1:
        band = Patch(facecolor=seen[0].colour, alpha=seen[0].alpha, label="interval")
        return [line_handle(seen[0], "median"), band]
    band = Patch(facecolor=MUTED, alpha=0.25, label="interval")
    return [*(line_handle(look, f"median, {label}") for look, label in zip(seen, labels, strict=True)), band]


def legend_below(figure: Figure, handles: Sequence[Artist], columns: int = 5) -> None:
    """Put a legend under all panels, where it hides nothing."""
    figure.legend(handles=list(handles), loc="outside lower center", ncols=min(columns, len(handles)))


def panel_grid(figure: Figure, count: int, columns: int) -> list[Axes]:
    """Divide a figure into `count` panels, at most `columns` of them in a row, and leave the rest empty."""
    columns = min(columns, count)
    grid = figure.subplots(math.ceil(count / columns), columns, squeeze=False)
    panels: list[Axes] = list(grid.flat)
    for spare in panels[count:]:
        spare.remove()
    return panels[:count]


def draw_edf(axes: Axes, scores: FloatArray, colour: object, width: float, most: int | None = None) -> None:
    """Draw an empirical distribution function as steps from 0 to 1: all its points, or `most` of them, evenly."""
    x, fraction = edf(scores)
    count = len(x) if most is None else min(len(x), most - 1)
    shown = np.unique(np.linspace(0, len(x) - 1, count).round().astype(int))
    axes.plot(
        np.concatenate((x[:1], x[shown])),
        np.concatenate(([0.0], fraction[shown])),
        drawstyle="steps-post",
        color=colour,
        linewidth=width,
    )


def round_bar(
    figure: Figure, panels: Sequence[Axes], numbers: Sequence[int], colours: FloatArray, most: int = 20
) -> None:
    """Add the bar that tells which colour is which round; it stays readable where a legend of 20 lines is not."""
    count = len(numbers)
    scale = ScalarMappable(BoundaryNorm(np.arange(count + 1) - 0.5, count), ListedColormap(colours))
    shown = spread(range(count), most)
    bar = figure.colorbar(scale, ax=panels, ticks=shown, label="round", aspect=28, pad=0.03 / len(panels))
    bar.ax.set_yticklabels([str(numbers[index]) for index in shown])
    bar.ax.tick_params(length=0, which="both")
    bar.outline.set_visible(False)


def log_sizes(sizes: Sequence[int]) -> list[float]:
    """Give log10 of exact sizes, which may be too large for a float; an empty space has none.

    >>> log_sizes([10**400, 1, 0])
    [400.0, 0.0, nan]
    """
    return [math.log10(size) if size > 0 else math.nan for size in sizes]


def mark_value(axes: Axes, x: float, y: float, text: str, side: int, colour: str) -> None:
    """Write a value right of a point, above (side 1) or under (side -1) its height."""
    axes.annotate(
        text,
        (x, y),
        xytext=(7, side),
        textcoords="offset points",
        ha="left",
        va="bottom" if side > 0 else "top",
        color=colour,
        fontsize=9.5,
        fontweight="bold",
        annotation_clip=False,
    )


def count_axis(axes: Axes, low: float, high: float) -> None:
    """Make a logarithmic axis whose ends and ticks are 1, 2 or 5 times a power of ten."""
    nice = [factor * 10.0**power for power in range(0, 19) for factor in (1, 2, 5)]
    begin = max((i for i, value in enumerate(nice) if value <= low), default=0)
    end = max(min((i for i, value in enumerate(nice) if value >= high), default=len(nice) - 1), begin + 1)
    ticks = nice[begin : end + 1]
    if len(ticks) > 8:
        ticks = [tick for tick in ticks if str(int(tick)).startswith("1")]
    axes.set_yscale("log")
    axes.set_ylim(nice[begin] / 1.05, nice[end] * 1.05)
    axes.set_yticks(ticks, [count_label(tick) for tick in ticks])
    axes.set_yticks([], minor=True)
