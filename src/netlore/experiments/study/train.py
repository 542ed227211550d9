"""The trainings of a study, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from netlore.errors import InvalidInput, TrainingDiverged
from netlore.executors import Workers
from netlore.experiments.record import Progress
from netlore.experiments.select import picked_architecture
from netlore.experiments.study.config import StudyPlan
from netlore.experiments.study.train_config import TrainPart
from netlore.experiments.train import TrainRun, train_run
from netlore.experiments.train_config import fingerprint
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


def train_parts(plan: StudyPlan, folder: Path, workers: Workers, progress: Progress) -> tuple[Trained, ...]:
    """Do the trainings of a study, or what is left of them; all refinements are done.

    Neither a training whose loss does not stay finite nor principles that nothing can be picked from stop the
    others. A folder with another training does; `folders.check` finds out beforehand what it can.
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
        if first is None:
            first = _trained(part, architecture, len(part.seeds), folder, progress)
        elif first.run is not None and len(first.run.records) < len(part.seeds):
            first = _trained(first.part, architecture, len(part.seeds), folder, progress)
        done[key] = first
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
