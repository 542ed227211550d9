"""From the folders of runs to everything that pages, figures and tables show."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from netlore.analysis import Floats
from netlore.analysis.correlation import kendall_matrix, partial_rank_correlation
from netlore.analysis.distribution import exponential_test
from netlore.analysis.elite_scores import elite_course
from netlore.analysis.importance import importance
from netlore.analysis.interval_overlap import Agreement, agreement, stability
from netlore.analysis.replicate_comparison import repeatability
from netlore.analysis.trees import decision_tree
from netlore.errors import InvalidInput, NetloreError
from netlore.experiments.config import ModulesConfiguration, RefineConfiguration, ScoreConfiguration
from netlore.experiments.export import drawn_table, stored_space
from netlore.experiments.overview import Overview
from netlore.experiments.record import RunRecord, command_of, recorded
from netlore.experiments.refine import stored_refinements
from netlore.experiments.train_config import COMMAND as TRAIN
from netlore.experiments.train_config import recorded_training
from netlore.refinement.result import Refinement
from netlore.report.command_lines import score_command
from netlore.report.data import RefinementData, SampleData, StudyData
from netlore.report.members import member_intervals
from netlore.report.names import classes_of, vocabulary
from netlore.report.regimes import by_regime
from netlore.report.trainings import find_trainings
from netlore.scoring.predictor import PREDICTORS, resolve
from netlore.scoring.transforms import TRANSFORMS, Transform
from netlore.space.architecture import Architecture
from netlore.space.complexity import MEASURES
from netlore.space.design_space import DesignSpace
from netlore.space.module import FAMILY as MODULE
from netlore.storage.archive import opened
from netlore.storage.rounds import PredictorRecord
from netlore.storage.score_table import ScoreTable

Records = Mapping[str, PredictorRecord]
V = TypeVar("V")


def find(folders: Sequence[Path], title: str) -> StudyData:
    """What the runs in these folders found; nothing is scored.

    Folders are of `netlore score`, `netlore refine` and `netlore train`, in the order in which they are shown.

    Raises:
        InvalidInput: A folder is not a run's, holds nothing complete, or is about the same thing as another.
    """
    samples: list[SampleData] = []
    refinements: list[RefinementData] = []
    architectures: dict[str, Architecture] = {}
    classes: dict[str, tuple[int, int]] = {}
    notes: dict[str, None] = {}
    trainings = [folder for folder in folders if command_of(folder) == TRAIN]
    made = dict(chain.from_iterable(made_with(recorded_training(folder)).items() for folder in trainings))
    for folder in (folder for folder in folders if folder not in trainings):
        document = recorded(folder)
        configuration = document.configuration
        with opened(folder) as reader:
            records = reader.predictors()
        notes |= dict.fromkeys(_unknown_scales(records))
        if isinstance(configuration, RefineConfiguration):
            _, found = stored_refinements(folder)
            repeated = _repeated(refinement_data(configuration, found, document.replicates, records))
            known = records.get(found[0].predictor)
            of_members = member_intervals(folder, found, known.members if known else ())
            refinements.append(replace(repeated, members=of_members))
            space, tables = found[0].space, [entry.table for one in found for entry in one.rounds]
        else:
            assert isinstance(configuration, ScoreConfiguration)
            table, whole = drawn_table(folder)
            space, tables = stored_space(folder), [table]
            samples.append(_sampled(configuration, table, whole, space, records))
            notes |= dict.fromkeys(_part(samples[-1]))
        architectures |= {row.architecture.id: row.architecture for table in tables for row in table.rows}
        classes[configuration.data] = (space.num_classes, space.resolution)
        made |= made_with(document)
    refinements, samples = by_regime(refinements, samples)
    classes |= {one.data: classes[one.configuration.data] for one in refinements}
    classes |= {one.data: classes[one.source or one.data] for one in samples}
    data = list(dict.fromkeys(one.data for one in refinements))
    ordered = tuple(sorted(refinements, key=lambda one: data.index(one.data)))
    return StudyData(
        title=title,
        samples=tuple(samples),
        refinements=ordered,
        agreement={name: common for name in data if (common := _agreement(ordered, name)) is not None},
        architectures=architectures,
        classes=classes,
        made=tuple(made.items()),
        trainings=find_trainings(trainings),
        notes=tuple(notes),
    )


def _unknown_scales(records: Records) -> Iterator[str]:
    """Say of which predictors neither the definition nor the transform is installed."""
    for name, record in records.items():
        if name not in PREDICTORS and record.transform not in TRANSFORMS:
            yield (
                f"The transform {record.transform} of {name} (to {record.label}) is not installed here, so its "
                "raw scores are shown; install the package that adds it."
            )


def _part(sample: SampleData) -> Iterator[str]:
    """Say what is of a part of a sample's networks, and what is of all."""
    if sample.whole is not None:
        yield (
            f"{sample.family} on {sample.data}: correlations, tests, trees, importances and all figures are of "
            f"{sample.drawn} always the same ones; counts, the lowest, median and highest scores, and the best "
            f"networks are of all {sample.networks:,}."
        )


def made_with(document: RunRecord) -> dict[str, str]:
    """The machine and the versions that a run records, by what each is of."""
    return {**document.machine, **document.versions}


