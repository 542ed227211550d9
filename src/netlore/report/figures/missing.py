"""What captions say about networks without a score."""

from __future__ import annotations

from collections.abc import Iterable

from netlore.report.data import SampleData
from netlore.report.text.phrases import join


def without_score(sample: SampleData, predictors: Iterable[str]) -> str:
    """Say how many networks of a sample are left out for want of a score of some of its predictors."""
    failed = sample.failed
    lost = [f"{failed[name]:,} of {name}" for name in predictors if failed[name]]
    return f"without a score, and left out: {join(lost)}" if lost else "none without a score"
