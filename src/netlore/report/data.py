"""What a study found: plain values of refinements, trainings and all together, filled by `collect`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from netlore.analysis import Floats
from netlore.analysis.interval_overlap import Agreement, Stability
from netlore.analysis.replicate_comparison import Repeatability
from netlore.experiments.config import RefineConfiguration
from netlore.refinement.result import Refinement
from netlore.report.members import MemberIntervals
from netlore.report.names import with_budget
from netlore.report.replicates import Replicate, replicate_of
from netlore.report.sample_data import SampleData
from netlore.scoring.transforms import Transform
from netlore.space.architecture import Architecture
from netlore.space.complexity import BUILT_IN
from netlore.space.counting import Count
from netlore.training.records import TrainingRecord


class Published(NamedTuple):
    """What others found for the same predictor on the same data: figures draw it next to ours.

    Attributes:
        source: Who found it, for captions, such as "the paper".
        principles: Final intervals by hyperparameter, closed.
        complexities: Of the one network that they recommend, by measure.
    """

    source: str
    principles: Mapping[str, tuple[float, float]]
    complexities: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class RefinementData:
    """A predictor refined on a data set, once or with several seeds.

    Attributes:
        configuration: What was asked for; the seed is the first replicate's.
        refinements: At least one; they differ in their seed alone. The first stands for all in figures that
            compare predictors.
        transform: From raw scores to the scale of figures.
        asked: Replicates that were asked for; some may have no complete round yet.
        stability: What repeats; None for one replicate.
        repeatability: How far apart the replicates end; None for one replicate, or if one of them has no score.
        courses: Per replicate its elite score over the networks scored; empty where `repeatability` is None.
        missing: Analyses that could not be made, each with its reason.
        regime: The budget in words, where refinements of a report differ in theirs.
        members: Of a combination, what each member alone would have kept.
        published: What others found, if it is to be drawn.
        picked: The network that was picked from it, if one was.
    """

    configuration: RefineConfiguration
    refinements: tuple[Refinement, ...]
    transform: Transform
    asked: int = 1
    stability: Stability | None = None
    repeatability: Repeatability | None = None
    courses: tuple[Floats, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)
    regime: str = ""
    members: tuple[MemberIntervals, ...] = ()
    published: Published | None = None
    picked: Architecture | None = None

    @property
    def first(self) -> Refinement:
        """The first replicate."""
        return self.refinements[0]

    @property
    def predictor(self) -> str:
        """Whose principles these are."""
        return self.first.predictor

    @property
    def data(self) -> str:
        """The data set's name, and its budget where refinements of a report differ in theirs."""
        name = self.configuration.data
        return with_budget(name, self.regime) if self.regime else name

    @property
    def method(self) -> str:
        """How it was refined."""
        return self.configuration.method

    @property
    def family(self) -> str:
        """The architecture family's name."""
        return self.first.space.family

    @property
    def budget(self) -> str:
        """The complexity budget in words, such as "10M to 50M FLOPs"."""
        return str(self.first.space.budget)

    @property
    def scale(self) -> str:
        """The label of every score axis, such as "ln S"."""
        return self.transform.label

    @property
    def grids(self) -> dict[str, tuple[Any, ...]]:
        """Every hyperparameter's full original grid, in the design space's order: numbers ascending, or names."""
        return self.first.space.grids

    @cached_property
    def networks(self) -> pd.DataFrame:
        """A row per scored network of all replicates, in the order of scoring: architecture (id), seed (the
        replicate's), draw, round, hyperparameters, complexities, score (raw; NaN where there is none)."""
        frames = [
            entry.frame.drop(columns=[name for name in (self.predictor,) if name not in BUILT_IN]).assign(
                score=entry.frame[self.predictor], seed=one.seed, round=entry.number
            )
            for one in self.refinements
            for entry in one.rounds
        ]
        return pd.concat(frames, ignore_index=True)

    @property
    def cost(self) -> str:
        """What scores are drawn against: the measure asked for, or else the first that the budget limits."""
        return self.configuration.cost or next(iter(self.first.space.budget.binding()), BUILT_IN[0])

    @cached_property
    def scored(self) -> pd.DataFrame:
        """A row for each architecture of the first replicate that has a score, by its id: hyperparameters,
        complexities, and `score`, the mean over its initial weights, on the scale."""
        own = self.networks[self.networks["seed"] == self.first.seed].drop(columns=["seed", "draw", "round"])
        scores = self.transform.apply(own["score"].to_numpy(np.float64))
        kept = own.assign(score=scores)[np.isfinite(scores)]
        how = {name: "mean" if name == "score" else "first" for name in kept.columns if name != "architecture"}
        return kept.groupby("architecture", sort=False).agg(how)

    @cached_property
    def replicates(self) -> tuple[Replicate, ...]:
        """The refinements with their scores."""
        return tuple(replicate_of(one, self.transform) for one in self.refinements)

    @cached_property
    def sizes_within_budget(self) -> tuple[tuple[Count, ...], ...]:
        """Per replicate how much of the space met the budget at first and after each round; empty without one."""
        return tuple(
            tuple(one.counts_within_budget if one.space.budget.limits() else ()) for one in self.refinements
        )

    def scores(self, one: Refinement) -> dict[int, Floats]:
        """The finite scores of each round of a replicate that has any, on the scale, shape (n,)."""
        own, found = self.networks[self.networks["seed"] == one.seed], {}
        for entry in one.rounds:
            scores = self.transform.apply(own.loc[own["round"] == entry.number, "score"].to_numpy(np.float64))
            if np.isfinite(scores).any():
                found[entry.number] = scores[np.isfinite(scores)]
        return found

    @property
    def failed(self) -> int:
        """How many networks of all rounds have no finite score."""
        return sum(len(entry.table.failures) for one in self.refinements for entry in one.rounds)


