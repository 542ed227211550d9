"""A whole study as one function: sample, score, refine, train, report; and methods compared by rescored elites."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from netlore.errors import InvalidInput
from netlore.executors import Workers
from netlore.experiments.config import RefineConfiguration, ScoreConfiguration, short_name
from netlore.experiments.record import Progress, silent
from netlore.experiments.refine import RefineRun, refine_run
from netlore.experiments.rescore import Elites, rescore
from netlore.experiments.score import ScoreRun, score_run
from netlore.experiments.study.config import Part, StudyPlan
from netlore.experiments.study.folders import check, parts_begun, record_study
from netlore.experiments.study.train import Trained, train_parts
from netlore.refinement.result import Intervals
from netlore.report.compare.runs import method_groups
from netlore.report.compare.write import Comparison, write_comparison
from netlore.report.data import StudyData
from netlore.report.write import write_report


@dataclass(frozen=True, eq=False)
class Study:
    """A finished study.

    Attributes:
        plan: What was asked for.
        data: What was found.
        principles: Every refinement's, under the names of predictor, data, method if it is not the usual one, and
            seed.
        trained: What became of each training, in the plan's order.
        failed: Scores and trainings that are missing.
        seconds: Time that this call took.
        files: What was written: the report first, then figures and tables, and the comparison of methods.
    """

    plan: StudyPlan
    data: StudyData
    principles: dict[str, Intervals]
    trained: tuple[Trained, ...]
    failed: int
    seconds: float
    files: tuple[Path, ...]

    def document(self) -> dict[str, Any]:
        """The result as JSON-able values."""
        return {
            "title": self.plan.title,
            "size": self.plan.size,
            "parts": list(self.plan.names),
            "principles": {
                label: {name: list(interval) for name, interval in found.items()}
                for label, found in self.principles.items()
            },
            "trained": {one.part.name: one.document() for one in self.trained},
            "failed": self.failed,
            "seconds": self.seconds,
            "files": [str(path) for path in self.files],
        }


def run_study(plan: StudyPlan, folder: Path, workers: Workers = 1, progress: Progress = silent) -> Study:
    """Sample the initial design space, refine it for every predictor, train networks, and report what was found.

    Every score is on disk the moment it exists, and every epoch, so the same call goes on where it stopped.

    Args:
        plan: Sample, refinements and trainings, in order; `planned(read_study(path), size)` makes one.
        folder: Where everything goes: a folder for each part, `report.html`, `figures` and `tables`.
        workers: Processes, or an executor or the name of one; results do not depend on it.
        progress: Called about every network that is scored, image that is learned, and figure.

    Raises:
        InvalidInput: A part cannot be done; found out before the first network is scored, as far as it can be.
    """
    start = time.perf_counter()
    check(plan, folder)
    record_study(plan, folder)
    sampled = [
        _sampled_and_scored(part, folder, workers, progress) for part in plan.parts if part.command == "score"
    ]
    refined = [_refined(part, folder, workers, progress) for part in plan.parts if part.command == "refine"]
    trained = train_parts(plan, folder, workers, progress)
    if not parts_begun(folder, plan.names):
        raise InvalidInput(f"no training of this study got through an epoch: {trained[0].reason}")
    report = write_report([folder], progress=partial(progress, "report", unit="figures"))
    return Study(
        plan=plan,
        data=report.data,
        principles={label: found for run in refined for label, found in _principles(run)},
        trained=trained,
        failed=sum(run.failed for run in sampled)
        + sum(run.failed for run in refined)
        + sum(one.run is None for one in trained),
        seconds=time.perf_counter() - start,
        files=report.files,
    )


def _sampled_and_scored(part: Part, folder: Path, workers: Workers, progress: Progress) -> ScoreRun:
    assert isinstance(part.configuration, ScoreConfiguration)
    return score_run(part.configuration, folder / part.name, workers, partial(progress, part.name))


def _refined(part: Part, folder: Path, workers: Workers, progress: Progress) -> RefineRun:
    assert isinstance(part.configuration, RefineConfiguration)

    def shown(seed: int, number: int, done: int, total: int) -> None:
        which = f", seed {seed}" if part.replicates > 1 else ""
        progress(f"{part.name}{which}, round {number}", done, total)

    return refine_run(part.configuration, folder / part.name, part.replicates, workers, shown)


def _principles(run: RefineRun) -> list[tuple[str, Intervals]]:
    """What each replicate found, by its name."""
    asked = run.configuration
    usual = asked.method == RefineConfiguration.model_fields["method"].default
    method = "" if usual else f"-{short_name(asked.method)}"
    return [(f"{one.predictor}-{asked.data}{method}-{one.seed}", one.principles) for one in run.refinements]


def compare_again(
    folders: Sequence[Path], out: Path, draws: int, workers: Workers, progress: Progress
) -> Comparison:
    """Score the elites of refinements again, or go on with it; then compare their methods by these scores.

    `again` in the output folder has the scores. Refused is what `method_groups` and `rescore` refuse, and rescored
    elites among the folders; then nothing is scored.
    """
    groups = method_groups(folders)
    for group in groups:
        if group.rescored is not None:
            raise InvalidInput(
                f"{group.rescored.folder} holds new scores of {group.title} already; leave it out, or --again."
            )
    elites = [Elites(one.first, tuple(one.elites.values()), one.last_seed) for one in groups]
    made = rescore(elites, draws, out, workers, progress)
    joined = [group.joined(folder) for group, (folder, _) in zip(groups, made, strict=True)]
    found = write_comparison(joined, out, partial(progress, "compare", unit="figures"))
    files = (*found.files, *(path for _, run in made for path in run.files))
    return replace(found, files=files, failures=tuple(row for _, run in made for row in run.table.failures))
