"""The whole paper as one function: a sample, refinements, trainings, and what they tell."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netlore.errors import InvalidInput
from netlore.experiments.config import RefineConfiguration
from netlore.experiments.refine import RefineRun, refine_run
from netlore.experiments.score import ScoreRun, score_run
from netlore.experiments.study.config import Part, StudyPlan
from netlore.experiments.study.folders import check, parts_begun, record_study
from netlore.experiments.study.train import Progress, Trained, train_parts
from netlore.refinement.result import Intervals
from netlore.report.data import StudyData
from netlore.report.write import write_report


@dataclass(frozen=True, eq=False)
class Study:
    """A finished study.

    Attributes:
        plan: What was asked for.
        findings: What was found.
        principles: Every refinement's, also by methods that the findings leave to the comparison, under the names
            of predictor, data, method if it is not the paper's, and seed.
        trained: What became of each training, in the plan's order.
        failed: Scores and trainings that are missing.
        seconds: Time that this call took.
        files: What was written: the report first, then figures and tables, and the comparison of methods.
    """

    plan: StudyPlan
    findings: StudyData
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


def study(plan: StudyPlan, folder: Path, workers: int = 1, progress: Progress | None = None) -> Study:
    """Sample the initial design space, refine it for every predictor, train networks, and report what was found.

    Every score is on disk the moment it exists, and every epoch, so the same call goes on where it stopped.

    Args:
        plan: Sample, refinements and trainings, in order.
        folder: Where everything goes: a folder for each part, `report.html`, `figures` and `tables`.
        workers: Processes to score in; results do not depend on it.
        progress: Told about every network that is scored, image that is learned, and figure.

    Raises:
        InvalidInput: A part cannot be done; found out before the first network is scored, as far as it can be.
    """
    start = time.perf_counter()
    told = progress or _silent
    check(plan, folder)
    record_study(plan, folder)
    principles: dict[str, Intervals] = {}
    failed = 0
    for part in plan.parts:
        run = _computed(part, folder / part.name, workers, told)
        failed += run.failed
        principles |= _principles(run)
    trained = train_parts(plan, folder, workers, told)
    failed += sum(one.run is None for one in trained)
    if not parts_begun(folder, plan.names):
        raise InvalidInput(f"no training of this study got through an epoch: {trained[0].reason}")
    report = write_report([folder], progress=lambda done, total: told("report", done, total, "figures"))
    return Study(plan, report.data, principles, trained, failed, time.perf_counter() - start, report.files)


def _silent(label: str, done: int, total: int, unit: str = "networks", note: str = "") -> None:
    """Tell nobody."""


def _computed(part: Part, folder: Path, workers: int, told: Progress) -> ScoreRun | RefineRun:
    """Do one part, or what is left of it."""
    configuration = part.configuration
    if not isinstance(configuration, RefineConfiguration):
        return score_run(configuration, folder, workers, lambda done, total: told(part.name, done, total))

    def progress(seed: int, number: int, done: int, total: int) -> None:
        which = f", seed {seed}" if part.replicates > 1 else ""
        told(f"{part.name}{which}, round {number}", done, total)

    return refine_run(configuration, folder, part.replicates, workers, progress)


def _principles(run: ScoreRun | RefineRun) -> dict[str, Intervals]:
    """What each replicate of a refinement found, by its name; a sample has none."""
    if isinstance(run, ScoreRun):
        return {}
    asked = run.configuration
    method = "" if asked.method == "paper" else f"-{asked.method}"
    return {f"{one.predictor}-{asked.data}{method}-{one.seed}": one.principles for one in run.refinements}
