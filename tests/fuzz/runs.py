"""Folders of runs, stores and archives that were tampered with."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz import garble
from tests.fuzz.case import Case, command
from tests.fuzz.room import Room, without_figures

_READERS = (
    *(("export", "{}", "--out", "taken"),) * 3,
    ("export", "{}", "--format", "archive", "--out", "taken"),
    ("pick", "{}", "--networks", 2),
    ("report", "{}", "--out", "reported"),
    ("compare", "{}", "{}", "--out", "compared"),
)


def case(rng: random.Random, room: Room) -> Case:
    """A file of a run is changed; then a command reads it, or goes on with it."""
    name = rng.choice(("refined", "sampled", "archived", "archived-refined"))
    kind, seed = rng.choice(("text", "bytes", "bytes", "rows", "kind", "missing")), rng.randrange(2**32)
    again = name in room.runs and rng.random() < 0.4
    words = room.runs[name] if again else rng.choice(_READERS)

    def run() -> tuple[str, str]:
        own = random.Random(seed)
        folder = room.copied(name)
        _tamper(folder, kind, own)
        # Figures are drawn from values that were read before; reading them is what may fail.
        with without_figures():
            if again:
                return command(*words, "--out", folder)
            return command(*(str(word).replace("{}", str(folder)) for word in words))

    what = " ".join(str(word) for word in (words[0], *(("again",) if again else words[1:2])))
    return Case("runs" if "archived" not in name else "archives", f"{what} of {name}: {kind}, seed {seed}", run)


def _tamper(folder: Path, kind: str, rng: random.Random) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    documents = [path for path in files if path.suffix == ".json"]
    stores = [path for path in files if path.suffix in (".sqlite", ".parquet")]
    if kind == "text" and documents:
        victim = rng.choice(documents)
        victim.write_text(garble.text(victim.read_text(), rng), encoding="utf-8", errors="surrogateescape")
    elif kind == "bytes" and stores:
        victim = rng.choice(stores)
        victim.write_bytes(garble.content(victim.read_bytes(), rng))
    elif kind == "rows" and stores:
        victim = rng.choice(stores)
        _changed_rows(victim, rng) if victim.suffix == ".sqlite" else _changed_table(victim, rng)
    elif kind == "kind":
        victim = rng.choice([*documents, *stores])
        victim.unlink()
        match rng.randrange(4):
            case 0:
                victim.mkdir()
            case 1:
                os.mkfifo(victim)
            case 2:
                victim.symlink_to(rng.choice(("/dev/zero", "/dev/full", "nowhere", victim.name, "/etc/passwd")))
            case _:
                victim.write_bytes(b"")
    else:
        victim = rng.choice([*files, folder])
        shutil.rmtree(victim) if victim.is_dir() else victim.unlink()


def _changed_rows(store: Path, rng: random.Random) -> None:
    """Other values in a store, by SQL."""
    connection = sqlite3.connect(store, isolation_level=None)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    table = rng.choice(tables)
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    column = rng.choice(columns)
    value = rng.choice(("x", "", None, -1, 1.5, 2**62, "{}", "[]", b"\xff", "null", "9" * 5_000))
    change = rng.choice(("update", "update", "delete", "drop"))
    try:
        if change == "update":
            connection.execute(f"UPDATE {table} SET {column} = ?", (value,))
        else:
            connection.execute(f"DELETE FROM {table}" if change == "delete" else f"DROP TABLE {table}")
    except sqlite3.Error:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def _changed_table(file: Path, rng: random.Random) -> None:
    """Another column, or other words about the table, in an archive."""
    table = pq.read_table(file)
    column = rng.randrange(table.num_columns)
    match rng.randrange(5):
        case 0:
            table = table.drop_columns([table.column_names[column]])
        case 1:
            values = pa.array([rng.choice(("x", "", None, "{}")) for _ in range(len(table))])
            table = table.set_column(column, table.column_names[column], values)
        case 2:
            table = table.slice(0, rng.randrange(len(table) + 1))
        case 3:
            table = pa.concat_tables([table, table])
        case _:
            known = {
                key.decode(): one.decode(errors="replace") for key, one in (table.schema.metadata or {}).items()
            }
            changed = {key: garble.text(value, rng) for key, value in known.items()}
            table = table.replace_schema_metadata(
                {key: one.encode("utf-8", "ignore") for key, one in changed.items()}
            )
    pq.write_table(table, file)
