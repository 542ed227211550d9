"""`netlore export` of a training: its record, or the network itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from netlore.errors import InvalidInput
from netlore.experiments.train import RESULT, TrainRun, folder_of, stored_training
from netlore.export import FORMATS, TrainedNetwork
from netlore.storage.atomic import make_folder, write_whole
from netlore.storage.documents import RUN, write_document
from netlore.training.checkpoints import CHECKPOINT, weights_of
from netlore.training.records import RECORD, TrainingRecord


def export_network(folder: Path, form: str, target: Path, seed: int | None = None) -> list[Path]:
    """Write a trained network in a form that works without netlore.

    Args:
        folder: The training's.
        form: One of `netlore.export.FORMATS`.
        target: Where to.
        seed: Which of its replicates; None: the first.

    Raises:
        InvalidInput: The folder is not a training's, has no such replicate or no checkpoint of it, or a package
            that the form needs is missing.
    """
    make_folder(target)
    return FORMATS[form](trained_network(folder, seed), target)


def trained_network(folder: Path, seed: int | None = None) -> TrainedNetwork:
    """The network of a training's folder, as it is after the last epoch that is complete.

    Raises:
        InvalidInput: As `export_network`.
    """
    run = stored_training(folder)
    record = _chosen(run, folder, seed)
    checkpoint = folder_of(folder, record.seed) / CHECKPOINT
    if not checkpoint.is_file():
        raise InvalidInput(f"{checkpoint} is missing, as in archives; export from the folder that was trained in.")
    configuration = run.configuration
    return TrainedNetwork(
        architecture=configuration.make_architecture(),
        weights={name: value.float().contiguous() for name, value in weights_of(checkpoint).items()},
        class_names=run.facts.class_names,
        resolution=run.facts.resolution,
        mean=run.facts.mean,
        std=run.facts.std,
        facts={
            "name": configuration.name,
            "data": configuration.data,
            "recipe": configuration.recipe_in_words,
            "epochs": f"{len(record.epochs)} of {record.planned}",
            "seed": str(record.seed),
            "error": f"{record.error:.2f} % of {run.facts.validation_images:,} validation images",
        },
    )


def _chosen(run: TrainRun, folder: Path, seed: int | None) -> TrainingRecord:
    known = {record.seed: record for record in run.records}
    if seed is None:
        return run.records[0]
    if seed not in known:
        raise InvalidInput(f"{folder} has no seed {seed}; choose one of {', '.join(map(str, known))}.")
    return known[seed]


def export_epochs(ending: str, encode: Callable[[pd.DataFrame], bytes], folder: Path, target: Path) -> list[Path]:
    """Write `epochs`, a row per seed and epoch."""
    records = stored_training(folder).records
    rows = [{"seed": record.seed, **asdict(epoch)} for record in records for epoch in record.epochs]
    make_folder(target)
    return [write_whole(target / f"epochs.{ending}", encode(pd.DataFrame(rows)))]


def archive_training(folder: Path, target: Path) -> list[Path]:
    """Write what reports need of a training into another folder: everything but checkpoints and logs."""
    run = stored_training(folder)
    make_folder(target)
    files = []
    if folder.resolve() != target.resolve():
        files.append(write_whole(target / RUN, (folder / RUN).read_bytes()))
    files.append(write_document(target / RESULT, run.result()))
    for record in run.records:
        place = make_folder(folder_of(target, record.seed)) / RECORD
        files.append(write_whole(place, json.dumps(record.document(), allow_nan=False).encode()))
    return files
