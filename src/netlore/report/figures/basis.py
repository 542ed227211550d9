"""What captions say of the data behind a figure, and what is drawn alike in all figures of a study."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netlore.report.data import RefinementData, SampleData, StudyData
from netlore.report.figures.style import Look, looks_of
from netlore.report.text.phrases import join


def predictor_looks(study: StudyData) -> dict[str, Look]:
    """A look for every predictor of a study, in the order of its samples, then of its refinements."""
    sampled = [name for sample in study.samples for name in sample.predictors]
    return looks_of(dict.fromkeys([*sampled, *(one.predictor for one in study.refinements)]))


def of_sample(sample: SampleData, predictors: Iterable[str]) -> str:
    """How many networks were sampled, and how many are left out for want of a score of some predictors."""
    failed = sample.failed
    lost = [f"{failed[name]:,} of {name}" for name in predictors if failed[name]]
    return (
        f"{len(sample.frame):,} networks of {sample.family} on {sample.data}, seed {sample.seed}; left out "
        f"without a score: {join(lost) if lost else 'none'}."
    )


def of_refinements(runs: Sequence[RefinementData]) -> str:
    """How many networks a round had, of which data set, predictor and seed."""
    groups: dict[tuple[str, int, int], list[str]] = {}
    for one in runs:
        key = (one.data, one.configuration.networks, one.first.seed)
        groups.setdefault(key, []).append(one.predictor)
    parts = [
        f"{data} ({', '.join(who)}): {count:,} networks a round, seed {seed}"
        for (data, count, seed), who in groups.items()
    ]
    return f"{'; '.join(parts)}."
