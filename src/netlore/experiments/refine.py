"""`netlore refine`: refinements in a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from netlore.analysis.bootstrap import monte_carlo_bootstrap
from netlore.analysis.interval_overlap import Repetition, repetition
from netlore.arguments import validated
from netlore.data import Task
from netlore.errors import InvalidInput, NetloreError
from netlore.executors import Workers
from netlore.executors import opened as executor
from netlore.experiments.config import RefineConfiguration, check_replicates, short_name
from netlore.experiments.record import RefineRecord, identity, omitted, record, recorded, saying_all
from netlore.refinement.loop import SearchSettings, one_predictor
from netlore.refinement.methods import METHODS
from netlore.refinement.paper_refinement import Bootstrap
from netlore.refinement.record import stored_refinements as recorded_refinements
from netlore.refinement.refine import replay, run_method
from netlore.refinement.result import Refinement
from netlore.scoring.predictor import PREDICTORS, definitions
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import is_category
from netlore.storage.archive import archive, opened
from netlore.storage.documents import RUN, write_document
from netlore.storage.ending import temporary_folder
from netlore.storage.rounds import ScoreReader
from netlore.storage.score_store import Store

RESULT = "refinement.json"

Progress = Callable[[int, int, int, int], None]


@dataclass(frozen=True)
class RefineRun:
    """Refinements of one folder, one per replicate, with seeds that count up; and the files, the result first."""

    configuration: RefineConfiguration
    refinements: tuple[Refinement, ...]
    files: tuple[Path, ...]

    @property
    def repeats(self) -> dict[str, Repetition]:
        """What repeats, per hyperparameter; empty for one replicate."""
        if len(self.refinements) < 2:
            return {}
        grids = self.refinements[0].space.grids
        found = {name: repetition([one.principles[name] for one in self.refinements]) for name in grids}
        # Names stand in the order of their category, whichever refinement kept them first.
        return {
            name: one._replace(kept=tuple(filter(one.kept.__contains__, grids[name])))
            if is_category(grids[name])
            else one
            for name, one in found.items()
        }

    @property
    def failed(self) -> int:
        """Networks without a finite score, over all rounds and replicates."""
        return sum(len(found.table.failures) for one in self.refinements for found in one.rounds)

    def result(self) -> dict[str, Any]:
        """What was found, by the scores alone, as JSON-able values; of replicates, the first stands on top."""
        results = [_result(self.configuration.method, one) for one in self.refinements]
        several: dict[str, Any] = {}
        if repeats := self.repeats:
            several = {"replicates": results, "repeats": {name: one.as_dict() for name, one in repeats.items()}}
        return {**results[0], **several, "failed": self.failed}

    def document(self) -> dict[str, Any]:
        """The result, the time that this command took, and the files that it wrote."""
        seconds = sum(one.seconds for one in self.refinements)
        return {**self.result(), "seconds": seconds, "files": [str(path) for path in self.files]}


def folder_of(configuration: RefineConfiguration) -> str:
    """What a refinement's folder is called: PREDICTOR-DATA, and its method unless that is the usual one."""
    name = f"{short_name(configuration.predictor)}-{short_name(configuration.data)}"
    usual = configuration.method == type(configuration).model_fields["method"].default
    return name if usual else f"{name}-{short_name(configuration.method)}"


@validated
def refine_run(
    configuration: RefineConfiguration,
    folder: Path,
    replicates: int = 1,
    workers: Workers = 1,
    progress: Progress | None = None,
) -> RefineRun:
    """Refine, or go on refining, in a folder; the result is written. A folder of another configuration is refused.

    The number of replicates, whose seeds count up from the configuration's, is no part of the configuration, so
    more can be added to a finished run. `progress` is called with (seed, round, networks done, networks to do).
    """
    check_replicates(configuration.seed, replicates)
    one_predictor(configuration.predictor)
    task = configuration.make_task()
    space = configuration.make_space(task)
    configuration.check(task, space)
    method = METHODS.get(configuration.method)
    refinements = []
    with (
        saying_all(),
        Store(folder, identity("refine", configuration, task)) as store,
        executor(workers) as running,
    ):
        # Those of an earlier call stay known, though fewer are asked for now.
        earlier = recorded(folder).replicates if (folder / RUN).is_file() else 1
        more = {"space": space.to_document(), "replicates": max(replicates, earlier), **omitted(task)}
        kept = record(folder, "refine", configuration, **more)
        how = configuration.dtype, configuration.device
        for seed in range(configuration.seed, configuration.seed + replicates):
            shown = None if progress is None else partial(progress, seed)
            settings = _settings(configuration, space, seed, task)
            refinements.append(run_method(method, settings, task, store, running, *how, shown))
    if earlier > replicates:
        _, stored = stored_refinements(folder)
        refinements += [one for one in stored if one.seed >= configuration.seed + replicates]
    return _written(configuration, refinements, folder, store.path, kept)


