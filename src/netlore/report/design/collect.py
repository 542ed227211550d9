"""From what the folder of a design holds to what its page shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from netlore.data import split
from netlore.experiments.design import Design
from netlore.experiments.design_config import REFINEMENT, TABLE, TRAINING
from netlore.experiments.record import Progress
from netlore.experiments.select import PickRun
from netlore.experiments.study.config import StudyPlan
from netlore.experiments.train import TrainRun
from netlore.latency.timing import Latency, Setting, latencies
from netlore.report.collect import find
from netlore.report.design.data import DesignData
from netlore.report.design.steps import steps
from netlore.report.trainings import training_notes
from netlore.space.complexity import complexity
from netlore.storage.device_tables import read_device_table

_LATENCY_ROUNDS = 20


def design_data(
    chosen: Design,
    plan: StudyPlan,
    picked: PickRun,
    tried: Sequence[TrainRun],
    trained: TrainRun,
    onnx: Path,
    folder: Path,
    progress: Progress,
) -> DesignData:
    """Everything that the page shows."""
    asked, architecture, facts = chosen.asked, trained.configuration.make_architecture(), trained.facts
    classes, (part,) = len(facts.class_names), plan.parts
    limits = part.configuration.limits
    setting = Setting(asked.runtime, asked.threads, resolution=facts.resolution, num_classes=classes)
    (latency,) = latencies(
        [(architecture, setting)], _LATENCY_ROUNDS, partial(progress, "latency of the network", unit="rounds")
    )
    measures = ("weight_bytes", "peak_memory", "peak_memory_int8", *limits)
    study = find([folder / REFINEMENT, folder / TRAINING], plan.title)
    marked = tuple(replace(one, picked=architecture) for one in study.refinements)
    return DesignData(
        study=replace(study, refinements=marked),
        found=chosen.found,
        choices=(*chosen.reasons, *_about_table(chosen, folder)),
        notes=(
            *chosen.notes,
            *_too_slow(chosen, latency),
            *training_notes(architecture.id, trained.records),
        ),
        candidates=len(picked.pick.candidates.rows),
        picked=picked.pick.architecture,
        finalists=tuple(tried),
        architecture=architecture,
        trained=trained,
        measures=dict(complexity(architecture, classes, facts.resolution, measures=measures).as_dict()),
        limits=limits,
        latency=latency,
        onnx=onnx,
        mistakes=_mistakes(chosen, trained),
        steps=tuple(steps(chosen, plan, tried, trained, folder)),
    )


def _about_table(chosen: Design, folder: Path) -> Iterator[str]:
    """How well the table of this machine predicts."""
    if chosen.needs_table:
        about = read_device_table(folder / TABLE).device
        yield (
            f"Latency is predicted by a table of {about['networks']} networks that were measured here; of "
            f"{about['held_out']} others it predicts {about['within_20_percent']} within 20 %."
        )


def _too_slow(chosen: Design, latency: Latency) -> Iterator[str]:
    """Whether the network takes longer than it may on this machine, by what was measured in the end."""
    limit, median = chosen.asked.latency, latency.milliseconds.value
    if chosen.needs_table and limit is not None and median is not None and median > limit[1]:
        yield (
            f"The network takes {median:.3g} ms, more than the {limit[1]:g} that were asked for: the machine was "
            f"busy (its shortest run took {latency.least:.3g} ms), or the table errs; ask for less."
        )


def _mistakes(chosen: Design, trained: TrainRun) -> Any:
    """The validation images that are remembered as misclassified; floats are scaled to the range of bytes."""
    evaluation = trained.records[0].evaluation
    places = [one.image for one in evaluation.mistakes] if evaluation is not None else []
    how = chosen.reading.given()
    images = split(chosen.asked.data, chosen.asked.validation, **how).validation.images
    pixels = images.read(np.asarray(places, dtype=np.int64))
    if pixels.dtype == np.uint8:
        return pixels
    low, high = (float(of(pixels)) for of in (np.min, np.max)) if places else (0.0, 1.0)
    return np.rint(255 * (pixels - low) / max(high - low, 1e-9)).astype(np.uint8)
