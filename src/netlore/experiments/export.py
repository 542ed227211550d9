"""`netlore export`: a folder's scores, or what it trained, as files that other tools read."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from netlore.errors import InvalidInput
from netlore.experiments.config import command_of, recorded
from netlore.experiments.export_training import archive_training, export_epochs, export_network
from netlore.experiments.refine import with_records
from netlore.experiments.study.folders import FILE_NAME as STUDY
from netlore.experiments.study.folders import expanded
from netlore.experiments.train_config import COMMAND as TRAIN
from netlore.export import FORMATS
from netlore.storage.archive import archive, opened
from netlore.storage.atomic import make_folder, write_whole
from netlore.storage.documents import RUN
from netlore.storage.score_table import ScoreTable


def stored_table(folder: Path) -> ScoreTable:
    """Every score of a run's folder.

    Raises:
        InvalidInput: The folder is not a run's, or holds no scores.
    """
    there = recorded(folder)
    task = there.configuration.make_task()
    with opened(folder) as store:
        rows = list(store.rows())
    if not rows:
        raise InvalidInput(f"{folder} holds no scores yet; run its {there.command} command first.")
    return ScoreTable(rows, task.num_classes, task.resolution)


def export_run(folder: Path, form: str, out: Path | None = None, seed: int | None = None) -> list[Path]:
    """Write the scores of a run, or of every part of a study, as files that other tools read.

    As `csv` and `parquet`, `scores` has a row per network and predictor, and `networks` a row per network; of a
    training, `epochs` has a row per seed and epoch. An `archive` is small and keeps everything that reports and
    analyses can be made of. The other forms are a trained network's: see `netlore.export`.

    Args:
        folder: The run's or the study's folder.
        form: `csv`, `parquet`, `archive`, or a form of trained networks.
        out: Where to; beside the scores if not given.
        seed: Which replicate's network; None: the first.

    Returns:
        The files written.

    Raises:
        InvalidInput: No such form, or not of this kind of run; or the folder holds nothing complete.
    """
    if form == "torchscript":
        raise InvalidInput("format torchscript is gone, as torch deprecates it; choose onnx or python.")
    if form not in (*FORMS, *NETWORK_FORMS):
        raise InvalidInput(f"format {form!r} is not known; choose one of {', '.join((*FORMS, *NETWORK_FORMS))}.")
    target = out or folder
    if form in NETWORK_FORMS:
        _check_trained(folder, form)
        return export_network(folder, form, target, seed)
    _, parts = expanded([folder])
    written = [
        path
        for part in parts
        for path in _forms_of(part)[form](part, target if part == folder else target / part.relative_to(folder))
    ]
    if form == "archive" and out is not None and parts != [folder]:
        written.append(write_whole(target / STUDY, (folder / STUDY).read_bytes()))
    return written


def _forms_of(part: Path) -> dict[str, Callable[[Path, Path], list[Path]]]:
    if command_of(part) == TRAIN:
        return TRAINING_FORMS
    recorded(part)
    return FORMS


def _check_trained(folder: Path, form: str) -> None:
    """Refuse to look for a trained network where there is none."""
    if (folder / STUDY).is_file():
        raise InvalidInput(f"{folder} holds a study; name the folder of one of its trainings for format {form}.")
    command = command_of(folder)
    if command != TRAIN:
        remedy = (
            f"train its network first, by netlore train {folder}" if command == "refine" else "name a training"
        )
        raise InvalidInput(f"format {form} is for trained networks, but {folder} holds a {command} run; {remedy}.")


def _frames(ending: str, encode: Callable[[pd.DataFrame], bytes], folder: Path, target: Path) -> list[Path]:
    table = stored_table(folder)
    frames = {"scores": table.frame, "networks": table.wide}
    make_folder(target)
    return [write_whole(target / f"{name}.{ending}", encode(frame)) for name, frame in frames.items()]


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def archive_run(folder: Path, target: Path) -> list[Path]:
    """Write the scores and records of a run, and what was asked of it, into another folder; the files written.

    Raises:
        InvalidInput: The folder holds no scores.
        Unwritable: The target cannot be written.
    """
    with with_records(folder) as reader:
        files = [archive(reader, target)]
    if (folder / RUN).resolve() != (target / RUN).resolve():
        files.append(write_whole(target / RUN, (folder / RUN).read_bytes()))
    return files


FORMS: dict[str, Callable[[Path, Path], list[Path]]] = {
    "csv": partial(_frames, "csv", _csv),
    "parquet": partial(_frames, "parquet", _parquet),
    "archive": archive_run,
}
"""How the scores of one run's folder are written into another folder, by format."""

TRAINING_FORMS: dict[str, Callable[[Path, Path], list[Path]]] = {
    "csv": partial(export_epochs, "csv", _csv),
    "parquet": partial(export_epochs, "parquet", _parquet),
    "archive": archive_training,
}
"""The same for a training."""

NETWORK_FORMS = tuple(FORMATS)
"""Forms in which a trained network works without netlore."""
