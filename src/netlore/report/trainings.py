"""Trained architectures, put together where they compare, and scores against their accuracies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from statistics import fmean, stdev
from typing import NamedTuple

import numpy as np
import pandas as pd

from netlore.analysis import Floats
from netlore.analysis.correlation import FEWEST, AccuracyCorrelation, accuracy_correlation
from netlore.errors import InvalidInput
from netlore.experiments.train import TrainRun, stored_training
from netlore.experiments.train_config import fingerprint, measures
from netlore.report.command_lines import train_command
from netlore.report.data import RefinementData, StudyData, TrainedArchitecture
from netlore.report.names import short_data
from netlore.report.sample_data import SampleData
from netlore.report.text.phrases import count
from netlore.space.complexity import BUILT_IN
from netlore.training.records import NOT_LEARNING, TrainingRecord


def find_trainings(folders: Sequence[Path]) -> tuple[TrainedArchitecture, ...]:
    """What the trainings in these folders found, in their order; those that differ in the seed alone as one.

    Raises:
        InvalidInput: A folder holds no complete epoch, or two hold the same training with the same seed.
    """
    merged: dict[tuple[str, str], TrainedArchitecture] = {}
    for folder in folders:
        run = stored_training(folder)
        found, key = _trained(run), (fingerprint(run.configuration, "seed"), run.facts.digest)
        known = merged[key].replicates if key in merged else ()
        for twice in {one.seed for one in known} & {one.seed for one in found.replicates}:
            raise InvalidInput(
                f"two of the runs train {found.name} on {found.data} by {found.recipe} with seed {twice}; name "
                "one of them."
            )
        replicates = sorted((*known, *found.replicates), key=lambda one: one.seed)
        merged[key] = replace(merged.get(key, found), replicates=tuple(replicates))
    return tuple(merged.values())


def _trained(run: TrainRun) -> TrainedArchitecture:
    configuration, architecture = run.configuration, run.configuration.make_architecture()
    return TrainedArchitecture(
        name=configuration.name,
        architecture=architecture.id,
        text=str(architecture),
        data=configuration.data,
        recipe=configuration.recipe_in_words,
        training_images=run.facts.training_images,
        validation_images=run.facts.validation_images,
        **measures(configuration, run.facts),
        replicates=run.records,
        command=train_command(configuration, len(run.records)),
        class_names=run.facts.class_names,
    )


def counted(one: TrainedArchitecture) -> tuple[TrainingRecord, ...]:
    """The seeds that count: the finished ones, or all while none is finished."""
    return tuple(record for record in one.replicates if record.finished) or one.replicates


def counted_errors(one: TrainedArchitecture) -> tuple[float, ...]:
    """Validation error of every seed that counts after its last epoch, percent."""
    return tuple(record.error for record in counted(one))


def mean_error(one: TrainedArchitecture) -> float:
    """The mean of these over the seeds, percent."""
    return fmean(counted_errors(one))


def error_spread(one: TrainedArchitecture) -> float | None:
    """Their sample standard deviation, percent; None for one seed."""
    errors = counted_errors(one)
    return stdev(errors) if len(errors) > 1 else None


def beside_error(records: Sequence[TrainingRecord]) -> dict[str, float]:
    """Balanced and majority's error by their titles, means over records; earlier versions recorded neither."""
    pairs = [(one.balanced_error, one.majority_error) for one in records]
    balanced, majority = ([value for value in values if value is not None] for values in zip(*pairs, strict=True))
    found = {"Balanced error, %": balanced, "Majority's error, %": majority}
    return {title: fmean(errors) for title, errors in found.items() if len(errors) == len(pairs)}


def training_notes(name: str, records: Sequence[TrainingRecord]) -> list[str]:
    """Say of each seed whose network does not learn, as far as it came, why one sees that."""
    return [
        f"{name}, seed {one.seed}, epoch {len(one.epochs)}: {NOT_LEARNING}: {one.not_learning}."
        for one in records
        if one.not_learning is not None
    ]


