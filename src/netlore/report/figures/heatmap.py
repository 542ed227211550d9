"""Matrices as coloured cells with their values in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from netlore.analysis import Floats
from netlore.report.figures.style import INK
from netlore.report.numbers import minus


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
