"""Store: scores on disk, in SQLite, the moment they exist.

One process writes (write-ahead logging, one transaction a network) and any number may read meanwhile. A killed
process loses at most the network it was working on, and the same command takes up where it stopped.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

from netlore.errors import DifferentConfiguration, InvalidInput, Unwritable
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.storage.score_table import Score, ScoreRow

FILE_NAME = "scores.sqlite"
Key = tuple[str, int, int, str]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS configuration (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS architecture (id TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS score (
    architecture TEXT NOT NULL REFERENCES architecture (id),
    seed INTEGER NOT NULL,
    draw INTEGER NOT NULL,
    predictor TEXT NOT NULL,
    score REAL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (architecture, seed, draw, predictor)
) WITHOUT ROWID;
"""


class Store:
    """Scores of one configuration in a folder.

    Args:
        folder: Where `scores.sqlite` lies or will lie; made if missing.
        configuration: JSON-able facts that every score of the folder depends on (data digest, precision, ...).
            Set when the store is made, and compared ever after. None: open what is there, read-only.
        untouched: Of a store that is opened read-only: leave no file beside it, if nobody is writing to it.

    Raises:
        DifferentConfiguration: The folder holds scores of another configuration; the difference is shown.
        InvalidInput: Another process is writing to the folder, or it holds no readable store.
    """

    def __init__(self, folder: Path, configuration: Mapping[str, Any] | None, untouched: bool = False) -> None:
        self.path = folder / FILE_NAME
        self._lock: sqlite3.Connection | None = None
        if configuration is None:
            self._connection = self._open_to_read(untouched)
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(folder)
            self._connection = sqlite3.connect(self.path, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.executescript(_SCHEMA)
            self._set(configuration)
        except (OSError, sqlite3.Error) as error:
            self.close()
            raise InvalidInput(
                f"output folder {folder} cannot be used ({error}); choose another folder."
            ) from None
        except InvalidInput:
            self.close()
            raise

    def _open_to_read(self, untouched: bool) -> sqlite3.Connection:
        if not self.path.is_file():
            raise InvalidInput(
                f"{self.path.parent} holds no scores ({FILE_NAME} is missing); name a run's folder."
            )
        # Readers make files of their own beside the store. Where they may not, and no writer is at work or was
        # killed (it would have left its log), the store is read as a file that nobody changes.
        log = self.path.with_name(f"{FILE_NAME}-wal")
        frozen = (untouched or not os.access(self.path.parent, os.W_OK)) and not log.exists()
        uri = f"{self.path.resolve().as_uri()}?mode=ro{'&immutable=1' if frozen else ''}"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        try:
            connection.execute("SELECT count(*) FROM configuration")
        except sqlite3.DatabaseError as error:
            connection.close()
            raise InvalidInput(f"{self.path} is not a score store ({error}); name a run's folder.") from None
        return connection

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the folder."""
        for connection in (getattr(self, "_connection", None), self._lock):
            if connection is not None:
                connection.close()

    @property
    def configuration(self) -> dict[str, Any]:
        """The facts that every score of the store depends on."""
        rows = self._connection.execute("SELECT name, value FROM configuration")
        return {name: json.loads(value) for name, value in rows}

    def add(self, rows: Iterable[ScoreRow]) -> None:
        """Keep scores, in one transaction; a score that is already there is left as it is.

        Raises:
            Unwritable: The file cannot grow, or is damaged; what was added before is kept.
        """
        rows = list(rows)
        with self._writing(), _transaction(self._connection) as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO architecture VALUES (?, ?)",
                [(row.architecture.id, row.architecture.to_json()) for row in rows],
            )
            connection.executemany(
                "INSERT OR IGNORE INTO score VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [_record(row) for row in rows]
            )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Say in one line why the disk refuses; what only a program can get wrong is raised as it is."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            if self._lock is None or not _is_of_the_file(error):
                raise
            raise Unwritable(
                f"{self.path} cannot be written ({error}); everything written before is kept, so make space and "
                f"run the same command again."
            ) from None

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Say in one line what is wrong with the file."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise InvalidInput(
                f"{self.path} cannot be read ({error}); restore the folder or choose another."
            ) from None

    def find(self, keys: Iterable[Key]) -> dict[Key, Score]:
        """The scores that are there, of those asked for as (architecture id, seed, draw, predictor)."""
        found = {}
        question = (
            "SELECT score, status, reason, seconds FROM score "
            "WHERE architecture = ? AND seed = ? AND draw = ? AND predictor = ?"
        )
        with self._reading():
            for key in keys:
                row = self._connection.execute(question, key).fetchone()
                if row is not None:
                    found[key] = Score(*row)
        return found

    def count(self) -> int:
        """How many scores there are."""
        with self._reading():
            found: int = self._connection.execute("SELECT count(*) FROM score").fetchone()[0]
        return found

    def rows(self) -> Iterator[ScoreRow]:
        """Every score, ordered by architecture, seed, draw and predictor, so that the order repeats."""
        question = (
            "SELECT json, seed, draw, predictor, score, status, reason, seconds FROM score "
            "JOIN architecture ON architecture.id = score.architecture "
            "ORDER BY score.architecture, seed, draw, predictor"
        )
        with self._reading():
            for text, seed, draw, predictor, *score in self._connection.execute(question):
                yield ScoreRow(_architecture(text), seed, draw, predictor, Score(*score))

    def check(self, configuration: Mapping[str, Any]) -> dict[str, Any]:
        """The configuration as it is stored; raises `DifferentConfiguration` if the scores there have another."""
        wanted: dict[str, Any] = json.loads(json.dumps(configuration))
        have = self.configuration
        if have and have != wanted:
            raise DifferentConfiguration(self.path.parent, have, wanted)
        return wanted

    def _set(self, configuration: Mapping[str, Any]) -> None:
        wanted = self.check(configuration)
        with _transaction(self._connection) as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO configuration VALUES (?, ?)",
                [(name, json.dumps(value)) for name, value in wanted.items()],
            )


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Commit at the end, roll back after an error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # after a full disk SQLite has rolled back by itself
            connection.execute("ROLLBACK")
        raise


def _is_of_the_file(error: sqlite3.DatabaseError) -> bool:
    """Whether the disk or the file is to blame, not the statement or a value in it."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError


def _lock(folder: Path) -> sqlite3.Connection:
    """Hold a folder for one writing process; the operating system lets go when it ends, however it ends."""
    lock = sqlite3.connect(folder / "writer.lock", isolation_level=None, timeout=0.5)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        lock.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        raise InvalidInput(
            f"another process is writing to {folder}; wait for it or choose another output folder."
        ) from None
    return lock


def _record(row: ScoreRow) -> tuple[object, ...]:
    key, score = (row.architecture.id, row.seed, row.draw, row.predictor), row.score
    return (*key, score.value, score.status, score.reason, score.seconds)


@lru_cache(maxsize=1)  # all scores of an architecture come one after the other, and share it
def _architecture(text: str) -> Architecture:
    document = json.loads(text)
    return families.architecture(document["family"], document["values"])
