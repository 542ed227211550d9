"""The tables of a store and their version; opening its file to write or to read."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from netlore.errors import InvalidInput
from netlore.storage.atomic import make_folders

FILE_NAME = "scores.sqlite"
LOCK = "writer.lock"
SCHEMA = 3
"""Version of the tables, `PRAGMA user_version`. Version 1, which has 0 there, had no records and no checks;
version 2 did not say what computed a score."""

KEYS = {
    "configuration": ("name",),
    "predictor": ("name",),
    "refinement": ("method", "predictor", "seed"),
    "round": ("method", "predictor", "seed", "number"),
    "origin": ("number",),
}
"""Tables of documents, by what each is found by."""
_SINCE = {"configuration": 1, "predictor": 2, "refinement": 2, "round": 2, "origin": 3}
"""The version since which they are there."""

_SCORES = """
CREATE TABLE architecture (id TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE score (
    architecture TEXT NOT NULL REFERENCES architecture (id), seed INTEGER NOT NULL, draw INTEGER NOT NULL,
    predictor TEXT NOT NULL, score REAL, status TEXT NOT NULL, reason TEXT NOT NULL, seconds REAL NOT NULL,
    checksum INTEGER, origin INTEGER, PRIMARY KEY (architecture, seed, draw, predictor)
) WITHOUT ROWID;
"""
_DOCUMENT = {
    name: f"CREATE TABLE {name} ({', '.join(f'{key} NOT NULL' for key in keys)}, document TEXT NOT NULL, "
    f"checksum INTEGER, PRIMARY KEY ({', '.join(keys)})) WITHOUT ROWID;"
    for name, keys in KEYS.items()
}
_DOCUMENTS = "".join(_DOCUMENT.values())
# How many rows a table should have: a row that is lost is missed.
_TALLY = {
    name: f"""
INSERT INTO tally (counted, rows) SELECT '{name}', count(*) FROM {name};
CREATE TRIGGER {name}_added AFTER INSERT ON {name} BEGIN
    UPDATE tally SET rows = rows + 1 WHERE counted = '{name}'; END;
CREATE TRIGGER {name}_removed AFTER DELETE ON {name} BEGIN
    UPDATE tally SET rows = rows - 1 WHERE counted = '{name}'; END;
"""
    for name in ("score", *KEYS)
}
_TALLIES = "CREATE TABLE tally (counted TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID;" + "".join(
    _TALLY.values()
)
_FROM_1 = f"""
ALTER TABLE configuration RENAME TO old;
{_DOCUMENTS}
INSERT INTO configuration (name, document, checksum) SELECT name, value, row_check(name, value) FROM old;
DROP TABLE old;
ALTER TABLE score ADD COLUMN checksum INTEGER;
ALTER TABLE score ADD COLUMN origin INTEGER;
UPDATE score SET checksum = row_check(architecture, seed, draw, predictor, score, status, reason, seconds);
{_TALLIES}"""
_CHANGES = {
    0: _SCORES + _DOCUMENTS + _TALLIES,
    1: _FROM_1,
    2: f"ALTER TABLE score ADD COLUMN origin INTEGER;{_DOCUMENT['origin']}{_TALLY['origin']}",
}
"""From each version to the present one; 0: from nothing."""

_SCORE = "architecture, seed, draw, predictor, score, status, reason, seconds"
_VIEWS = {
    1: "CREATE TEMP VIEW configuration AS SELECT name, value AS document, row_check(name, value) AS checksum "
    "FROM main.configuration;"
    f"CREATE TEMP VIEW score AS SELECT {_SCORE}, row_check({_SCORE}) AS checksum, NULL AS origin FROM main.score;"
    + "".join(_DOCUMENT[name].replace("TABLE", "TEMP TABLE") for name, since in _SINCE.items() if since > 1)
    + "CREATE TEMP TABLE tally AS SELECT 'score' AS counted, count(*) AS rows FROM main.score UNION ALL "
    "SELECT 'configuration', count(*) FROM main.configuration;"
    + "".join(f"INSERT INTO tally VALUES ('{name}', 0);" for name, since in _SINCE.items() if since > 1),
    2: f"CREATE TEMP VIEW score AS SELECT {_SCORE}, checksum, NULL AS origin FROM main.score;"
    + _DOCUMENT["origin"].replace("TABLE", "TEMP TABLE")
    + "CREATE TEMP VIEW tally AS SELECT counted, rows FROM main.tally UNION ALL SELECT 'origin', 0;",
}
"""What stands in front of an earlier version's tables, so that they are read as the present ones: names without a
schema are looked for in SQLite's `temp` first."""


def check(*values: object) -> int:
    """The checksum of a row's values."""
    return zlib.crc32(repr(values).encode())


def check_score(*values: object) -> int:
    """The checksum of a score's row; an origin that is not known, the last value, leaves what version 2 wrote."""
    return check(*(values if values[-1] is not None else values[:-1]))


def open_to_write(folder: Path) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    """The lock of a folder, and its store, which is made if missing and brought to the present version."""
    with _opening(f"output folder {_short(folder)} cannot be used") as opened:
        make_folders(folder)
        _check_files(folder)
        lock = opened.enter_context(closing(_locked(folder)))
        connection = opened.enter_context(closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)))
        version = _version(connection, folder / FILE_NAME)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        _bring_up_to_date(connection, version)
    return lock, connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """A store that is not written to; no file is made next to it unless somebody is writing."""
    with _opening(f"{_short(path)} cannot be read as a score store") as opened:
        if not path.is_file():
            raise InvalidInput(
                f"{_short(path.parent)} holds no scores ({path.name} is missing); name a run's folder."
            )
        _check_files(path.parent)
        path.open("rb").close()  # says why in better words than SQLite
        # Readers make their own files next to a store. If no writer is at work or was killed (it would have left
        # its log), the store is read as a file that nobody changes.
        frozen = not any(path.with_name(f"{path.name}-{log}").exists() for log in ("wal", "journal"))
        uri = f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if frozen else ''}"
        connection = opened.enter_context(closing(sqlite3.connect(uri, uri=True, isolation_level=None)))
        version = _version(connection, path)
        return connection if version == SCHEMA else _as_present(connection, version)


