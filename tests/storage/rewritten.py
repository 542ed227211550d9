"""A store written once more with other contents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from netlore.storage.score_store import FILE_NAME, Store
from netlore.storage.score_table import ScoreRow


def rewrite(folder: Path, change: Callable[[ScoreRow], ScoreRow] = lambda row: row, **configuration: Any) -> None:
    """Put another store of the same scores in the place of a folder's, with changed rows or facts."""
    with Store(folder, None) as store:
        rows, facts, records = list(store.rows()), store.configuration, store.refinements()
    (folder / FILE_NAME).unlink()
    with Store(folder, facts | configuration) as store:
        store.add(change(row) for row in rows)
        for one in records:
            store.record(one)
