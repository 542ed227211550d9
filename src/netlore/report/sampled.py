"""From a sample's scores to its analyses."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from netlore.analysis import Floats
from netlore.analysis.correlation import kendall_matrix, partial_rank_correlation
from netlore.analysis.distribution import exponential_test
from netlore.analysis.importance import importance
from netlore.analysis.trees import decision_tree
from netlore.errors import InvalidInput, NetloreError
from netlore.experiments.config import ModulesConfiguration, ScoreConfiguration
from netlore.experiments.overview import Overview
from netlore.report.command_lines import score_command
from netlore.report.names import classes_of, vocabulary
from netlore.report.sample_data import SampleData
from netlore.scoring.predictor import PREDICTORS, resolve
from netlore.scoring.transforms import TRANSFORMS, Transform
from netlore.space.complexity import MEASURES
from netlore.space.design_space import DesignSpace
from netlore.space.module import FAMILY as MODULE
from netlore.storage.rounds import PredictorRecord
from netlore.storage.score_table import ScoreTable

Records = Mapping[str, PredictorRecord]
V = TypeVar("V")


def sample_data(
    configuration: ScoreConfiguration, table: ScoreTable, whole: Overview, space: DesignSpace, records: Records
) -> SampleData:
    """A sample and its analyses: `table` has some of its networks or all, `whole` what is said of all."""
    frame = _in_order(table.wide, configuration)
    # A run's table holds all architectures of one family, or of named ones of several, whose spaces differ.
    grids = {name: grid for name, grid in space.grids.items() if name in frame and frame[name].notna().all()}
    predictors = _predictors(configuration, table)
    transforms = {name: transform_of(name, records) for name in predictors}
    raw = {name: frame[name].to_numpy(dtype=np.float64) for name in predictors}
    scores = {name: transforms[name].apply(raw[name]) for name in predictors}
    columns = {name: np.asarray(frame[name].tolist()) for name in grids}
    costs, blocks = _costs(frame), _blocks(frame, grids, space.family)
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
        partial=each("partial", lambda name: partial_rank_correlation(raw[name], costs, blocks)),
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


def part_note(sample: SampleData) -> Iterator[str]:
    """Say what is of a part of a sample's networks, and what is of all."""
    if sample.whole is not None:
        yield (
            f"{sample.family} on {sample.data}: correlations, tests, trees, importances and all figures are of "
            f"{sample.drawn} always the same ones; counts, the lowest, median and highest scores, and the best "
            f"networks are of all {sample.networks:,}."
        )


def transform_of(predictor: str, records: Records = MappingProxyType({})) -> Transform:
    """The scale of a predictor's scores; where it is not installed the recorded one, else that of raw scores."""
    names = [records[predictor].transform] if predictor in records else []
    with contextlib.suppress(NetloreError):
        names.insert(0, PREDICTORS.get(predictor).transform)
    return next((TRANSFORMS.get(name) for name in names if name in TRANSFORMS), TRANSFORMS.get("identity"))


def _costs(frame: pd.DataFrame) -> dict[str, Floats]:
    """What a predictor may be a mere stand-in for; not all complexities of a torch module may be known."""
    known = (name for name in MEASURES if name in frame and frame[name].notna().all())
    return {name: frame[name].to_numpy(dtype=np.float64) for name in known}


def _blocks(frame: pd.DataFrame, grids: Mapping[str, Sequence[Any]], family: str) -> dict[str, Floats]:
    """The number of blocks, if there are any: depth costs nothing by itself, so it is no cost."""
    classes = classes_of(grids, vocabulary(family))
    depths = [name for group in classes if group.singular == "depth" for name in group.names]
    return {"blocks": frame[depths].sum(axis=1).to_numpy(dtype=np.float64)} if depths else {}
