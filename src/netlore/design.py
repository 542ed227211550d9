"""From images and a budget to a network that runs: every step, each gone on with where it stopped."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from netlore.arguments import validated
from netlore.errors import InvalidInput, NetloreError
from netlore.executors import Workers
from netlore.experiments.config import RefineConfiguration
from netlore.experiments.design import Design
from netlore.experiments.design_config import HELD_OUT, MEASURED, NETWORKS, REFINEMENT, ROUNDS, TABLE, TRAINING
from netlore.experiments.export import export_run
from netlore.experiments.record import Progress, silent
from netlore.experiments.refine import refine_run
from netlore.experiments.select import PickRun, as_document, pick_run, stored_pick
from netlore.experiments.study.config import StudyPlan
from netlore.experiments.study.estimate import Rest, forecast_study
from netlore.experiments.study.folders import check, record_study
from netlore.experiments.study.train_config import TrainPart
from netlore.experiments.train import TrainRun
from netlore.export.onnx import check_installed
from netlore.latency.tables import latency_table
from netlore.refinement.fronts import finalists
from netlore.report.design.collect import design_data
from netlore.report.design.data import DesignData
from netlore.report.design.steps import pick_seed
from netlore.report.design.write import write_design
from netlore.space.architecture import Architecture
from netlore.storage.atomic import make_folder
from netlore.storage.device_tables import read_device_table, write_steps
from netlore.storage.documents import write_document
from netlore.study import train_parts

RESULT = "design.json"


@dataclass(frozen=True, eq=False)
class DesignRun:
    """A finished design: what was found, and the files, the page first."""

    design: Design
    data: DesignData
    seconds: float
    files: tuple[Path, ...]

    def document(self) -> dict[str, Any]:
        """The result as JSON-able values; `error` is percent of the validation images."""
        found = self.data
        latency = found.latency.milliseconds
        return {
            "architecture": {"id": found.architecture.id, **as_document(found.architecture)},
            "error": found.record.error,
            "balanced_error": found.record.balanced_error,
            "majority_error": found.record.majority_error,
            "validation_images": found.trained.facts.validation_images,
            **found.measures,
            "latency_ms": latency.value,
            "latency_interval_ms": [latency.low, latency.high],
            "predictor": self.design.asked.predictor,
            "choices": [*found.choices],
            "notes": [*found.notes],
            "onnx": str(found.onnx),
            "seconds": self.seconds,
            "files": [str(path) for path in self.files],
        }


@validated
def run_design(chosen: Design, folder: Path, workers: Workers = 1, progress: Progress = silent) -> DesignRun:
    """Refine a design space for the images, train the best of the networks that it recommends, and export it.

    Every score, every epoch and every measurement is on disk the moment it exists, so the same call goes on where
    it stopped.

    Args:
        chosen: What `planned_design` chose for what is asked.
        folder: Where everything goes: the page `design.html`, `network.onnx`, `design.json`, and a folder for each
            step.
        workers: Processes, or an executor or the name of one; results do not depend on it.
        progress: Called about every network that is measured or scored, image that is learned, and figure.

    Raises:
        InvalidInput: Something cannot be done as it is asked, found out before hours of computing as far as it can
            be.
        NetloreError: The loss of the training is no longer finite.
    """
    start = time.perf_counter()
    check_installed()
    plan = _planned(chosen, folder, progress)
    check(plan, folder)
    record_study(plan, folder)
    (part,) = plan.parts
    refinement = folder / REFINEMENT
    assert isinstance(part.configuration, RefineConfiguration)

    def shown(seed: int, number: int, done: int, total: int) -> None:
        progress(f"scoring, round {number}", done, total)

    refine_run(part.configuration, refinement, 1, workers, shown)
    picked = pick_run(
        refinement,
        seed=pick_seed(chosen.asked),
        workers=workers,
        progress=partial(progress, "picking"),
        candidates="elites",
    )
    tried = train_parts(replace(plan, trainings=_finalists(plan, picked)), folder, workers, progress)
    runs = [one.run for one in tried if one.run is not None]
    last = replace(plan.trainings[-1], architecture=_best(runs, picked))
    (trained,) = train_parts(replace(plan, trainings=(last,)), folder, workers, progress)
    if trained.run is None:
        raise NetloreError(trained.reason)
    (onnx,) = export_run(folder / TRAINING, "onnx", folder)
    found = design_data(chosen, plan, picked, runs, trained.run, onnx, folder, progress)
    report = write_design(found, folder, partial(progress, "page", unit="figures"))
    run = DesignRun(chosen, found, time.perf_counter() - start, (*report.files, onnx, folder / RESULT))
    write_document(folder / RESULT, run.document())
    return run


@validated
def forecast_design(chosen: Design, folder: Path, workers: int = 1, progress: Progress = silent) -> list[Rest]:
    """How far `run_design` is, and how long the rest of it takes; nothing is written.

    Where a table of this machine is still to be made, networks are taken from all that the other limits leave.
    """
    table = folder / TABLE
    plan = chosen.plan(table if chosen.needs_table and table.is_file() else None)
    check(plan, folder)
    with suppress(InvalidInput):  # what was picked when it was last asked; only estimates depend on it
        if (there := stored_pick(folder / REFINEMENT)) is not None:
            plan = replace(plan, trainings=(*_finalists(plan, there), plan.trainings[-1]))
    return forecast_study(plan, folder, workers, progress)


def _finalists(plan: StudyPlan, picked: PickRun) -> tuple[TrainPart, ...]:
    """A training for each network between which images decide; none if there is but one."""
    parts = plan.trainings[:-1]
    if not parts:
        return ()
    found = finalists(picked.source.refinement, len(parts), picked.source.configuration.predictor)
    # What was picked is the best of those that were scored again, so it takes the place of the highest score.
    known = dict.fromkeys((*found[:-1], picked.pick.architecture))
    pairs = zip(parts, known if len(known) > 1 else (), strict=False)
    return tuple(replace(part, architecture=architecture) for part, architecture in pairs)


def _best(tried: Sequence[TrainRun], picked: PickRun) -> Architecture:
    """The finalist with the lowest error, of equal ones the lowest loss; without finalists what was picked."""

    def wrong(run: TrainRun) -> tuple[float, float]:
        kept = run.records[0].kept
        return kept.error, kept.validation_loss

    best = min(tried, key=wrong, default=None)
    return picked.pick.architecture if best is None else best.configuration.make_architecture()


def _planned(chosen: Design, folder: Path, progress: Progress) -> StudyPlan:
    """The plan, with a table of this machine if one is needed; it is made if it is not there."""
    if not chosen.needs_table:
        return chosen.plan()
    asked, path = chosen.asked, folder / TABLE
    if path.is_file():
        how = read_device_table(path).device
        if (how.get("runtime"), how.get("threads")) == (asked.runtime, asked.threads):
            return chosen.plan(path)
    before = chosen.before_latency()
    task = before.make_task()
    space = before.make_space(task)
    before.check(task, space)
    make_folder(folder)
    made = latency_table(
        space,
        runtime=asked.runtime,
        threads=asked.threads,
        networks=NETWORKS,
        held_out=HELD_OUT,
        rounds=ROUNDS,
        seed=asked.seed,
        cache=folder / MEASURED,
        progress=lambda label, done, total, unit="networks": progress(f"latency, {label}", done, total, unit),
    )
    judged = {"held_out": HELD_OUT, "within_20_percent": made.right}
    write_steps(path, replace(made.table, device={**made.table.device, **judged}))
    return chosen.plan(path)
