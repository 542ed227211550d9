"""A whole study as one function: sample, score, refine, train, report; and methods compared by rescored elites."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from netlore.arguments import validated
from netlore.errors import InvalidInput, TrainingDiverged
from netlore.executors import Workers
from netlore.experiments.config import RefineConfiguration, ScoreConfiguration, short_name
from netlore.experiments.record import Progress, silent
from netlore.experiments.refine import RefineRun, refine_run
from netlore.experiments.score import ScoreRun, rescore, score_run
from netlore.experiments.select import picked_architecture
from netlore.experiments.study.config import Part, StudyPlan
from netlore.experiments.study.folders import check, parts_begun, record_study
from netlore.experiments.study.train_config import TrainPart
from netlore.experiments.train import TrainRun, train_run
from netlore.experiments.train_config import fingerprint
from netlore.refinement.result import Intervals
from netlore.report.compare.runs import method_groups
from netlore.report.compare.write import Comparison, write_comparison
from netlore.report.data import StudyData
from netlore.report.write import write_report
from netlore.space.architecture import Architecture
from netlore.training.records import Progress as Opened
from netlore.training.records import Update


@dataclass(frozen=True)
class Trained:
    """What became of a training of a study.

    Attributes:
        folder: The part whose folder holds it: another one where both train the same network in the same way.
        run: What came out; None: nothing did.
        reason: Why not.
    """

    part: TrainPart
    folder: str
    run: TrainRun | None
    reason: str = ""

    def document(self) -> dict[str, Any]:
        """The outcome as JSON-able values; `error` and `best_error` are those of the first replicate."""
        if self.run is None:
            return {"architecture": self.part.what, "error": None, "best_error": None, "reason": self.reason}
        result = self.run.result()
        kept = ("architecture", "values", "data", "recipe", "epochs", "error", "best_error", "errors")
        return {"folder": self.folder, **{name: result[name] for name in kept if name in result}}


@dataclass(frozen=True, eq=False)
class Study:
    """A finished study.

    Attributes:
        plan: What was asked for.
        data: What was found.
        principles: Every refinement's, under the names of predictor, data, method if it is not the usual one,
            regime if there are any, and seed.
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


@validated
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
    runs = [_scored(part, folder, workers, progress) for part in plan.parts]
    trained = train_parts(plan, folder, workers, progress)
    if not parts_begun(folder, plan.names):
        raise InvalidInput(f"no training of this study got through an epoch: {trained[0].reason}")
    report = write_report([folder], progress=partial(progress, "report", unit="figures"))
    return Study(
        plan=plan,
        data=report.data,
        principles={
            label: found
            for run in runs
            for part, run in zip(plan.parts, runs, strict=True)
            for label, found in _principles(part, run)
        },
        trained=trained,
        failed=sum(run.failed for run in runs) + sum(one.run is None for one in trained),
        seconds=time.perf_counter() - start,
        files=report.files,
    )


def _scored(part: Part, folder: Path, workers: Workers, progress: Progress) -> ScoreRun | RefineRun:
    """A part's sample scored, or its refinements done."""
    if isinstance(part.configuration, ScoreConfiguration):
        return score_run(part.configuration, folder / part.name, workers, partial(progress, part.name))

    def shown(seed: int, number: int, done: int, total: int) -> None:
        which = f", seed {seed}" if part.replicates > 1 else ""
        progress(f"{part.name}{which}, round {number}", done, total)

    return refine_run(part.configuration, folder / part.name, part.replicates, workers, shown)


def _principles(part: Part, run: ScoreRun | RefineRun) -> list[tuple[str, Intervals]]:
    """What each replicate found, by its name."""
    if isinstance(run, ScoreRun):
        return []
    asked = run.configuration
    usual = asked.method == RefineConfiguration.model_fields["method"].default
    which = ("" if usual else f"-{short_name(asked.method)}") + (f"-{part.regime}" if part.regime else "")
    return [(f"{one.predictor}-{asked.data}{which}-{one.seed}", one.principles) for one in run.refinements]


def train_parts(plan: StudyPlan, folder: Path, workers: Workers, progress: Progress) -> tuple[Trained, ...]:
    """Do the trainings of a study, or what is left of them; all refinements are done.

    Neither a training whose loss does not stay finite nor principles that nothing can be picked from stop the
    others. A folder with another training does; `check` finds out beforehand what it can.
    """
    done: dict[str, Trained] = {}
    found = []
    for part in plan.trainings:
        try:
            architecture = part.architecture or picked_architecture(
                folder / str(part.refinement), workers, partial(progress, f"{part.name}, picking")
            )
        except InvalidInput as error:
            found.append(Trained(part, part.name, None, str(error)))
            continue
        key = fingerprint(part.configuration(architecture))
        first = done.get(key)
        if first is None or (first.run is not None and len(first.run.records) < len(part.seeds)):
            place = part if first is None else first.part
            first = done[key] = _trained(place, architecture, len(part.seeds), folder, progress)
        found.append(replace(first, part=part))
    return tuple(found)


def _trained(
    part: TrainPart, architecture: Architecture, replicates: int, folder: Path, progress: Progress
) -> Trained:
    def opened_for(seed: int) -> Opened:
        label = part.name + (f", seed {seed}" if replicates > 1 else "")

        @contextmanager
        def opened() -> Iterator[Update]:
            yield lambda done, total, note: progress(label, done, total, "images", note)

        return opened

    try:
        run = train_run(part.configuration(architecture), folder / part.name, replicates, opened_for)
    except TrainingDiverged as error:
        return Trained(part, part.name, None, str(error))
    return Trained(part, part.name, run)


@validated
def compare_again(
    folders: Sequence[Path], out: Path, draws: int, workers: Workers, progress: Progress, batches: int = 1
) -> Comparison:
    """Score the elites of refinements again, or go on with it; then compare their methods by these scores.

    Each elite gets `draws` new initialisations on the refinements' own batch, and as many on each of `batches` - 1
    others, of the data seeds that follow. `again` in the output folder has the scores. Refused is what
    `method_groups` and `rescore` refuse, and rescored elites among the folders; then nothing is scored.
    """
    groups = method_groups(folders)
    for group in groups:
        if group.rescored:
            raise InvalidInput(
                f"{group.rescored[0].folder} holds new scores of {group.title} already; leave it out, or --again."
            )
    elites = [(one.first, list(one.elites.values()), one.last_seed + 1) for one in groups]
    made = rescore(elites, draws, out, workers, progress, batches)
    joined = [group.joined([folder for folder, _ in each]) for group, each in zip(groups, made, strict=True)]
    found = write_comparison(joined, out, partial(progress, "compare", unit="figures"))
    runs = [run for each in made for _, run in each]
    files = (*found.files, *(path for run in runs for path in run.files))
    return replace(found, files=files, failures=tuple(row for run in runs for row in run.table.failures))
