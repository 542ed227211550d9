"""`netlore refine` and `netlore report`: refinements in a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from netlore.analysis.bootstrap import exact_bootstrap, monte_carlo_bootstrap
from netlore.analysis.replication import Repetition, repetition
from netlore.data import Task
from netlore.errors import InvalidInput
from netlore.experiments.config import RefineConfiguration, identity, record, recorded, saying_all, write_json
from netlore.refinement.baselines import (
    random_search,
    regularised_evolution,
    replay_evolution,
    replay_random_search,
)
from netlore.refinement.elite_refinement import refine_with_memory, replay_with_memory
from netlore.refinement.paper_refinement import Bootstrap, one_predictor, refine, replay
from netlore.refinement.result import Refinement
from netlore.report.page.refinement_page import write_report
from netlore.report.refinement_view import report_story
from netlore.report.story import ReportStory
from netlore.storage.archive import opened
from netlore.storage.score_store import Store

RESULT = "refinement.json"

Progress = Callable[[int, int, int, int], None]


@dataclass(frozen=True)
class RefineRun:
    """Finished refinements of one folder.

    Attributes:
        configuration: What was asked for.
        refinements: One per replicate, with seeds that count up.
        repeats: What repeats, per hyperparameter; empty for one replicate.
        files: What was written, the report first.
    """

    configuration: RefineConfiguration
    refinements: tuple[Refinement, ...]
    repeats: dict[str, Repetition]
    files: tuple[Path, ...]

    @property
    def failed(self) -> int:
        """Networks without a finite score, over all rounds and replicates."""
        return sum(len(found.table.failures) for one in self.refinements for found in one.rounds)

    def result(self) -> dict[str, Any]:
        """What was found, as JSON-able values; with replicates, the first stands on top and all follow.

        It depends on the scores alone, so that a report made again writes the same file again.
        """
        results = [_result(self.configuration.method, one) for one in self.refinements]
        several: dict[str, Any] = {}
        if self.repeats:
            several = {
                "replicates": results,
                "repeats": {name: found._asdict() for name, found in self.repeats.items()},
            }
        return {**results[0], **several, "failed": self.failed}

    def document(self) -> dict[str, Any]:
        """The result, the time that this command took, and the files that it wrote."""
        seconds = sum(one.seconds for one in self.refinements)
        return {**self.result(), "seconds": seconds, "files": [str(path) for path in self.files]}


def folder_of(configuration: RefineConfiguration) -> str:
    """What a refinement's folder is called: PREDICTOR-DATA, and its method but for the paper's."""
    # `torchvision/cifar10` and `images/cifar10.parquet` are cifar10.
    name = f"{configuration.predictor}-{Path(configuration.data).stem}"
    return name if configuration.method == "paper" else f"{name}-{configuration.method}"


def refine_run(
    configuration: RefineConfiguration,
    folder: Path,
    replicates: int = 1,
    workers: int = 1,
    progress: Progress | None = None,
) -> RefineRun:
    """Refine, or go on refining, in a folder; then write its report. Arguments and errors as in `refined`."""
    run = refined(configuration, folder, replicates, workers, progress)
    return _reported(run, folder)


def refined(
    configuration: RefineConfiguration,
    folder: Path,
    replicates: int = 1,
    workers: int = 1,
    progress: Progress | None = None,
) -> RefineRun:
    """Refine, or go on refining, in a folder; the result is written, but no report.

    Args:
        configuration: What to do.
        folder: Where scores, results and report lie or will lie.
        replicates: Independent refinements, with seeds that count up from the configuration's; their number is
            no part of the configuration, so more can be added to a finished run.
        workers: Processes to use.
        progress: Told (seed, round, networks done, networks to do).

    Raises:
        InvalidInput: Anything that cannot be used, among it a folder of another configuration.
    """
    if replicates < 1:
        raise InvalidInput(f"replicates = {replicates} is not positive; choose 1 or more.")
    one_predictor(configuration.predictor)
    task = configuration.make_task()
    space = configuration.make_space(task)
    configuration.check(task, space)
    refinements = []
    with saying_all(), Store(folder, identity("refine", configuration, task)) as store:
        kept = record(folder, "refine", configuration, replicates=replicates)
        for seed in range(configuration.seed, configuration.seed + replicates):
            told = None if progress is None else partial(progress, seed)
            refinements.append(
                _METHODS[configuration.method].refine(
                    space,
                    store=store,
                    workers=workers,
                    dtype=configuration.dtype,
                    device=configuration.device,
                    progress=told,
                    **_course(configuration, task, seed),
                )
            )
    return _run(configuration, tuple(refinements), folder, (store.path, kept))


def report_run(folder: Path) -> RefineRun:
    """Write the report of a folder's refinements again, from its scores; nothing is scored.

    Raises:
        InvalidInput: The folder is not a refinement's, or not one round of it is complete.
    """
    return _reported(_run(*stored_refinements(folder), folder, ()), folder)


def story_of_run(folder: Path) -> ReportStory:
    """What the report of a folder's refinements tells; for figures of one's own."""
    configuration, refinements = stored_refinements(folder)
    return report_story(configuration, refinements, _repeats(refinements))


def stored_refinements(folder: Path) -> tuple[RefineConfiguration, tuple[Refinement, ...]]:
    """The refinements that a folder holds, as far as they are complete; nothing is scored.

    Raises:
        InvalidInput: The folder is not a refinement's, or not one round of it is complete.
    """
    command, configuration, document = recorded(folder)
    if not isinstance(configuration, RefineConfiguration):
        raise InvalidInput(f"{folder} holds a {command} run, which has no report; name a refinement.")
    task = configuration.make_task()
    space = configuration.make_space(task)
    found = []
    replay_stored = _METHODS[configuration.method].replay
    with opened(folder) as store:
        for seed in range(configuration.seed, configuration.seed + int(document.get("replicates", 1))):
            found.append(replay_stored(space, store=store, **_course(configuration, task, seed)))
    complete = tuple(one for one in found if one is not None)
    if not complete:
        raise InvalidInput(
            f"not one round in {folder} is complete; run its refine command again to go on with it."
        )
    return configuration, complete


def _course(configuration: RefineConfiguration, task: Task, seed: int) -> dict[str, Any]:
    """The arguments that refining and replaying share; only the paper's method has a bootstrap."""
    bootstraps: dict[str, Bootstrap] = {
        "exact": exact_bootstrap,
        "monte-carlo": partial(monte_carlo_bootstrap, seed=seed),
    }
    bootstrap = {"bootstrap": bootstraps[configuration.bootstrap]} if configuration.method == "paper" else {}
    return {
        "predictor": configuration.predictor,
        "task": task,
        "networks": configuration.networks,
        "seed": seed,
        "round_limit": configuration.round_limit,
        **bootstrap,
    }