def stored_run(folder: Path) -> RefineRun:
    """The refinements of `stored_refinements`, their result written again."""
    return _written(*stored_refinements(folder), folder)


def stored_refinements(folder: Path) -> tuple[RefineConfiguration, tuple[Refinement, ...]]:
    """The refinements that a folder holds, as far as they are complete; without a complete round it is refused."""
    there = recorded(folder)
    if not isinstance(there, RefineRecord):
        raise InvalidInput(f"{folder} holds a {there.command} run, which has no report; name a refinement.")
    configuration = there.configuration
    with with_records(folder) as reader:
        complete = recorded_refinements(reader)
    if not complete:
        raise InvalidInput(
            f"not one round in {folder} is complete; run its refine command again to go on with it."
        )
    return configuration, complete


@contextmanager
def with_records(folder: Path) -> Iterator[ScoreReader]:
    """The scores of a run's folder, with its rounds and predictors.

    A folder of an earlier version has none: they are found once more from its scores, and kept if that can be.
    """
    there = recorded(folder)
    with opened(folder) as reader:
        is_whole = bool(reader.refinements() if isinstance(there, RefineRecord) else reader.predictors())
        if is_whole or not reader.count():
            yield reader
            return
    with _to_carry_records(folder) as store:
        known = {row.predictor for row in store.rows()} & {*PREDICTORS.names()}
        store.define(definitions([PREDICTORS.get(name) for name in sorted(known)]))
        if isinstance(there, RefineRecord):
            task = there.configuration.make_task()
            space, method = there.configuration.make_space(task), METHODS.get(there.configuration.method)
            for seed in range(there.configuration.seed, there.configuration.seed + there.replicates):
                replay(method, _settings(there.configuration, space, seed, task), task, store)
        yield store


@contextmanager
def _to_carry_records(folder: Path) -> Iterator[Store]:
    """A store with a folder's scores: its own, or a copy, from which an archive is written again at the end."""
    with opened(folder) as reader:
        facts, is_archive = reader.configuration, not isinstance(reader, Store)
    with ExitStack() as stack:
        own = None
        with suppress(NetloreError):  # another process writes to it, or it may not be written
            own = None if is_archive else stack.enter_context(Store(folder, facts))
        if own is not None:
            yield own
            return
        copy = stack.enter_context(temporary_folder())
        store, reader = stack.enter_context(Store(copy, facts)), stack.enter_context(opened(folder))
        store.add(reader.rows())
        yield store
        if is_archive and store.refinements():
            with suppress(NetloreError):
                archive(store, folder)


def _settings(configuration: RefineConfiguration, space: DesignSpace, seed: int, task: Task) -> SearchSettings:
    """What one replicate depends on."""
    resampled: Bootstrap = partial(monte_carlo_bootstrap, seed=seed)
    options: dict[str, Any] = {"bootstrap": resampled} if configuration.bootstrap == "monte-carlo" else {}
    if configuration.cost is not None:
        options["cost"] = configuration.cost
    predictor, networks = one_predictor(configuration.predictor), configuration.networks
    asked = SearchSettings(space, predictor, seed, networks, configuration.round_limit, options)
    return asked.drawing(task, configuration.common_draws)


def _written(
    configuration: RefineConfiguration, refinements: Sequence[Refinement], folder: Path, *files: Path
) -> RefineRun:
    """The run, its result written."""
    run = RefineRun(configuration, tuple(refinements), (folder / RESULT, *files))
    write_document(folder / RESULT, run.result())
    return run


def _result(method: str, one: Refinement) -> dict[str, Any]:
    intervals = {}
    if not all(found.exact for found in one.counts_within_budget):  # 95 % intervals of what was not counted
        intervals = {"intervals_within_budget": [[found.low, found.high] for found in one.counts_within_budget]}
    return {
        "predictor": one.predictor,
        "method": method,
        "seed": one.seed,
        "rounds": len(one.rounds),
        "stopped_because": one.stopped_because,
        "principles": {name: list(interval) for name, interval in one.principles.items()},
        "cardinalities": one.cardinalities,
        "cardinalities_within_budget": one.cardinalities_within_budget,
        **intervals,
        "networks_scored": one.networks_scored,
        "scoring_seconds": one.scoring_seconds,
    }
