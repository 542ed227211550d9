"""`netlore export`: a folder's scores as files that other tools read."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from netlore.errors import InvalidInput
from netlore.files import make_folder, write_whole
from netlore.runs.archiving import archive, opened
from netlore.runs.configuration import recorded
from netlore.runs.studying import FILE_NAME as STUDY
from netlore.runs.studying import expanded
from netlore.scores import ScoreTable


def stored_table(folder: Path) -> ScoreTable:
    """Every score of a run's folder.

    Raises:
        InvalidInput: The folder is not a run's, or holds no scores.
    """
    command, configuration, _ = recorded(folder)
    task = configuration.make_task()
    with opened(folder) as store:
        rows = list(store.rows())
    if not rows:
        raise InvalidInput(f"{folder} holds no scores yet; run its {command} command first.")
    return ScoreTable(rows, task.num_classes, task.resolution)


def export_run(folder: Path, form: str, out: Path | None = None) -> list[Path]:
    """Write the scores of a run, or of every part of a study, as files that other tools read.

    As `csv` and `parquet`, `scores` has a row per network and predictor, and `networks` a row per network. An
    `archive` is small and keeps everything: reports and analyses can be made of it again.

    Args:
        folder: The run's or the study's folder.
        form: `csv`, `parquet` or `archive`.
        out: Where to; beside the scores if not given.

    Returns:
        The files written.
    """
    if form not in FORMS:
        raise InvalidInput(f"format {form!r} is not known; choose one of {', '.join(FORMS)}.")
    target = out or folder
    _, parts = expanded([folder])
    written = [
        path
        for part in parts
        for path in FORMS[form](part, target if part == folder else target / part.relative_to(folder))
    ]
    if form == "archive" and out is not None and parts != [folder]:
        written.append(write_whole(target / STUDY, (folder / STUDY).read_bytes()))
    return written


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


FORMS: dict[str, Callable[[Path, Path], list[Path]]] = {
    "csv": partial(_frames, "csv", _csv),
    "parquet": partial(_frames, "parquet", _parquet),
    "archive": archive,
}
"""How the scores of one run's folder are written into another folder, by format."""
