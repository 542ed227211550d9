"""Store: scores, rounds and predictors on disk, in SQLite, the moment they exist.

One process writes (write-ahead logging, one transaction a network) and any number may read meanwhile. A killed
process loses at most the network it was working on, and the same command takes up where it stopped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from operator import index
from pathlib import Path
from typing import Any

from netlore.errors import DifferentConfiguration
from netlore.storage.documents import to_json
from netlore.storage.record_store import RecordStore
from netlore.storage.rounds import Key
from netlore.storage.schema import FILE_NAME as FILE_NAME
from netlore.storage.schema import check
from netlore.storage.score_table import Score, ScoreRow, checked_score, checked_seed


class Store(RecordStore):
    """Scores of one configuration in a folder.

    Args:
        folder: Where `scores.sqlite` lies or will lie; made if missing.
        configuration: JSON-able facts that every score of the folder depends on (data digest, precision, ...).
            Set when the store is made, and compared ever after. None: open what is there, read-only.

    Raises:
        DifferentConfiguration: The folder holds scores of another configuration; the difference is shown.
        InvalidInput: Another process is writing to the folder, or it holds no readable store.
    """

    def __init__(self, folder: Path, configuration: Mapping[str, Any] | None) -> None:
        super().__init__(folder, write=configuration is not None)
        self._verified = False
        if configuration is None:
            return
        try:
            wanted = self.check(configuration)
            with self._writing():
                for name in wanted.keys() - self.configuration.keys():
                    self._keep("configuration", name, document=wanted[name])
        except BaseException:
            self.close()
            raise

    @property
    def configuration(self) -> dict[str, Any]:
        """The facts that every score of the store depends on."""
        return self._documents("configuration")

    def check(self, configuration: Mapping[str, Any]) -> dict[str, Any]:
        """The configuration as it is stored; raises `DifferentConfiguration` if the scores there have another."""
        wanted: dict[str, Any] = json.loads(to_json(dict(configuration)))
        have = self.configuration
        if have and have != wanted:
            raise DifferentConfiguration(self.path.parent, have, wanted)
        return wanted

    def add(self, rows: Iterable[ScoreRow]) -> None:
        """Keep scores, in one transaction; a score that is already there is left as it is.

        Raises:
            Unwritable: The file cannot grow, or is damaged; what was added before is kept.
            StoreLost: The folder was removed or renamed meanwhile; so in all that writes.
        """
        rows = list(rows)
        records = [_record(row) for row in rows]
        with self._writing():
            self._keep_architectures(row.architecture for row in rows)
            self._connection.executemany(
                "INSERT OR IGNORE INTO score (architecture, seed, draw, predictor, score, status, reason, "
                "seconds, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(*record, check(*record)) for record in records],
            )
            self._keep_definitions({row.predictor for row in rows})

    def find(self, keys: Iterable[Key]) -> dict[Key, Score]:
        """The scores that are there, of those asked for as (architecture id, seed, draw, predictor).

        Raises:
            Damaged: One is changed, or one that is not found may be lost.
        """
        found, whole = {}, True
        question = (
            "SELECT score, status, reason, seconds, checksum FROM score "
            "WHERE architecture = ? AND seed = ? AND draw = ? AND predictor = ?"
        )
        with self._reading():
            for key in keys:
                plain = (key[0], checked_seed(key[1]), index(key[2]), key[3])
                row = self._connection.execute(question, plain).fetchone()
                if row is None:
                    whole = False
                else:
                    found[key] = self._score(plain, *row)
        if not whole:
            self._verify()
        return found

    def count(self) -> int:
        """How many scores there are."""
        question = "SELECT rows, (SELECT count(*) FROM score) FROM tally WHERE counted = 'score'"
        with self._reading():
            expected, found = self._connection.execute(question).fetchone() or (-1, 0)
        if found != expected:
            raise self._damaged(f"{found} scores are there, not {expected}")
        return int(found)

    def rows(self) -> Iterator[ScoreRow]:
        """Every score, ordered by architecture, seed, draw and predictor, so that the order repeats.

        Raises:
            Damaged: One is changed, or one is missing; the latter is found out at the end.
        """
        question = (
            "SELECT rows, json, architecture, seed, draw, predictor, score, status, reason, seconds, checksum "
            "FROM tally LEFT JOIN score ON 1 LEFT JOIN architecture ON architecture.id = architecture "
            "WHERE counted = 'score' ORDER BY architecture, seed, draw, predictor"
        )
        read, expected = 0, -1
        with self._reading():
            for total, text, name, seed, draw, predictor, *found in self._connection.execute(question):
                expected = total
                if name is not None:
                    read += 1
                    score = self._score((name, seed, draw, predictor), *found)
                    yield ScoreRow(self._architecture(name, text), seed, draw, predictor, score)
        if read != expected:
            raise self._damaged(f"{read} scores are there, not {expected}")

    def _verify(self) -> None:
        """Find out, once, whether scores are lost; what this process adds is not."""
        if self._verified:
            return
        # A changed key is a row that is not found, or, further up in the tree, one that leads astray.
        key = "architecture, seed, draw, predictor"
        question = f"""
            SELECT rows = (SELECT count(*) FROM score) AND NOT EXISTS (SELECT 1 FROM score AS one WHERE
            checksum IS NOT row_check({key}, score, status, reason, seconds) OR NOT EXISTS (SELECT 1 FROM score
            WHERE ({key}) = (one.architecture, one.seed, one.draw, one.predictor)))
            FROM tally WHERE counted = 'score'"""
        self._connection.create_function("row_check", 8, check, deterministic=True)
        with self._reading():
            whole = self._connection.execute(question).fetchone()
            (verdict,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok" or whole != (1,):
            raise self._damaged("scores are changed or missing" if verdict == "ok" else verdict)
        self._verified = True

    def _score(self, key: Key, value: Any, status: Any, reason: Any, seconds: Any, kept: Any) -> Score:
        if check(*key, value, status, reason, seconds) != kept:
            raise self._damaged(f"a score of {key[0]} is changed")
        try:
            return checked_score(value, status, reason, seconds)
        except ValueError as error:
            raise self._damaged(error) from None


def _record(row: ScoreRow) -> tuple[Any, ...]:
    """A row as it is kept: plain numbers, and no -0.0, which SQLite does not keep."""
    value, status, reason, seconds = vars(row.score).values()
    score = (value if value is None else float(value) + 0.0, status, reason, float(seconds) + 0.0)
    checked_score(*score)
    return (row.architecture.id, checked_seed(row.seed), index(row.draw), row.predictor, *score)