class TrainingGroup(NamedTuple):
    """Trainings, at least one, on the same images, judged by as many images, by one recipe, over as many epochs.

    `label` is a short name of the data set, as in `data_labels`.
    """

    label: str
    trainings: tuple[TrainedArchitecture, ...]

    @property
    def data(self) -> str:
        """The data set as it was asked for."""
        return self.trainings[0].data

    @property
    def recipe(self) -> str:
        """The recipe's name, and what was changed of it."""
        return self.trainings[0].recipe

    @property
    def epochs(self) -> int:
        """Epochs that the recipe asks for."""
        return self.trainings[0].first.planned

    @property
    def finished(self) -> tuple[TrainedArchitecture, ...]:
        """Those with a finished seed: the only ones whose errors are compared."""
        return tuple(one for one in self.trainings if counted(one)[0].finished)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of all of them, ascending."""
        return tuple(sorted({record.seed for one in self.trainings for record in one.replicates}))


def training_groups(trainings: Sequence[TrainedArchitecture]) -> list[TrainingGroup]:
    """Put trainings together that may be compared with each other, in the order of their first."""
    found: dict[tuple[object, ...], list[TrainedArchitecture]] = {}
    for one in trainings:
        images = (one.training_images, one.validation_images)
        found.setdefault((one.data, *images, one.recipe, one.first.planned), []).append(one)
    labels = data_labels(trainings)
    return [TrainingGroup(labels[members[0].data], tuple(members)) for members in found.values()]


def data_labels(trainings: Sequence[TrainedArchitecture]) -> dict[str, str]:
    """By data set a name for titles and tables: short, unless two would look alike."""
    short = {one.data: short_data(one.data) for one in trainings}
    return short if len(set(short.values())) == len(short) else {name: name for name in short}


@dataclass(frozen=True, eq=False)
class ScoreComparison:
    """A predictor, or a complexity, against the accuracies of a group of trainings.

    Attributes:
        group: The trainings.
        source: Where the scores are from, such as "cifar10 (sample, seed 0)"; the data set that was scored on need
            not be the one that was trained on.
        what: The predictor, or "flops", "params" or "activations".
        scale: The axis label of the scores; empty for a complexity.
        values: Scores on their scale, or complexities, of the k finished trainings of the group, shape (k,); NaN
            where there is none.
        errors: Their mean validation errors, percent, shape (k,).
        correlation: Of values with accuracy.
    """

    group: TrainingGroup
    source: str
    what: str
    scale: str
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


def score_comparisons(study: StudyData) -> list[ScoreComparison]:
    """Compare the scores of every run with the accuracies of every group of trainings.

    Architectures are what joins them; where there are fewer than three, nothing is compared. Scores of different
    runs are never mixed: their batches may differ.

    Returns:
        Group by group and source by source, the predictors in their order and then the complexities.
    """
    if not study.trainings:
        return []
    several = len(study.samples) > 1
    sources = [
        *(_of_sample(one, f"sample {i}" if several else "sample") for i, one in enumerate(study.samples, 1)),
        *map(_of_refinement, study.refinements),
    ]
    return [
        comparison
        for group in training_groups(study.trainings)
        for source in sources
        if sum(one.architecture in source.architectures for one in group.finished) >= FEWEST
        for comparison in _compared(group, source)
    ]


def by_source(comparisons: Sequence[ScoreComparison]) -> list[list[ScoreComparison]]:
    """Put together what is about the same trainings and from the same source; these follow each other."""
    return [list(same) for _, same in groupby(comparisons, key=lambda one: (id(one.group), one.source))]


def _compared(group: TrainingGroup, source: _Source) -> Iterator[ScoreComparison]:
    errors = np.asarray([mean_error(one) for one in group.finished])
    # Of the networks that are scored alone, so that complexities are yardsticks for the predictors.
    scored = [one for one in group.finished if one.architecture in source.architectures]
    costs = {
        name: ("", {one.architecture: float(getattr(one, name)) for one in scored})
        for name in BUILT_IN
        if name not in source.scores
    }
    for what, (scale, scores) in (*source.scores.items(), *costs.items()):
        values = np.asarray([scores.get(one.architecture, np.nan) for one in group.finished])
        yield ScoreComparison(
            group, source.name, what, scale, values, errors, accuracy_correlation(values, errors)
        )


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
