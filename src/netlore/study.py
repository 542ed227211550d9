"""The whole paper as one function: a sample, refinements, trainings, and what they tell."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netlore.errors import InvalidInput
from netlore.report.findings import StudyFindings
from netlore.runs.configuration import RefineConfiguration
from netlore.runs.finding import find
from netlore.runs.refining import refined
from netlore.runs.reporting import write_findings
from netlore.runs.scoring import score_run
from netlore.runs.study_configuration import Part, StudyPlan
from netlore.runs.studying import check, parts_begun, record_study
from netlore.runs.training_parts import Progress, Trained, train_parts


@dataclass(frozen=True, eq=False)
class Study:
    """A finished study.

    Attributes:
        plan: What was asked for.
        findings: What was found.
        trained: What became of each training, in the plan's order.
        failed: Scores and trainings that are missing.
        seconds: Time that this call took.
        files: What was written: the report first, then figures and tables.
    """

    plan: StudyPlan
    findings: StudyFindings
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
                f"{story.predictor}-{story.data}-{story.seed}": {
                    name: list(interval) for name, interval in story.principles.items()
                }
                for one in self.findings.refinements
                for story in one.replicates
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
    failed = sum(_computed(part, folder / part.name, workers, told) for part in plan.parts)
    trained = train_parts(plan, folder, workers, told)
    failed += sum(one.run is None for one in trained)
    begun = parts_begun(folder, plan.names)
    if not begun:
        raise InvalidInput(f"no training of this study got through an epoch: {trained[0].reason}")
    findings = find(begun, plan.title)
    files = write_findings(findings, folder, lambda done, total: told("report", done, total, "figures"))
    return Study(plan, findings, trained, failed, time.perf_counter() - start, tuple(files))


def _silent(label: str, done: int, total: int, unit: str = "networks", note: str = "") -> None:
    """Tell nobody."""


def _computed(part: Part, folder: Path, workers: int, told: Progress) -> int:
    """Do one part, or what is left of it; the number of scores that are missing."""
    configuration = part.configuration
    if not isinstance(configuration, RefineConfiguration):
        return score_run(configuration, folder, workers, lambda done, total: told(part.name, done, total)).failed

    def progress(seed: int, number: int, done: int, total: int) -> None:
        which = f", seed {seed}" if part.replicates > 1 else ""
        told(f"{part.name}{which}, round {number}", done, total)

    return refined(configuration, folder, part.replicates, workers, progress).failed
