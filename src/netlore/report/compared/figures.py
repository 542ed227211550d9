"""Which figures a comparison of methods has."""

from __future__ import annotations

from netlore.report.compared.findings import ComparisonFindings
from netlore.report.figure_plan import FigurePlan
from netlore.report.paper import method_agreement, method_courses


def comparison_figures(findings: ComparisonFindings) -> list[FigurePlan]:
    """Every figure that the findings support."""
    return [*method_courses.plans(findings), *method_agreement.plans(findings)]
