"""A store's file, opened: transactions, architectures, documents that carry a check, and errors in one line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import count
from os.path import samestat
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from netlore.errors import Damaged, InvalidInput, StoreLost, UnknownName, Unwritable
from netlore.plugins import BrokenPlugin, Untrusted
from netlore.reading import parse_json
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.storage import ending
from netlore.storage.documents import to_json
from netlore.storage.origin import Origin, origin_of
from netlore.storage.schema import FILE_NAME, KEYS, check, open_to_read, open_to_write, remedy, said


class Database:
    """A store's file, opened to write or to read, with what all of its tables share; errors as of `Store`."""

    def __init__(self, folder: Path, write: bool) -> None:
        self.path = folder / FILE_NAME
        self._lock: sqlite3.Connection | None = None
        self._closed = False
        if write:
            self._lock, self._connection = open_to_write(folder)
            self._file = self.path.stat()
            ending.count_store(1)
        else:
            self._connection = open_to_read(self.path)
        self._origins: dict[int, Origin] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._check_there()
        finally:
            self.close()

    def close(self) -> None:
        """Release the folder."""
        if self._lock is not None and not self._closed:
            ending.count_store(-1)
        self._closed = True
        for connection in (self._connection, self._lock):
            if connection is not None:
                connection.close()

    def _check_there(self) -> None:
        """Find out whether what is written lies where it is promised; raises `StoreLost` if not."""
        with suppress(OSError):
            if self._lock is None or samestat(self.path.stat(), self._file):
                return
        raise StoreLost(
            f"{self.path} is gone: its folder was removed, renamed or replaced while scores were written to it; "
            f"put it back, or run the same command again."
        )

    def _damaged(self, what: object) -> Damaged:
        return Damaged(f"{self.path} is damaged ({said(what)}); restore it from a copy or choose another folder.")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Say in one line what is wrong with the file."""
        try:
            yield
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{self.path} cannot be read ({said(error)}); {remedy(error)}.") from None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction. Says in one line why the disk refuses; what only a program can get wrong is raised as it
        is."""
        try:
            ending.check()
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            ending.check()
            self._connection.execute("COMMIT")
        except BaseException as error:
            with suppress(sqlite3.Error):  # after a full disk SQLite has rolled back by itself
                self._connection.execute("ROLLBACK")
            of_the_file = isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError
            if self._lock is None or not of_the_file:
                raise
            raise Unwritable(
                f"{self.path} cannot be written ({said(error)}); everything written before is kept, so "
                f"{remedy(error)}."
            ) from None
        self._check_there()

    def _documents(self, table: str, *key: Any) -> dict[Any, Any]:
        """Every document of a table by its key, in the order of the keys; or those whose keys begin so."""
        names = ", ".join(KEYS[table])
        which = " AND ".join(f"{name} = ?" for name in KEYS[table][: len(key)]) or "1"
        question = (
            f"SELECT {names}, document, checksum, rows FROM tally LEFT JOIN {table} ON {which} WHERE counted = ? "
            f"ORDER BY {names}"
        )
        with self._reading():
            found = self._connection.execute(question, (*key, table)).fetchall()
        there = [row for row in found if row[-2] is not None]
        all_there = bool(key) or {len(there)} == {row[-1] for row in found}
        if not all_there or any(check(*row[:-2]) != row[-2] for row in there):
            raise self._damaged(f"in its table {table} something is changed or missing")
        try:
            return {row[0] if len(row) == 4 else row[:-3]: parse_json(row[-3]) for row in there}
        except (ValueError, TypeError) as error:  # an earlier version had no check
            raise self._damaged(error) from None

    def _keep(self, table: str, *key: Any, document: Any) -> None:
        """Write a document, in place of another one of its key; within `_writing`."""
        names, record = (*KEYS[table], "document", "checksum"), (*key, to_json(document))
        which = " AND ".join(f"{name} = ?" for name in KEYS[table])
        self._connection.execute(f"DELETE FROM {table} WHERE {which}", key)
        self._connection.execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            (*record, check(*record)),
        )

    def _origin(self, number: int | None) -> Origin | None:
        """What computed a score, by the number that stands for it."""
        if number is not None and number not in self._origins:
            self._origins = self._stored_origins()  # another process may have written it meanwhile
            if number not in self._origins:
                raise self._damaged("what computed a score is missing")
        return None if number is None else self._origins[number]

    def _numbered(self, origins: Iterable[Origin | None]) -> tuple[dict[Origin, int], dict[Origin, int]]:
        """A number for each origin, and those of them that are not written yet."""
        asked = [one for one in origins if one is not None]
        if not {*asked} <= {*self._origins.values()}:
            self._origins = self._stored_origins()
        known = {one: number for number, one in self._origins.items()}
        missing = dict(zip((one for one in asked if one not in known), count(len(known) + 1), strict=False))
        return known | missing, missing

    def _stored_origins(self) -> dict[int, Origin]:
        documents = self._documents("origin")
        try:
            return {number: origin_of(one) for number, one in documents.items()}
        except ValueError as error:
            raise self._damaged(error) from None

    def _architecture(self, name: str, text: str | None) -> Architecture:
        """The architecture of that id, from its JSON form."""
        try:
            found = _architecture(text or "")
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            if isinstance(error, UnknownName | BrokenPlugin | Untrusted):  # its family cannot be had
                raise
            raise self._damaged(f"architecture {name} is changed") from None
        if found.id != name:
            raise self._damaged(f"architecture {name} is changed")
        return found

    def _keep_architectures(self, architectures: Iterable[Architecture]) -> None:
        self._connection.executemany(
            "INSERT OR IGNORE INTO architecture (id, json) VALUES (?, ?)",
            ((one.id, one.to_json()) for one in architectures),
        )


@lru_cache(maxsize=1)  # all scores of an architecture come one after the other, and share it
def _architecture(text: str) -> Architecture:
    document = parse_json(text)
    return families.architecture(document["family"], document["values"])
