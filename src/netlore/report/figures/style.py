"""How every figure looks, in one place: sizes, fonts, colours, line styles.

Figures are made with matplotlib's object interface inside `styled()`, so that neither pyplot nor the caller's
settings are involved, and the same data give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import matplotlib as mpl
import matplotlib.style
from matplotlib.figure import Figure

COLUMN, TEXT = 3.5, 7.16
"""Inches: one column of a printed page, and both."""

INK = "#1b1f24"
MUTED = "#59626d"

Dashes = Literal["solid"] | tuple[float, tuple[float, ...]]

# Okabe and Ito (2008): distinguishable with every common colour-vision deficiency. Their yellow is left out, as it
# is too faint on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_DASHES: tuple[Dashes, ...] = ("solid", (0.0, (4.0, 1.6)), (0.0, (1.2, 1.2)), (0.0, (5.0, 1.5, 1.2, 1.5)))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")

_STYLE: dict[str, object] = {
    "font.family": "sans-serif",
    # Comes with matplotlib, so the layout is the same on every machine; wider than the browsers' own fonts, so
    # text that is replaced by one of those never grows.
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 7.5,
    "axes.titlesize": 7.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 4.0,
    "axes.labelsize": 7.5,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.fontsize": 7.0,
    "legend.frameon": False,
    "lines.linewidth": 1.0,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in somebody's name is a dollar sign
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "axes.grid": True,
    "grid.color": INK,
    "grid.alpha": 0.10,  # ink that shines through, so that the grid stays as faint on a dark page
    "grid.linewidth": 0.5,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "none",  # text stays text: it can be searched, and read aloud
    "pdf.fonttype": 42,  # TrueType: text stays text, and publishers refuse Type 3
}


@contextmanager
def styled() -> Iterator[None]:
    """Open a context, or decorate a function, in which figures are made: matplotlib's defaults and this style."""
    with mpl.style.context(["default", _STYLE]):
        yield


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure of a size in inches; its background can be found by the id "background"."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_gid("background")
    return figure


@dataclass(frozen=True)
class Look:
    """How one predictor, method or replicate is drawn: the same in all figures of a report."""

    colour: str
    dashes: Dashes = "solid"
    marker: str = "o"

    def line(self, marker: float = 0.0) -> dict[str, Any]:
        """Settings of a line, and of its markers of that size."""
        shape = {"marker": self.marker, "markersize": marker} if marker else {}
        return {"color": self.colour, "linestyle": self.dashes, **shape}

    def point(self, size: float) -> dict[str, Any]:
        """Settings of points without a line between them."""
        return {"color": self.colour, "linestyle": "none", "marker": self.marker, "markersize": size}


def looks_of(names: Iterable[str]) -> dict[str, Look]:
    """Give each name a look; 28 can be distinguished, as colours repeat after seven and dashes after four."""
    return {
        name: Look(PALETTE[i % len(PALETTE)], _DASHES[i % len(_DASHES)], _MARKERS[i % len(_MARKERS)])
        for i, name in enumerate(names)
    }


def legend_label(text: str) -> str:
    """Protect a label that starts with an underscore, which matplotlib would leave out of the legend."""
    return f" {text}" if text.startswith("_") else text