def _sampled(
    configuration: ScoreConfiguration, table: ScoreTable, whole: Overview, space: DesignSpace, records: Records
) -> SampleData:
    """A sample and its analyses."""
    frame = _in_order(table.wide, configuration)
    # A run's table holds all architectures of one family, or of named ones of several, whose spaces differ.
    grids = {name: grid for name, grid in space.grids.items() if name in frame and frame[name].notna().all()}
    predictors = _predictors(configuration, table)
    transforms = {name: transform_of(name, records) for name in predictors}
    raw = {name: frame[name].to_numpy(dtype=np.float64) for name in predictors}
    scores = {name: transforms[name].apply(raw[name]) for name in predictors}
    columns = {name: np.asarray(frame[name].tolist()) for name in grids}
    measures = _measures(frame, grids, space.family)
    missing: dict[str, dict[str, str]] = {name: {} for name in predictors}
    made_of_others = {name for name, record in records.items() if record.members}

    def each(what: str, analysis: Callable[[str], V]) -> dict[str, V]:
        """An analysis of every predictor; why there is none goes to `missing`."""
        found = {}
        for name in predictors:
            try:
                found[name] = analysis(name)
            except InvalidInput as error:
                missing[name][what] = str(error)
        return found

    return SampleData(
        data=configuration.data,
        family="torch modules" if isinstance(configuration, ModulesConfiguration) else space.family,
        seed=configuration.seed,
        budget=_budget(configuration, space),
        grids=grids,
        predictors=predictors,
        transforms=transforms,
        frame=frame,
        transformed=scores,
        correlation=kendall_matrix(raw) if len(predictors) > 1 and len(frame) > 1 else None,
        exponential=each("exponential", lambda name: exponential_test(transforms[name].positive(raw[name]))),
        trees=each("trees", lambda name: decision_tree(_some(columns), raw[name])),
        partial=each("partial", lambda name: partial_rank_correlation(raw[name], measures)),
        importance=each("importance", lambda name: importance(_some(columns), raw[name])),
        command=score_command(configuration),
        seconds=float(whole.summary.loc[~whole.summary["predictor"].isin(made_of_others), "seconds"].sum()),
        missing=missing,
        whole=whole if len(frame) < whole.networks else None,
    )


def _some(columns: dict[str, V]) -> dict[str, V]:
    """Columns to explain scores by, if there are any."""
    if not columns:
        raise InvalidInput("there are no hyperparameters that all these networks have.")
    return columns


def _in_order(frame: pd.DataFrame, configuration: ScoreConfiguration) -> pd.DataFrame:
    """Torch modules as they were named; other networks as they are."""
    if not isinstance(configuration, ModulesConfiguration):
        return frame
    place = {path: number for number, path in enumerate(configuration.modules)}
    return (
        frame.assign(place=[place.get(source.partition("(")[0], len(place)) for source in frame[MODULE]])
        .sort_values(["place", "draw"], kind="stable", ignore_index=True)
        .drop(columns="place")
    )


def _budget(configuration: ScoreConfiguration, space: DesignSpace) -> str:
    if isinstance(configuration, ModulesConfiguration):
        return "no budget: torch modules"
    return "no budget: named architectures" if configuration.architectures else str(space.budget)


def _predictors(configuration: ScoreConfiguration, table: ScoreTable) -> tuple[str, ...]:
    """Whose scores a table holds, in the order asked for; those that are not installed here come last."""
    present = dict.fromkeys(row.predictor for row in table.rows)
    known: list[str] = []
    for given in configuration.predictors:
        with contextlib.suppress(NetloreError):
            known += [one.name for one in resolve((given,))]
    return tuple(dict.fromkeys([*(name for name in known if name in present), *sorted(present)]))


def transform_of(predictor: str, records: Records = MappingProxyType({})) -> Transform:
    """The scale of a predictor's scores; where it is not installed the recorded one, else that of raw scores."""
    names = [records[predictor].transform] if predictor in records else []
    with contextlib.suppress(NetloreError):
        names.insert(0, PREDICTORS.get(predictor).transform)
    return next((TRANSFORMS.get(name) for name in names if name in TRANSFORMS), TRANSFORMS.get("identity"))


def _measures(frame: pd.DataFrame, grids: Mapping[str, Sequence[Any]], family: str) -> dict[str, Floats]:
    """What a predictor may be a mere stand-in for: complexities, and the number of blocks if there are any.

    Not all complexities of a torch module may be known.
    """
    measures = {name: frame[name].to_numpy(dtype=np.float64) for name in MEASURES if frame[name].notna().all()}
    classes = classes_of(grids, vocabulary(family))
    depths = [name for group in classes if group.singular == "depth" for name in group.names]
    if depths:
        measures["blocks"] = frame[depths].sum(axis=1).to_numpy(dtype=np.float64)
    return measures


def refinement_data(
    configuration: RefineConfiguration,
    found: Sequence[Refinement],
    asked: int,
    records: Records = MappingProxyType({}),
) -> RefinementData:
    """Replicates of a refinement, and what repeats over them."""
    stable = None
    if len(found) > 1:
        stable = stability([one.rounds[-1].estimates for one in found], found[0].space.grids)
    return RefinementData(configuration, tuple(found), transform_of(found[0].predictor, records), asked, stable)


def _repeated(found: RefinementData) -> RefinementData:
    """The same with how far its replicates repeat, if there are several and each has a score."""
    if len(found.refinements) < 2:
        return found
    scores, architectures = zip(*((one.scores, one.architectures) for one in found.replicates), strict=True)
    try:
        compared = repeatability(scores, architectures)
    except InvalidInput as error:
        return replace(found, missing={"repeatability": str(error)})
    return replace(found, repeatability=compared, courses=tuple(map(elite_course, scores, architectures)))


def _agreement(refinements: Sequence[RefinementData], data: str) -> Agreement | None:
    """Between the principles of a data set's predictors, of each its first replicate's."""
    found = [one for one in refinements if one.data == data]
    if len(found) < 2 or any(one.grids != found[0].grids for one in found):
        return None
    return agreement({one.predictor: one.first.principles for one in found}, found[0].grids)
