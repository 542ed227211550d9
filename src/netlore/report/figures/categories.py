"""Categories over the rounds: a row for each name, a cell for each round that keeps it, as dark as its share."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from netlore.refinement.result import Refinement
from netlore.report.figures.style import Look

ROW = 0.115  # inches, the least height of a name
_LONGEST = 16  # letters of a name next to an axis
_PALE, _DARK = 0.14, 0.92  # opacity of a cell of share 0 and of 1
_GAP = 0.08  # of a row, above and below a cell


def height_of(grids: Sequence[Sequence[object]], least: float) -> float:
    """How high a panel has to be for all names of these grids to be read, in inches."""
    most = max((len(grid) for grid in grids if isinstance(grid[0], str)), default=0)
    return max(least, ROW * most + 0.12)


def shortened(name: str) -> str:
    """A name that fits next to an axis.

    >>> shortened("nor_conv_3x3"), shortened("squeeze_and_excitation")
    ('nor_conv_3x3', 'squeeze_and_exc…')
    """
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def opacity(share: float, least: float = _PALE) -> float:
    """How dark a mark of a share is; shares are sums, so that of the only name may be 1 but for rounding."""
    return least + (_DARK - least) * min(share, 1.0)


def name_axis(axes: Axes, grid: Sequence[str]) -> None:
    """Make the y axis hold the names of a category, the first on top."""
    axes.set_ylim(len(grid) - 0.5, -0.5)
    axes.set_yticks(range(len(grid)), [shortened(name) for name in grid], fontsize=6.0 if len(grid) > 3 else 6.5)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


def draw_names(axes: Axes, one: Refinement, name: str, look: Look, slot: int = 0, slots: int = 1) -> None:
    """Draw a cell for each name that is kept: in column 0 for all names, in column j for those of round j.

    A column has as many slots as there are refinements in the panel, so that none hides another.
    """
    grid = one.space.grids[name]
    rounds = [(0, dict.fromkeys(grid, 0.0))]
    for entry in one.rounds:
        shares, kept = entry.estimates[name].shares, entry.estimates[name].kept
        rounds.append((entry.number, {value: shares[value] for value in grid if value in kept}))
    cells, fills = [], []
    for number, found in rounds:
        for value, share in found.items():
            left = number - 0.46 + 0.92 * slot / slots
            cells.append(Rectangle((left, grid.index(value) - 0.5 + _GAP), 0.92 / slots, 1 - 2 * _GAP))
            fills.append(to_rgba(look.colour, opacity(share)))
    edge = to_rgba(look.colour, 0.45)
    axes.add_collection(PatchCollection(cells, facecolors=fills, edgecolors=[edge], linewidths=0.4))


def draw_modes(axes: Axes, one: Refinement, name: str, look: Look, aside: float) -> None:
    """Draw the most probable name of each round as a dot, `aside` of the middle of its row."""
    grid = one.space.grids[name]
    rows = [grid.index(entry.estimates[name].mode) + aside for entry in one.rounds]
    numbers = [entry.number for entry in one.rounds]
    axes.plot(numbers, rows, "o", markersize=2.4, mfc="white", mec=look.colour, mew=0.6, zorder=3)
