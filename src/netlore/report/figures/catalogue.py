"""Which figures a study has. A further figure is a module with `specs`, named here."""

from __future__ import annotations

from dataclasses import replace

from netlore.report.data import StudyData
from netlore.report.figures import (
    courses,
    fronts,
    intervals,
    matrices,
    principles,
    regimes,
    rounds,
    sample,
    training_curves,
)
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.names import unique

MODULES = (regimes, principles, intervals, sample, matrices, rounds, fronts, courses, training_curves)


def figures(study: StudyData) -> list[FigureSpec]:
    """Every figure that a study supports, in the order of a page: the paper's in its own, then those beyond it.

    In the overview the paper's come last.
    """
    sections = list(Section)

    def place(spec: FigureSpec) -> tuple[int, int]:
        beyond = 0 if spec.section is Section.OVERVIEW else 100
        return sections.index(spec.section), spec.number or beyond

    found = sorted((spec for module in MODULES for spec in module.specs(study)), key=place)
    names = unique(spec.name for spec in found)
    return [replace(spec, name=name) for spec, name in zip(found, names, strict=True)]
