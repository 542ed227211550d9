"""Matrices as coloured cells with their values in them."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from netlore.report.figures.style import INK

MINUS = "\N{MINUS SIGN}"


def draw_heat(
    axes: Axes,
    values: NDArray[np.float64],
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
    axes.grid(visible=False)
    scale = mpl.colormaps[colours]
    for row, column in np.ndindex(values.shape):
        value = values[row, column]
        if np.isinf(value):
            continue
        share = np.clip((value - limits[0]) / (limits[1] - limits[0]), 0.0, 1.0)
        fill = (1.0, 1.0, 1.0, 1.0) if np.isnan(value) else tuple(scale(float(share)))
        axes.add_patch(mpl.patches.Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=fill, edgecolor="white"))
        # A value that rounds to zero has no sign.
        text = "\N{EN DASH}" if np.isnan(value) else f"{round(float(value), 2) + 0.0:.2f}".replace("-", MINUS)
        axes.text(column, row, text, ha="center", va="center", color=_ink_on(fill), fontsize=6.5)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def _ink_on(fill: tuple[float, ...]) -> str:
    """Black or white, whichever is read more easily on a colour (relative luminance, WCAG 2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in fill[:3]]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if luminance > 0.2 else "white"