class _Method(NamedTuple):
    """How to refine, and how to find again what a store holds."""

    refine: Callable[..., Refinement]
    replay: Callable[..., Refinement | None]


_METHODS = {
    "paper": _Method(refine, replay),
    "memory": _Method(refine_with_memory, replay_with_memory),
    "random": _Method(random_search, replay_random_search),
    "evolution": _Method(regularised_evolution, replay_evolution),
}
"""By a configuration's method."""


def _run(
    configuration: RefineConfiguration, refinements: tuple[Refinement, ...], folder: Path, files: tuple[Path, ...]
) -> RefineRun:
    """The run, its result written."""
    result = folder / RESULT
    run = RefineRun(configuration, refinements, _repeats(refinements), (result, *files))
    write_json(result, run.result())
    return run


def _reported(run: RefineRun, folder: Path) -> RefineRun:
    """The run, its report written."""
    report = write_report(report_story(run.configuration, run.refinements, run.repeats), folder)
    return replace(run, files=(*report, *run.files))


def _repeats(refinements: tuple[Refinement, ...]) -> dict[str, Repetition]:
    """What repeats, per hyperparameter; nothing to say of one refinement."""
    if len(refinements) < 2:
        return {}
    names = refinements[0].space.hyperparameters
    return {name: repetition([one.principles[name] for one in refinements]) for name in names}


def _result(method: str, one: Refinement) -> dict[str, Any]:
    return {
        "predictor": one.predictor,
        "method": method,
        "seed": one.seed,
        "rounds": len(one.rounds),
        "stopped_because": one.stopped_because,
        "principles": {name: list(interval) for name, interval in one.principles.items()},
        "cardinalities": one.cardinalities,
        "cardinalities_within_budget": one.cardinalities_within_budget,
        "networks_scored": one.networks_scored,
        "scoring_seconds": sum(row.score.seconds for found in one.rounds for row in found.table.rows),
    }
