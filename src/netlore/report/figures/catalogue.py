"""Which figures a study has, and writing them as files."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from netlore.report.data import StudyData
from netlore.report.figures import (
    accuracy,
    correlation,
    intervals,
    trees,
)
from netlore.report.figures import (
    exponential as distribution,
)
from netlore.report.figures import (
    importance_and_overlap as beyond,
)
from netlore.report.figures import (
    replicates as repeatability,
)
from netlore.report.figures import (
    rounds as course,
)
from netlore.report.figures import (
    training_curves as curves,
)
from netlore.report.figures.figure import DrawnFigure, FigurePlan
from netlore.report.figures.print_style import laid_out, pdf_bytes, png_bytes, svg_bytes
from netlore.report.figures.svg import document, inline
from netlore.report.names import unique
from netlore.storage.atomic import make_folder, write_whole

_NUMBERED = re.compile(r"fig(\d+)-")


def figures(findings: StudyData) -> list[FigurePlan]:
    """Every figure that the findings support: the paper's in its order, then those beyond it."""
    rooms = (correlation, trees, course, intervals, curves, distribution, beyond, repeatability, accuracy)
    found = sorted((plan for room in rooms for plan in room.plans(findings)), key=_place)
    names = unique(plan.name for plan in found)
    return [FigurePlan(name, plan.title, plan.caption, plan.draw) for name, plan in zip(names, found, strict=True)]


def _place(plan: FigurePlan) -> int:
    """The figure's number in the paper; those without one stand after all others."""
    match = _NUMBERED.match(plan.name)
    return int(match[1]) if match else 1000


def write_figures(
    findings: StudyData, folder: Path, progress: Callable[[int, int], None] | None = None
) -> list[DrawnFigure]:
    """Draw every figure of a study and write it; arguments and errors as in `write_plans`."""
    return write_plans(figures(findings), folder, progress)


def write_plans(
    plans: Sequence[FigurePlan], folder: Path, progress: Callable[[int, int], None] | None = None
) -> list[DrawnFigure]:
    """Draw figures and write each as PDF, SVG and PNG into `figures` in a folder.

    Args:
        plans: What to draw.
        folder: Where to; `figures` is made if it does not exist.
        progress: Told how many figures are drawn, and how many there are.

    Raises:
        Unwritable: A file cannot be written.
    """
    pictures = make_folder(folder / "figures")
    told = progress or (lambda done, total: None)
    drawn = []
    told(0, len(plans))
    for plan in plans:
        figure = laid_out(plan.draw())
        contents = {"pdf": pdf_bytes(figure), "svg": svg_bytes(figure, plan.name), "png": png_bytes(figure)}
        files = tuple(write_whole(pictures / f"{plan.name}.{end}", content) for end, content in contents.items())
        svg = inline(document(figure, plan.name), plan.title)
        drawn.append(DrawnFigure(plan.name, plan.title, plan.caption, svg, files))
        told(len(drawn), len(plans))
    return drawn
