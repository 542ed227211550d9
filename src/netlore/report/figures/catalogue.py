"""Which figures a study has. A further figure is a module with `specs`, named here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from netlore.report.data import StudyData
from netlore.report.figures import (
    exponential,
    intervals,
    matrices,
    principles,
    replicates,
    rounds,
    training_curves,
    trees,
)
from netlore.report.figures.figure import DrawnFigure, FigureSpec, Section, draw_figures
from netlore.report.names import unique

FIGURES: tuple[Callable[[StudyData], list[FigureSpec]], ...] = (
    principles.specs,
    matrices.correlation_specs,
    trees.specs,
    exponential.specs,
    rounds.specs,
    intervals.specs,
    rounds.complexity_specs,
    matrices.specs,
    replicates.specs,
    training_curves.specs,
    training_curves.accuracy_specs,
)
"""In the order in which they stand, section by section."""


def figures(study: StudyData) -> list[FigureSpec]:
    """Every figure that a study supports, in the order of a page; the paper's in its own."""
    sections = list(Section)
    found = [spec for specs in FIGURES for spec in specs(study)]
    found.sort(key=lambda spec: sections.index(spec.section))
    names = unique(spec.name for spec in found)
    return [replace(spec, name=name) for spec, name in zip(found, names, strict=True)]


def write_figures(
    study: StudyData, folder: Path, progress: Callable[[int, int], None] | None = None
) -> list[DrawnFigure]:
    """Draw every figure of a study and write it; arguments and errors as in `draw_figures`."""
    return draw_figures(figures(study), folder, progress)
