"""Scores before training against accuracies after it: what a study holds of both for the same architectures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
import pandas as pd

from netlore.analysis import Floats
from netlore.analysis.correlation import FEWEST, AccuracyCorrelation, accuracy_correlation
from netlore.report.data import RefinementData, SampleData, StudyData, TrainedArchitecture
from netlore.report.text.phrases import count
from netlore.report.training_groups import TrainingGroup, mean_error, training_groups
from netlore.space.complexity import BUILT_IN


@dataclass(frozen=True, eq=False)
class ScoreComparison:
    """A predictor, or a complexity, against the accuracies of a group of trainings.

    Attributes:
        group: The trainings.
        source: Where the scores are from, such as "cifar10 (sample, seed 0)"; the data set that was scored on need
            not be the one that was trained on.
        what: The predictor, or "flops", "params" or "activations".
        scale: The axis label of the scores; empty for a complexity.
        trainings: The finished trainings of the group, k of them.
        values: Scores on their scale, or complexities, shape (k,); NaN where there is none.
        errors: Mean validation errors, percent, shape (k,).
        correlation: Of values with accuracy.
    """

    group: TrainingGroup
    source: str
    what: str
    scale: str
    trainings: tuple[TrainedArchitecture, ...]
    values: Floats
    errors: Floats
    correlation: AccuracyCorrelation

    @property
    def of_predictor(self) -> bool:
        """Whether it is about a predictor: complexities are yardsticks."""
        return bool(self.scale)


class _Source(NamedTuple):
    """Scores of one run: per predictor their scale, and the scores by architecture, NaN where there is none."""

    name: str
    scores: dict[str, tuple[str, dict[str, float]]]
    architectures: frozenset[str]


def score_comparisons(findings: StudyData) -> list[ScoreComparison]:
    """Compare the scores of every run with the accuracies of every group of trainings.

    Architectures are what joins them; where there are fewer than three, nothing is compared. Scores of different
    runs are never mixed: their batches may differ.

    Returns:
        Group by group and source by source, the predictors in their order and then the complexities.
    """
    if not findings.trainings:
        return []
    several = len(findings.samples) > 1
    sources = [
        *(_of_sample(one, f"sample {i}" if several else "sample") for i, one in enumerate(findings.samples, 1)),
        *map(_of_refinement, findings.refinements),
    ]
    return [
        comparison
        for group in training_groups(findings.trainings)
        for source in sources
        if sum(one.architecture in source.architectures for one in group.finished) >= FEWEST
        for comparison in _compared(group, source)
    ]


def by_source(comparisons: Sequence[ScoreComparison]) -> list[list[ScoreComparison]]:
    """Put together what is about the same trainings and from the same source; these follow each other."""
    return [list(same) for _, same in groupby(comparisons, key=lambda one: (id(one.group), one.source))]


def _compared(group: TrainingGroup, source: _Source) -> Iterator[ScoreComparison]:
    trainings = group.finished
    errors = np.asarray([mean_error(one) for one in trainings])
    # Of the networks that are scored alone, so that complexities are yardsticks for the predictors.
    scored = [one for one in trainings if one.architecture in source.architectures]
    costs = {name: ("", {one.architecture: float(getattr(one, name)) for one in scored}) for name in BUILT_IN}
    for what, (scale, scores) in (*source.scores.items(), *costs.items()):
        values = np.asarray([scores.get(one.architecture, np.nan) for one in trainings])
        correlation = accuracy_correlation(values, errors)
        yield ScoreComparison(group, source.name, what, scale, trainings, values, errors, correlation)


def _of_sample(one: SampleData, what: str) -> _Source:
    names = one.frame["architecture"]
    scores = {name: (one.scales[name], _per_architecture(names, one.transformed[name])) for name in one.predictors}
    return _Source(f"{one.data} ({what}, seed {one.seed})", scores, frozenset(names))


def _of_refinement(one: RefinementData) -> _Source:
    names = one.networks["architecture"]
    scores = one.transform.apply(one.networks["score"].to_numpy(dtype=np.float64))
    seeds = f"seed {one.first.seed}" if len(one.refinements) == 1 else count(len(one.refinements), "seed")
    source = f"{one.data} (refinement for {one.predictor}, {seeds})"
    return _Source(source, {one.predictor: (one.scale, _per_architecture(names, scores))}, frozenset(names))


def _per_architecture(names: pd.Series[str], scores: Floats) -> dict[str, float]:
    """The median of every architecture's finite scores: it may have been drawn more than once."""
    finite = pd.Series(np.where(np.isfinite(scores), scores, np.nan), index=names.to_numpy())
    return {str(name): float(value) for name, value in finite.groupby(level=0).median().items()}