def _check_files(folder: Path) -> None:
    """Refuse, as OSError, pipes and devices in place of a store's files: SQLite would wait for them."""
    for name in (FILE_NAME, *(f"{FILE_NAME}-{log}" for log in ("wal", "shm", "journal")), LOCK):
        path = folder / name
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise OSError(f"{name} is no file")


@contextmanager
def _opening(what: str) -> Iterator[ExitStack]:
    """What is opened stays open, unless there is an error, which is said in one line that begins so."""
    with ExitStack() as opened:
        try:
            yield opened
        except (OSError, sqlite3.Error, UnicodeDecodeError) as error:
            raise InvalidInput(f"{what} ({said(error)}); {remedy(error)}.") from None
        opened.pop_all()


def said(error: object) -> str:
    """An error in one line."""
    return " ".join(str(getattr(error, "strerror", None) or error).split())[:200]


def remedy(error: BaseException) -> str:
    """What to do about a file that the disk, the system or SQLite refuses."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if isinstance(error, PermissionError) or code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return "ask its owner for permission or choose another folder"
    return _REMEDIES.get(code, "choose another folder")


_REMEDIES = {
    sqlite3.SQLITE_FULL: "make space and run the same command again",
    sqlite3.SQLITE_IOERR: "make space, or look whether the disk works, and run the same command again",
    sqlite3.SQLITE_BUSY: "close the other program that uses it and run the same command again",
    sqlite3.SQLITE_CORRUPT: "restore it from a copy or choose another folder",
    sqlite3.SQLITE_CANTOPEN: "choose another folder, that may be written to and has a path below 500 characters",
}


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """The version of a store's tables; 0 if it has none yet. A later one, and another program's, is refused."""
    connection.execute("PRAGMA trusted_schema = OFF")  # what tables and triggers of others may call
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if found > SCHEMA:
        raise InvalidInput(
            f"{path} has schema {found}, and this version reads schemas up to {SCHEMA}; update netlore, or name "
            f"another folder."
        )
    if found == 0 and not tables:
        return 0
    records = [name for name in ("tally", *KEYS) if found >= _SINCE.get(name, 2)]
    if not tables >= {"configuration", "architecture", "score", *records}:
        raise InvalidInput(f"{path} is not a score store (it has other tables); name a run's folder.")
    return found or 1


def _bring_up_to_date(connection: sqlite3.Connection, version: int) -> None:
    """Make the tables, or change those of an earlier version, in one transaction."""
    if version < SCHEMA:
        connection.create_function("row_check", -1, check, deterministic=True)
        script = f"{_CHANGES[version]}PRAGMA user_version = {SCHEMA}"
        try:
            connection.executescript(f"BEGIN IMMEDIATE; {script}; COMMIT;")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _as_present(connection: sqlite3.Connection, version: int) -> sqlite3.Connection:
    """The same connection, with the present tables in front of those of an earlier version. The file is left as it
    is, and not copied, for it may have ten million rows."""
    if version == 0:
        raise sqlite3.DatabaseError("it is empty")
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)
    connection.create_function("row_check", -1, check, deterministic=True)
    connection.executescript(f"PRAGMA temp_store = MEMORY; {_VIEWS[version]} PRAGMA query_only = 1;")
    return connection


def _locked(folder: Path) -> sqlite3.Connection:
    """Hold a folder for one writing process; the operating system lets go when it ends, however it ends."""
    lock = sqlite3.connect(folder / LOCK, isolation_level=None, timeout=0.5)
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


def _short(path: Path) -> str:
    """A path as it is said in a line."""
    text = str(path)
    return text if len(text) <= 300 else f"{text[:100]}...{text[-100:]}"
