"""How every figure looks, in one place: fonts, colours, line styles and how a figure becomes bytes.

Figures are made with matplotlib's object interface inside `styled()`, so neither pyplot nor the caller's settings
are involved, and the same story gives the same bytes.
"""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import matplotlib as mpl
import matplotlib.style
from matplotlib.figure import Figure

INK = "#1b1f24"
MUTED = "#59626d"
PNG_DPI = 200

Dashes = Literal["solid"] | tuple[float, tuple[float, ...]]

# Okabe and Ito (2008): distinguishable with every common colour-vision deficiency. Their yellow is left out, as it
# is too faint on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_DASHES: tuple[Dashes, ...] = (
    "solid",
    (0.0, (4.0, 1.6)),
    (0.0, (1.2, 1.2)),
    (0.0, (5.0, 1.5, 1.2, 1.5)),
)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_WIDTHS = (2.6, 2.0, 1.5)

BASE: dict[str, object] = {
    "font.family": "sans-serif",
    # Comes with matplotlib, so the layout is the same on every machine; wider than the browsers' own fonts, so
    # text that is replaced by one of those never grows.
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10.0,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 7.0,
    "axes.labelsize": 10.0,
    "xtick.labelsize": 9.0,
    "ytick.labelsize": 9.0,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in somebody's name is a dollar sign
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "axes.grid": True,
    "grid.color": INK,
    "grid.alpha": 0.10,  # ink that shines through, so that the grid stays as faint on a dark page
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
}


@dataclass(frozen=True)
class Look:
    """How one replicate or predictor is drawn.

    Attributes:
        colour: Of its lines and, more faintly, of its bands.
        dashes: The line style.
        marker: The marker.
        width: The line width in points; later ones are thinner, so equal lines stay visible inside each other.
        alpha: The opacity of its bands.
    """

    colour: str
    dashes: Dashes
    marker: str
    width: float
    alpha: float


def looks(count: int) -> list[Look]:
    """Give as many distinguishable looks as there are things to draw over each other."""
    return [
        Look(
            colour=PALETTE[i % len(PALETTE)],
            # The colours repeat after seven and the dashes after four, so the pair repeats after 28 only.
            dashes=_DASHES[i % len(_DASHES)],
            marker=_MARKERS[i % len(_MARKERS)],
            width=_WIDTHS[min(i, len(_WIDTHS) - 1)],
            alpha=0.24 if count == 1 else max(0.05, 0.32 / count),
        )
        for i in range(count)
    ]


def styled() -> AbstractContextManager[None]:
    """Open a context in which figures are made and saved: matplotlib's defaults and this style, nothing else."""
    return mpl.style.context(["default", BASE])


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure of a size in inches; its background can be found by the id "background"."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_gid("background")
    return figure


def legend_label(text: str) -> str:
    """Protect a label that starts with an underscore, which matplotlib would leave out of the legend."""
    return f" {text}" if text.startswith("_") else text


def png_bytes(figure: Figure) -> bytes:
    """Draw a figure as a PNG image of 200 dots per inch."""
    buffer = io.BytesIO()
    with styled():
        figure.savefig(buffer, format="png", dpi=PNG_DPI, metadata={"Software": None})
    return buffer.getvalue()


def svg_text(figure: Figure, name: str) -> str:
    """Draw a figure as an SVG document as matplotlib writes it, with ids that depend on the name alone."""
    buffer = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    with styled(), mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", metadata=nothing)
    return buffer.getvalue()