@dataclass(frozen=True, eq=False)
class TrainedArchitecture:
    """One architecture trained on one data set by one recipe, with one seed or several.

    Attributes:
        name: What the architecture is called: its name in the catalogue, or its id.
        architecture: Its id.
        text: Its hyperparameters in words.
        data: The data set as it was asked for.
        recipe: The recipe's name, such as "paper"; "quick with learning_rate = 0.1" if it was changed.
        replicates: At least one; they differ in their seed alone.
        command: The command line that trains it.
        class_names: One name a class; empty where they are not known.
    """

    name: str
    architecture: str
    text: str
    data: str
    recipe: str
    training_images: int
    validation_images: int
    flops: int
    params: int
    activations: int
    replicates: tuple[TrainingRecord, ...]
    command: str
    class_names: tuple[str, ...] = ()

    @property
    def first(self) -> TrainingRecord:
        """The first replicate."""
        return self.replicates[0]


@dataclass(frozen=True, eq=False)
class StudyData:
    """Everything that a page, its figures and its tables show.

    Attributes:
        samples: Scored samples; the first is the one that the paper's Figs. 2 and 3 are about.
        refinements: One per data set and predictor, ordered by data set, then by predictor.
        agreement: Per data set, between the principles of its predictors; where there are two or more.
        architectures: Every scored architecture, by its id.
        classes: Per data set the number of classes, and the resolution of its images in pixels.
        made: Facts on how it was made, such as machine and versions: (what, value).
        compared: Of a predictor on a data set that was refined by several methods: (predictor, data, methods), the
            first method is on the page; the others are not among `refinements`.
        notes: What a reader must know before all else, such as a scale that is not known here.
    """

    title: str
    samples: tuple[SampleData, ...]
    refinements: tuple[RefinementData, ...]
    agreement: dict[str, Agreement]
    architectures: dict[str, Architecture]
    classes: dict[str, tuple[int, int]]
    made: tuple[tuple[str, str], ...] = ()
    trainings: tuple[TrainedArchitecture, ...] = ()
    compared: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def data(self) -> tuple[str, ...]:
        """The data sets that were refined on, in order; with several budgets, each of these apart."""
        return tuple(dict.fromkeys(one.data for one in self.refinements))

    def refined(self, data: str) -> tuple[RefinementData, ...]:
        """The refinements on a data set, in order."""
        return tuple(one for one in self.refinements if one.data == data)
