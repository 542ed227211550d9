"""Which figures a comparison of methods has."""

from __future__ import annotations

from netlore.report.compare import figure_agreement as method_agreement
from netlore.report.compare import figure_course as method_courses
from netlore.report.compare.data import ComparisonFindings
from netlore.report.figures.figure import FigureSpec


def comparison_figures(findings: ComparisonFindings) -> list[FigureSpec]:
    """Every figure that the findings support."""
    return [*method_courses.specs(findings), *method_agreement.specs(findings)]
