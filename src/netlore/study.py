"""The whole paper as one function: a sample, refinements, and what they tell."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from netlore.report.findings import StudyFindings
from netlore.runs.configuration import RefineConfiguration
from netlore.runs.finding import find
from netlore.runs.refining import refined
from netlore.runs.reporting import write_findings
from netlore.runs.scoring import score_run
from netlore.runs.study_configuration import Part, StudyPlan
from netlore.runs.studying import check, record_study


class Progress(Protocol):
    """Is told how far a study is."""

    def __call__(self, label: str, done: int, total: int, unit: str = "networks") -> None:
        """`done` of `total` networks of a part are scored, or figures of the report drawn."""


@dataclass(frozen=True, eq=False)
class Study:
    """A finished study.

    Attributes:
        plan: What was asked for.
        findings: What was found.
        failed: Scores that are missing.
        seconds: Time that this call took.
        files: What was written: the report first, then figures and tables.
    """

    plan: StudyPlan
    findings: StudyFindings
    failed: int
    seconds: float
    files: tuple[Path, ...]

    def document(self) -> dict[str, Any]:
        """The result as JSON-able values."""
        return {
            "title": self.plan.title,
            "size": self.plan.size,
            "parts": [part.name for part in self.plan.parts],
            "principles": {
                f"{story.predictor}-{story.data}-{story.seed}": {
                    name: list(interval) for name, interval in story.principles.items()
                }
                for one in self.findings.refinements
                for story in one.replicates
            },
            "failed": self.failed,
            "seconds": self.seconds,
            "files": [str(path) for path in self.files],
        }


def study(plan: StudyPlan, folder: Path, workers: int = 1, progress: Progress | None = None) -> Study:
    """Sample the initial design space, refine it for every predictor, and report what was found.

    Every score is on disk the moment it exists, so the same call goes on where it stopped.

    Args:
        plan: Sample and refinements, in order.
        folder: Where everything goes: a folder for each part, `report.html`, `figures` and `tables`.
        workers: Processes to use; results do not depend on it.
        progress: Told about every network, and about every figure.

    Raises:
        InvalidInput: A part cannot be done; found out before the first network is scored.
    """
    start = time.perf_counter()
    told = progress or _silent
    check(plan, folder)
    record_study(plan, folder)
    failed = sum(_computed(part, folder / part.name, workers, told) for part in plan.parts)
    findings = find([folder / part.name for part in plan.parts], plan.title)
    files = write_findings(findings, folder, lambda done, total: told("report", done, total, "figures"))
    return Study(plan, findings, failed, time.perf_counter() - start, tuple(files))


def _silent(label: str, done: int, total: int, unit: str = "networks") -> None:
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
