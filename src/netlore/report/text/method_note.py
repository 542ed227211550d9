"""Which refinements a study's page leaves to the comparison of methods, in sentences."""

from __future__ import annotations

from netlore.report.data import StudyData
from netlore.report.text.methods import WORDS
from netlore.report.text.phrases import join

COMPARISON = "compare"
"""The folder beside a study's page that the comparison of its methods lies in."""


def method_verdicts(findings: StudyData) -> list[str]:
    """Say which method a page tells of each predictor that was refined by several."""
    return [
        f"Of {predictor} on {data}, only the {_noun(first)} is told here; the folder {COMPARISON} puts it side by "
        f"side with the {join([_noun(other) for other in others])}."
        for predictor, data, (first, *others) in findings.compared
    ]


def _noun(method: str) -> str:
    return "paper's refinement" if method == "paper" else WORDS[method].noun
