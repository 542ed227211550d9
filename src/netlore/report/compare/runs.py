"""The folders of a comparison: refinements that compare, and scores of their elites under new initialisations, of
the same images or others."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from netlore.errors import InvalidInput
from netlore.experiments.config import (
    Configuration,
    ModulesConfiguration,
    RefineConfiguration,
    ScoreConfiguration,
)
from netlore.experiments.record import RunRecord, command_of, recorded
from netlore.experiments.refine import stored_refinements
from netlore.experiments.study.folders import study_parts
from netlore.report.collect import refinement_data
from netlore.report.compare.data import method_order
from netlore.report.data import RefinementData
from netlore.report.replicates import Replicate
from netlore.report.sampled import Records
from netlore.report.text.phrases import join
from netlore.scoring.predictor import resolve
from netlore.space import named
from netlore.space.architecture import Architecture
from netlore.storage.archive import opened
from netlore.storage.score_table import ScoreRow

_COMMON = tuple(name for name in Configuration.model_fields if name not in ("data", "networks", "seed"))
"""What scores depend on, except predictor, data and architecture; not how, how long and from where to search."""

C = TypeVar("C", RefineConfiguration, ScoreConfiguration)


@dataclass(frozen=True)
class Run(Generic[C]):
    """What a folder says of itself: a refinement, or scores of named architectures; `batch` digests its images."""

    folder: Path
    configuration: C
    record: RunRecord
    batch: object
    records: Records

    @property
    def seeds(self) -> range:
        """Of the replicates that were asked for, whether they have begun or not."""
        first = self.configuration.seed
        return range(first, first + self.record.replicates)


@dataclass(frozen=True, eq=False)
class MethodGroup:
    """Refinements of one predictor on one data set whose scores compare.

    Attributes:
        runs: At least one, in the order of their methods.
        methods: What each run found.
        rescored: Where its elites were scored under new initialisations, each on another batch; none: nowhere.
    """

    runs: tuple[Run[RefineConfiguration], ...]
    methods: tuple[RefinementData, ...]
    rescored: tuple[Run[ScoreConfiguration], ...] = ()

    @property
    def first(self) -> RefineConfiguration:
        """All have its predictor, data and settings."""
        return self.runs[0].configuration

    @property
    def title(self) -> str:
        """What was refined."""
        return f"{self.first.predictor} on {self.methods[0].data}"

    @property
    def pooled(self) -> list[Replicate]:
        """The replicates of all runs."""
        return [one for method in self.methods for one in method.replicates]

    @cached_property
    def elites(self) -> dict[str, Architecture]:
        """The elites of all replicates by id, in an order that depends on nothing else."""
        return dict(sorted((name, one.known[name]) for one in self.pooled for name in one.elite))

    @property
    def last_seed(self) -> int:
        """The highest seed of any of them."""
        return max(seed for run in self.runs for seed in run.seeds)

    def joined(self, folders: Sequence[Path]) -> MethodGroup:
        """The same group, its elites rescored in these folders."""
        found = [self]
        for run in _runs(folders)[1]:
            found = _joined(found, run)
        return found[0]

    @cached_property
    def new_rows(self) -> list[tuple[ScoreRow, int]]:
        """The scores of its predictor under new initialisations, as far as they exist, each with the number of its
        batch."""
        found = []
        for number, run in enumerate(self.rescored):
            with opened(run.folder) as reader:
                found += [(row, number) for row in reader.rows() if row.predictor == self.first.predictor]
        return found


def method_groups(folders: Sequence[Path]) -> list[MethodGroup]:
    """Read refinements, and scores of their elites, grouped by predictor and data; nothing is scored.

    Budgets that have several refinements each have groups of their own.

    Raises:
        InvalidInput: A folder is named twice, is of another kind or holds nothing complete; the scores of a group
            depend on different settings; a group has one refinement in all; rescored elites belong to no group or
            have a seed that a refinement has.
    """
    refined, rescored = _runs(folders)
    groups: dict[tuple[str, str], list[Run[RefineConfiguration]]] = defaultdict(list)
    for run in refined:
        groups[run.configuration.predictor, run.configuration.data].append(run)
    found = []
    for runs in groups.values():
        budgets = _by_budget(runs)
        found += [_group(one, of_several=len(budgets) > 1) for one in budgets]
    for one in rescored:
        found = _joined(found, one)
    return found


def _by_budget(given: list[Run[RefineConfiguration]]) -> list[list[Run[RefineConfiguration]]]:
    """The runs of each budget if each has several of them; else all together, which is refused with a reason."""
    found: dict[str, list[Run[RefineConfiguration]]] = defaultdict(list)
    for run in given:
        found[str(run.configuration.limits)].append(run)
    return [*found.values()] if all(len(runs) > 1 for runs in found.values()) else [given]


def _runs(folders: Sequence[Path]) -> tuple[list[Run[RefineConfiguration]], list[Run[ScoreConfiguration]]]:
    """The refinements in these folders, and the scores of named architectures."""
    refined: list[Run[RefineConfiguration]] = []
    rescored: list[Run[ScoreConfiguration]] = []
    seen: set[Path] = set()
    rule = "name refinements, and new scores of their elites"
    for folder in _expanded(folders):
        if folder.resolve() in seen:
            raise InvalidInput(f"{folder} is named twice, and would count twice; name every run once.")
        seen.add(folder.resolve())
        if (command := command_of(folder)) not in ("refine", "score"):
            raise InvalidInput(f"{folder} holds a {command} run, which refines nothing; {rule}.")
        record = recorded(folder)
        asked = record.configuration
        if isinstance(asked, ScoreConfiguration) and not asked.architectures:
            what = "torch modules" if isinstance(asked, ModulesConfiguration) else "a sample"
            raise InvalidInput(f"{folder} holds {what}, not scores of named architectures; {rule}.")
        with opened(folder) as reader:
            facts = (record, reader.configuration.get("batch"), reader.predictors())
        if isinstance(asked, RefineConfiguration):
            refined.append(Run(folder, asked, *facts))
        else:
            rescored.append(Run(folder, asked, *facts))
    return refined, rescored


def _expanded(folders: Sequence[Path]) -> Iterator[Path]:
    """The folders, and in place of a study those of its refinements."""
    for folder in folders:
        study = study_parts(folder)
        parts = [folder] if study is None else [part for part in study[1] if command_of(part) == "refine"]
        if not parts:
            raise InvalidInput(f"the study in {folder} has refined nothing yet; name refinements.")
        yield from parts


def _check_same(
    one: Run[RefineConfiguration], other: Run[RefineConfiguration] | Run[ScoreConfiguration], may: str = ""
) -> None:
    """Refuse two runs whose scores do not compare; one setting may differ, and with it the images."""
    here = one.configuration.model_dump(mode="json", include={*_COMMON})
    there = other.configuration.model_dump(mode="json", include={*_COMMON})
    for name in _COMMON:
        if here.get(name) != there.get(name) and name != may:
            raise InvalidInput(
                f"{name} is {json.dumps(here.get(name))} in {one.folder} and {json.dumps(there.get(name))} in "
                f"{other.folder}, so their scores do not compare; compare runs that agree in it."
            )
    is_same = not may or here.get(may) == there.get(may)
    if is_same and one.batch != other.batch:
        raise InvalidInput(
            f"{one.folder} and {other.folder} saw other images, though both call their data "
            f"{one.configuration.data}, so their scores do not compare; compare runs on the same files."
        )


def _group(given: Sequence[Run[RefineConfiguration]], of_several: bool) -> MethodGroup:
    """Runs whose scores compare; called by their budget too where it is one of several."""
    for other in given[1:]:
        _check_same(given[0], other)
    runs = sorted(given, key=lambda run: method_order(run.configuration.method))
    methods = []
    for run in runs:
        found = stored_refinements(run.folder)[1]
        method = refinement_data(run.configuration, found, run.record.replicates, run.records)
        methods.append(replace(method, regime=method.budget) if of_several else method)
        for one in methods[-1].replicates:
            if not np.isfinite(one.scores).any():
                raise InvalidInput(
                    f"seed {one.refinement.seed} in {run.folder} has 0 finite scores; leave that run out."
                )
    group = MethodGroup(tuple(runs), tuple(methods))
    if len(group.pooled) < 2:
        raise InvalidInput(
            f"{runs[0].folder} holds the only refinement of {group.title}, and a comparison needs two; name "
            "another run of it, or add --replicates."
        )
    return group


def _joined(groups: Sequence[MethodGroup], run: Run[ScoreConfiguration]) -> list[MethodGroup]:
    """The groups, those that these scores are about with them."""
    predictors = [one.name for one in resolve(run.configuration.predictors)]
    data = run.configuration.data
    about = [one for one in groups if one.first.data == data and one.first.predictor in predictors]
    about = [one for one in about if one.first.limits == run.configuration.limits] or about
    if not about:
        raise InvalidInput(
            f"{run.folder} holds scores of {join(predictors)} on {data}, of which no refinement is named; name "
            "refinements of it too, or leave it out."
        )
    scored = {named.parse(text).id for text in run.configuration.architectures}
    for group in about:
        _check_rescored(group, run, scored)
    return [replace(one, rescored=(*one.rescored, run)) if one in about else one for one in groups]


def _check_rescored(group: MethodGroup, run: Run[ScoreConfiguration], scored: set[str]) -> None:
    """Refuse scores that are not those of a group's elites under new initialisations, on the same images or others
    of the data."""
    _check_same(group.runs[0], run, may="data_seed")
    for other in group.rescored:
        if other.configuration.data_seed == run.configuration.data_seed:
            raise InvalidInput(
                f"{other.folder} and {run.folder} both hold new scores of {group.title} on the same batch; name "
                "one of them."
            )
    seed = run.configuration.seed
    for one in group.runs:
        if one.configuration.common_draws and seed in one.seeds:
            raise InvalidInput(
                f"seed {seed} of {run.folder} is that of a refinement in {one.folder}, so its scores are not "
                "new; score with a seed that no refinement has."
            )
    if not scored & set(group.elites):
        raise InvalidInput(
            f"{run.folder} holds scores of none of the best architectures of {group.title}; score them with "
            "--again."
        )
