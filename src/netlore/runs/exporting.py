"""`netlore export`: a folder's scores as files that other tools read."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from netlore.errors import InvalidInput
from netlore.files import write_whole
from netlore.runs.configuration import recorded
from netlore.scores import ScoreTable
from netlore.store import Store


def stored_table(folder: Path) -> ScoreTable:
    """Every score of a run's folder.

    Raises:
        InvalidInput: The folder is not a run's, or holds no scores.
    """
    command, configuration, _ = recorded(folder)
    task = configuration.make_task()
    with Store(folder, None) as store:
        rows = list(store.rows())
    if not rows:
        raise InvalidInput(f"{folder} holds no scores yet; run its {command} command first.")
    return ScoreTable(rows, task.num_classes, task.resolution)


def export_run(folder: Path, form: str) -> list[Path]:
    """Write `scores` (a row per network and predictor) and `networks` (a row per network) beside a run's scores.

    Args:
        folder: The run's folder.
        form: `csv` or `parquet`.

    Returns:
        The files written.
    """
    writers: dict[str, Callable[[pd.DataFrame], bytes]] = {
        "csv": lambda frame: frame.to_csv(index=False).encode(),
        "parquet": _parquet,
    }
    if form not in writers:
        raise InvalidInput(f"format {form!r} is not known; choose one of {', '.join(writers)}.")
    table = stored_table(folder)
    frames = {"scores": table.frame, "networks": table.wide}
    return [write_whole(folder / f"{name}.{form}", writers[form](frame)) for name, frame in frames.items()]


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()
