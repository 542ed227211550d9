"""How figures of a study look: the style of all figures, at the size in which they are printed."""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
import matplotlib.style
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from netlore.report.data import StudyData
from netlore.report.figures.style import BASE, Look, looks

COLUMN = 3.5
"""Inches: one column of the paper's page."""

TEXT = 7.16
"""Inches: both columns."""

PNG_DPI = 300

_PRINT: dict[str, object] = {
    **BASE,
    "font.size": 7.5,
    "axes.titlesize": 7.5,
    "axes.titlepad": 4.0,
    "axes.labelsize": 7.5,
    "axes.linewidth": 0.6,
    "grid.linewidth": 0.5,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.fontsize": 7.0,
    "lines.linewidth": 1.0,
    "pdf.fonttype": 42,  # TrueType: text stays text, and publishers refuse Type 3
}


def printed() -> AbstractContextManager[None]:
    """Open a context in which figures are made and saved: matplotlib's defaults and this style, nothing else."""
    return mpl.style.context(["default", _PRINT])


def predictors_of(findings: StudyData) -> tuple[str, ...]:
    """Every predictor of a study, in the order of its samples, then of its refinements."""
    sampled = [name for sample in findings.samples for name in sample.predictors]
    return tuple(dict.fromkeys([*sampled, *(one.predictor for one in findings.refinements)]))


def looks_of(names: tuple[str, ...]) -> dict[str, Look]:
    """A colour, dashes and marker for each predictor, the same in all figures of a study."""
    return dict(zip(names, looks(len(names)), strict=True))


def columns_that_fit(handles: Sequence[Artist]) -> int:
    """How many columns a legend has in the width of the text, so that its rows are few and about equally long."""
    widths = sorted((0.48 + 0.055 * len(str(handle.get_label())) for handle in handles), reverse=True)
    most = max(1, sum(total <= TEXT for total in itertools.accumulate(widths)))
    return math.ceil(len(handles) / math.ceil(len(handles) / most)) if handles else 1


def laid_out(figure: Figure) -> Figure:
    """The figure with everything in its final place: the slow part of drawing, and needed but once."""
    with printed():
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
    return figure


def pdf_bytes(figure: Figure) -> bytes:
    """A figure as PDF with its fonts embedded; the same figure gives the same bytes."""
    return _saved(figure, "pdf", {"CreationDate": None, "Creator": None, "Producer": None})


def svg_bytes(figure: Figure, name: str) -> bytes:
    """A figure as SVG whose letters are outlines, so that it looks the same without its fonts; ids by the name."""
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    return _saved(figure, "svg", nothing, {"svg.fonttype": "path", "svg.hashsalt": name})


def png_bytes(figure: Figure) -> bytes:
    """A figure as a PNG image of 300 dots per inch."""
    return _saved(figure, "png", {"Software": None})


def _saved(figure: Figure, form: str, metadata: dict[str, None], settings: dict[Any, Any] | None = None) -> bytes:
    buffer = io.BytesIO()
    with printed(), mpl.rc_context(settings):
        figure.savefig(buffer, format=form, dpi=PNG_DPI, metadata=metadata)
    return buffer.getvalue()
