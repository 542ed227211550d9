"""From folders to groups of refinements that compare, and the fresh scores of their elites."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.elite_scores import elite
from netlore.errors import InvalidInput
from netlore.experiments.config import RefineConfiguration
from netlore.experiments.record import RunRecord
from netlore.experiments.refine import stored_refinements
from netlore.refinement.result import Refinement
from netlore.report.collect import transform_of
from netlore.report.compare.data import place
from netlore.report.compare.method_runs import FreshRun, MethodRun, check_same, read_runs
from netlore.report.text.phrases import join
from netlore.scoring.predictor import resolve
from netlore.space import named as catalogue
from netlore.space.architecture import Architecture
from netlore.storage.score_table import ScoreRow


class Replicate(NamedTuple):
    """One refinement.

    Attributes:
        refinement: What it found.
        scores: On the predictor's scale, in the order of scoring.
        architectures: Whose they are, by id.
        known: Every architecture that it scored, by id.
        elite: The ids of those that it holds for the best, the best first: its elites, or where a method has none
            the best by the means of their scores.
    """

    refinement: Refinement
    scores: Floats
    architectures: list[str]
    known: dict[str, Architecture]
    elite: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class MethodGroup:
    """Refinements of one predictor on one data set whose scores compare.

    Attributes:
        runs: At least one, in the order in which methods are told.
        replicates: The complete ones of each run.
        fresh: Where its elites were scored anew; None: nowhere.
    """

    runs: tuple[MethodRun, ...]
    replicates: tuple[tuple[Replicate, ...], ...]
    fresh: FreshRun | None = None

    @property
    def first(self) -> RefineConfiguration:
        """All have its predictor, data and settings."""
        return self.runs[0].configuration

    @property
    def title(self) -> str:
        """What was refined."""
        return f"{self.first.predictor} on {self.first.data}"

    @property
    def documents(self) -> list[RunRecord]:
        """What all its folders record."""
        return [*(run.document for run in self.runs), *([] if self.fresh is None else [self.fresh.document])]

    @property
    def pooled(self) -> list[Replicate]:
        """The replicates of all runs."""
        return [one for found in self.replicates for one in found]

    @cached_property
    def elites(self) -> dict[str, Architecture]:
        """The elites of all replicates by id, in an order that depends on nothing else."""
        found = {name: one.known[name] for one in self.pooled for name in one.elite}
        return dict(sorted(found.items()))


def method_groups(folders: Sequence[Path]) -> list[MethodGroup]:
    """Read the refinements in these folders, grouped by predictor and data; nothing is scored.

    Args:
        folders: Folders or archives of `netlore refine`, and of `netlore score` with the elites of a group.

    Raises:
        InvalidInput: A folder is named twice, is of another kind or holds nothing complete; the scores of a group
            depend on different settings; a group has one refinement in all; fresh scores belong to no group or are
            not fresh.
    """
    groups: dict[tuple[str, str], list[MethodRun]] = defaultdict(list)
    fresh: list[FreshRun] = []
    for run in read_runs(folders):
        if isinstance(run, FreshRun):
            fresh.append(run)
        else:
            groups[run.configuration.predictor, run.configuration.data].append(run)
    for runs in groups.values():
        for other in runs[1:]:
            check_same(runs[0], other)
    found = [_group(runs) for runs in groups.values()]
    for one in fresh:
        found = _joined(found, one)
    return found


def _group(given: Sequence[MethodRun]) -> MethodGroup:
    runs = sorted(given, key=lambda run: place(run.configuration.method))
    group = MethodGroup(tuple(runs), tuple(_replicates(run) for run in runs))
    if len(group.pooled) < 2:
        raise InvalidInput(
            f"{runs[0].folder} holds the only refinement of {group.title}, and a comparison needs two; name "
            "another run of it, or add --replicates."
        )
    for run, replicates in zip(group.runs, group.replicates, strict=True):
        for one in replicates:
            if not np.isfinite(one.scores).any():
                raise InvalidInput(
                    f"seed {one.refinement.seed} in {run.folder} has 0 finite scores; leave that run out."
                )
    return group


def _replicates(run: MethodRun) -> tuple[Replicate, ...]:
    return tuple(map(_replicate, stored_refinements(run.folder)[1]))


def _replicate(one: Refinement) -> Replicate:
    rows = [row for entry in one.rounds for row in entry.table.rows]
    scores, architectures = scores_of(one.predictor, rows), [row.architecture.id for row in rows]
    return Replicate(
        refinement=one,
        scores=scores,
        architectures=architectures,
        known={row.architecture.id: row.architecture for row in rows},
        elite=tuple(found.id for found in one.elites) or elite(scores, architectures),
    )


def scores_of(predictor: str, rows: Sequence[ScoreRow]) -> Floats:
    """Scores on the predictor's scale, NaN where there is none."""
    raw = [np.nan if row.score.value is None else row.score.value for row in rows]
    return transform_of(predictor).apply(np.asarray(raw, dtype=np.float64))


def _joined(groups: Sequence[MethodGroup], fresh: FreshRun) -> list[MethodGroup]:
    """The groups, those that these fresh scores are about with them."""
    predictors = [one.name for one in resolve(fresh.configuration.predictors)]
    about = [
        one for one in groups if one.first.data == fresh.configuration.data and one.first.predictor in predictors
    ]
    if not about:
        raise InvalidInput(
            f"{fresh.folder} holds scores of {join(predictors)} on {fresh.configuration.data}, of which no "
            "refinement is named; name refinements of it too, or leave it out."
        )
    scored = {catalogue.parse(text).id for text in fresh.configuration.architectures}
    for group in about:
        _check_fresh(group, fresh, scored)
    return [replace(one, fresh=fresh) if one in about else one for one in groups]


def _check_fresh(group: MethodGroup, fresh: FreshRun, scored: set[str]) -> None:
    """Refuse scores that are not fresh scores of a group's elites."""
    check_same(group.runs[0], fresh)
    if group.fresh is not None:
        raise InvalidInput(
            f"{group.fresh.folder} and {fresh.folder} both hold fresh scores of {group.title}; name one of them."
        )
    seed = fresh.configuration.seed
    for run in group.runs:
        if seed in run.seeds:
            raise InvalidInput(
                f"seed {seed} of {fresh.folder} is that of a refinement in {run.folder}, so its scores are not "
                "fresh; score with a seed that no refinement has."
            )
    if not scored & set(group.elites):
        raise InvalidInput(
            f"{fresh.folder} holds scores of none of the best architectures of {group.title}; score them with "
            "--again."
        )
