"""What right cases are made of: a finished run of each kind, an archive, data in files; made once and copied."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

import netlore as nl
from netlore.experiments.export import archive_run
from netlore.report import write
from netlore.report.data import StudyData
from netlore.report.page.page import Report
from tests.fuzz.case import command

NOISE = ("--data", "noise", "--batch-size", 4)
TINY = (*NOISE, "--networks", 4, "--flops", "1e6", "5e6")
SMALL = nl.anynet_architecture((1, 1, 1), (4, 4, 8), (2, 2, 2), (1, 1, 1))

STUDY = """
title = "A small study"
space = "anynet"
flops = [1e6, 5e6]
data = ["noise"]
predictors = ["params", "flops"]
seed = 0

[sizes.small]
sample = 3
networks = 3
batch_size = 2
round_limit = 1
methods = ["paper", "random"]

[sizes.small.refine.params]
replicates = 2

[[sizes.small.train]]
architecture = "baseline/resnet-20"
recipe = "smoke"
replicates = 1
"""

RECIPE = """
epochs = 1
batch_size = 64
learning_rate = 0.1
momentum = 0.9
nesterov = true
weight_decay = 5e-4
label_smoothing = 0.1
schedule = "steps"
milestones = [0.3, 0.6]
padding = 4
mirror = true
channels_last = false
precision = "float32"
"""


@dataclass(frozen=True)
class Room:
    """Folders and files that cases copy before they change them.

    Attributes:
        runs: A refinement, a sample, and a validation of its scores, each with the words that made it.
    """

    folder: Path
    runs: dict[str, tuple[object, ...]]

    def copied(self, name: str) -> Path:
        """A copy of a run, an archive or a data set in the working directory."""
        there, here = self.folder / name, Path(name)
        shutil.copytree(there, here) if there.is_dir() else shutil.copy(there, here)
        return here


@contextmanager
def without_figures() -> Iterator[None]:
    """Figures take seconds: inside, the reports of refinements are left out."""

    def none(folders: object, out: object = None, progress: object = None) -> Report[StudyData]:
        return Report(StudyData("", (), (), {}, {}, {}), (), (), ())

    kept, write.write_report = write.write_report, none
    try:
        yield
    finally:
        write.write_report = kept


def furnished(folder: Path) -> Room:
    """Make everything in a folder, or find it there."""
    runs = {
        "refined": ("refine", "--predictor", "params", "--round-limit", 1, *TINY),
        "sampled": ("score", "--predictor", "params", "--predictor", "flops", *TINY),
    }
    room = Room(folder, runs)
    if (folder / "ready").exists():
        return room
    folder.mkdir(parents=True, exist_ok=True)
    with without_figures():
        for name, words in runs.items():
            outcome, said = command(*words, "--out", folder / name)
            if outcome != "done":
                raise RuntimeError(f"{name}: {outcome}: {said}")
    archive_run(folder / "sampled", folder / "archived")
    archive_run(folder / "refined", folder / "archived-refined")
    _pictures(folder)
    (folder / "study.toml").write_text(STUDY)
    (folder / "recipe.toml").write_text(RECIPE)
    (folder / "architecture.json").write_text(SMALL.to_json())
    rows = [f"{one.to_json()!r},{90 - number}" for number, one in enumerate(nl.sample(nl.anynet(), 6))]
    (folder / "accuracies.csv").write_text(
        "architecture,accuracy\n" + "\n".join(_quoted(row) for row in rows) + "\n"
    )
    (folder / "ready").touch()
    return room


def _quoted(row: str) -> str:
    text, _, accuracy = row.rpartition(",")
    inner = text[1:-1].replace('"', '""')
    return f'"{inner}",{accuracy}'


def _pictures(folder: Path) -> None:
    """Twelve pictures of two classes, as a Parquet file and as folders."""
    rng, encoded = np.random.default_rng(0), []
    for number in range(12):
        stream = io.BytesIO()
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(stream, format="PNG")
        encoded.append(stream.getvalue())
        place = folder / "images" / "ab"[number % 2] / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(stream.getvalue())
    table = pa.table({"img": [{"bytes": one} for one in encoded], "label": [number % 2 for number in range(12)]})
    pq.write_table(table, folder / "images.parquet")
