"""What the page of a design shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlore.data.overview import DataOverview
from netlore.experiments.train import TrainRun
from netlore.latency.timing import Latency
from netlore.report.data import StudyData
from netlore.report.page.page import Run
from netlore.space.architecture import Architecture
from netlore.space.budget import Range
from netlore.training.evaluation import Mistake
from netlore.training.records import TrainingRecord


@dataclass(frozen=True, eq=False)
class DesignData:
    """Everything that was found on the way to a network.

    Attributes:
        study: The refinement and the training.
        found: What the data hold.
        choices: What was chosen and why, as sentences.
        notes: What one should know of the data and of what came out, as sentences.
        candidates: How many networks were scored again, of which one was picked.
        picked: The one that the predictor picked.
        finalists: Trainings for a while, by which the network was chosen; empty if what was picked was trained.
        architecture: The network.
        trained: Its training.
        measures: What it costs, by measure.
        limits: The budget, by measure.
        latency: How long a pass of one image takes here.
        onnx: The file with the trained network.
        mistakes: Validation images that it is wrong about, shape (n, R, R, 3), uint8, in the order of the record.
        steps: The command of each step.
    """

    study: StudyData
    found: DataOverview
    choices: tuple[str, ...]
    notes: tuple[str, ...]
    candidates: int
    picked: Architecture
    finalists: tuple[TrainRun, ...]
    architecture: Architecture
    trained: TrainRun
    measures: Mapping[str, Any]
    limits: Mapping[str, Range]
    latency: Latency
    onnx: Path
    mistakes: NDArray[np.uint8]
    steps: tuple[Run, ...]

    @property
    def record(self) -> TrainingRecord:
        """How the training went."""
        return self.trained.records[0]

    @property
    def wrong(self) -> tuple[Mistake, ...]:
        """What is known of `mistakes`, in their order."""
        return () if self.record.evaluation is None else self.record.evaluation.mistakes
