"""What a comparison of methods found: plain values, filled by `collect` and only shown elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import NamedTuple

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.elite_scores import Band, band
from netlore.analysis.interval_overlap import Stability
from netlore.refinement.methods import METHODS, PAPER
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData


class BestArchitecture(NamedTuple):
    """The architecture that one refinement holds for the best: its first elite, or that of the highest own mean.

    It has three means, each with the number of initialisations behind it: of its scores in that refinement, in all
    refinements of the group, and under initialisations that no refinement had seen (None without any).
    """

    identity: str
    text: str
    score: float
    draws: int
    score_of_all: float
    draws_of_all: int
    rescored: float | None = None
    rescored_draws: int = 0


@dataclass(frozen=True, eq=False)
class ReplicateFindings:
    """One refinement among the others of its group.

    Attributes:
        refinement: What it found.
        elite_score: The mean of its twelve best architectures, each by the mean of its own scores.
        elite_draws: How many scores each of these has, on average.
        own: The mean of those architectures that `rescored` is of, each by the mean of its own scores; below the
            elite score where a method's elites are not the twelve best by own means.
        reached: How many networks it scored until one of an architecture within one noise unit of the best known;
            None: never.
        best: Its best architecture.
        widths: Per hyperparameter the share of the grid that its final interval covers.
        elite_course: Its elite score over the networks scored, shape (p, 2).
        best_course: The mean of its best architecture over the networks scored, shape (p, 2).
        rescored: The mean of its elites, or of the same twelve where a method has none, each by the mean of its
            scores under initialisations that no refinement had seen; None if one of them has none.
    """

    refinement: Refinement
    elite_score: float
    elite_draws: float
    own: float
    reached: int | None
    best: BestArchitecture
    widths: Mapping[str, float]
    elite_course: Floats
    best_course: Floats
    rescored: float | None = None


@dataclass(frozen=True, eq=False)
class MethodFindings:
    """The replicates of one run, and what the method is called here, unique in its group."""

    run: RefinementData
    label: str
    replicates: tuple[ReplicateFindings, ...]

    @cached_property
    def elite(self) -> Band:
        """The courses of the elite scores."""
        return band([one.elite_course for one in self.replicates])

    @cached_property
    def best(self) -> Band:
        """The courses of the best architectures' means."""
        return band([one.best_course for one in self.replicates])

    @property
    def stability(self) -> Stability | None:
        """What repeats; None for one replicate."""
        return self.run.stability

    @property
    def elite_scores(self) -> tuple[float, ...]:
        """Of every replicate."""
        return tuple(one.elite_score for one in self.replicates)

    @property
    def rescored(self) -> tuple[float, ...]:
        """Elite scores under new initialisations, of every replicate that has one."""
        return tuple(one.rescored for one in self.replicates if one.rescored is not None)

    @property
    def selection_bias(self) -> float | None:
        """How far own scores of elites lie above new ones of the same: the median over replicates with both.

        The best of many means of few scores are also the luckiest (the winner's curse).
        """
        found = [one.own - one.rescored for one in self.replicates if one.rescored is not None]
        return median(found) if found else None

    @property
    def networks(self) -> tuple[int, ...]:
        """Networks that every replicate scored."""
        return tuple(one.networks_scored for one in self.run.refinements)

    @property
    def distinct(self) -> tuple[int, ...]:
        """How many architectures each seed scored, each once."""
        return tuple(
            len({row.architecture.id for found in one.rounds for row in found.table.rows})
            for one in self.run.refinements
        )

    @property
    def reached(self) -> tuple[int, ...]:
        """Networks until near the best known score, of those replicates that came there."""
        return tuple(one.reached for one in self.replicates if one.reached is not None)

    @property
    def widths(self) -> dict[str, float]:
        """Per hyperparameter the share of the grid that a final interval covers, mean over the replicates."""
        found = [one.widths for one in self.replicates]
        return {name: float(np.mean([one[name] for one in found])) for name in found[0]}

    @property
    def width(self) -> float:
        """The same, mean over the hyperparameters too."""
        return float(np.mean(list(self.widths.values())))


class Rescored(NamedTuple):
    """How the elites of a group were scored under initialisations of a seed that no replicate had seen.

    `architectures` have finite scores, at most `draws` each on each of `batches`, and `scores` in all; they took
    `seconds`.
    """

    architectures: int
    draws: int
    scores: int
    seed: int
    seconds: float
    batches: int = 1


@dataclass(frozen=True, eq=False)
class GroupFindings:
    """Refinements of one predictor on one data set that differ in method and seed alone.

    Attributes:
        noise: Pooled standard deviation of the scores of one architecture over its initialisations, over all
            replicates of all methods; None if no architecture has two scores.
        best_known: The highest mean score of an architecture over all of them, of those with two scores or more;
            where elites were rescored, the highest mean under new initialisations.
        methods: At least one, in their order.
        rescored: How elites were rescored; None: they were not.
    """

    noise: float | None
    best_known: float
    methods: tuple[MethodFindings, ...]
    rescored: Rescored | None = None

    @property
    def first(self) -> RefinementData:
        """The first method: all have its predictor, data and scale."""
        return self.methods[0].run

    @property
    def title(self) -> str:
        """What was refined."""
        return f"{self.first.predictor} on {self.first.data}"

    def elite_scores(self, one: MethodFindings) -> tuple[float, ...]:
        """What a method is judged by: rescored elites where there are any, else its own scores; maybe none."""
        return one.elite_scores if self.rescored is None else one.rescored

    @property
    def ranked(self) -> list[tuple[MethodFindings, float]]:
        """Those methods that can be judged with their median elite score, the highest first."""
        found = [(one, median(scores)) for one in self.methods if (scores := self.elite_scores(one))]
        return sorted(found, key=lambda entry: -entry[1])

    def in_noise(self, difference: float | None) -> float | None:
        """A difference of scores in units of noise; None without either, or if the noise is 0."""
        return difference / self.noise if self.noise and difference is not None else None


@dataclass(frozen=True, eq=False)
class ComparisonFindings:
    """What a comparison shows: groups, at least one, and facts on how it was made, (what, value)."""

    title: str
    groups: tuple[GroupFindings, ...]
    made: tuple[tuple[str, str], ...] = ()

    @property
    def rescored(self) -> bool:
        """Whether the elites of any group were rescored."""
        return any(group.rescored is not None for group in self.groups)

    @property
    def labels(self) -> tuple[str, ...]:
        """Every method of any group, each once, in the order of methods."""
        found = {one.label: one.run.method for group in self.groups for one in group.methods}
        return tuple(sorted(found, key=lambda label: method_order(found[label])))


def method_label(method: str) -> str:
    """What a method is called among others; one that is not installed by its name."""
    if method == PAPER.name:
        return f"the paper's {PAPER.label}"
    return METHODS.get(method).label if method in METHODS else method


def method_order(method: str) -> int:
    """Where a method stands among all; those that are not installed come last."""
    names = list(METHODS)
    return names.index(method) if method in names else len(names)
