"""How long the store takes to add scores, and to find those of a run that is resumed, among a million.

    python benchmarks/store.py [--scores 1000000] [--networks 500]

A store in a temporary folder is filled with scores of architectures from the paper's space by all seven
predictors, most of them in large transactions, the last networks in one each, as a run adds them. Then as many
networks, spread over all of it, are looked up: in a store that is opened for it, once after the operating system
was asked to forget the file, where it can be asked, and once more; and again and again in one that stays open. The
target is 100 ms for 500 networks. Resuming is all that `nl.score` does when nothing is left to compute; the tables
are the two that its result gives.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from timing import best_seconds, sizes, timed

import netlore as nl
from netlore.scoring.predictor import PAPER, resolve
from netlore.scoring.scorer import Settings
from netlore.storage.score_store import FILE_NAME, Key, Store
from netlore.storage.score_table import Score, ScoreRow

TARGET = 0.1
RUNS = 5
BULK = 2_000
"""Networks in a large transaction."""


def rows_of(architectures: Iterable[nl.Architecture], rng: np.random.Generator) -> list[ScoreRow]:
    """Made-up scores of all seven predictors, with as many digits as true ones."""
    return [
        ScoreRow(architecture, 0, 0, name, Score(value, seconds=0.1 * value))
        for architecture in architectures
        for name, value in zip(PAPER, rng.random(len(PAPER)).tolist(), strict=True)
    ]


def batches(architectures: Sequence[nl.Architecture], size: int) -> Iterator[list[ScoreRow]]:
    """The rows of some networks at a time; made before the clock of their transaction starts."""
    rng = np.random.default_rng(0)
    for start in range(0, len(architectures), size):
        yield rows_of(architectures[start : start + size], rng)


def add(store: Store, architectures: Sequence[nl.Architecture], size: int) -> float:
    """Add the scores of some networks a transaction; the seconds a score."""
    seconds = sum(timed(partial(store.add, rows))[0] for rows in batches(architectures, size))
    return seconds / (len(architectures) * len(PAPER))


def forget(path: Path) -> bool:
    """Have the operating system drop a file's pages from its cache; whether it can be asked to."""
    if not hasattr(os, "posix_fadvise"):
        return False
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True


def look_up(folder: Path, settings: Settings, keys: Sequence[Key]) -> None:
    """Print the time to find the keys, from cold to warm."""
    if forget(folder / FILE_NAME):
        show_search("file not in memory", keys, search_once(folder, settings, keys))
    show_search("just opened", keys, search_once(folder, settings, keys))
    with Store(folder, settings.describe()) as store:
        assert len(store.find(keys)) == len(keys)
        show_search("again", keys, best_seconds(partial(store.find, keys), RUNS))


def search_once(folder: Path, settings: Settings, keys: Sequence[Key]) -> float:
    """The seconds that opening the store and finding the keys take together."""

    def search() -> None:
        with Store(folder, settings.describe()) as store:
            store.find(keys)

    return best_seconds(search, 1)


def show_search(name: str, keys: Sequence[Key], seconds: float) -> None:
    """A line on a look-up."""
    verdict = "met" if seconds < TARGET else "missed"
    print(f"find, {name:18} {1e3 * seconds:6.1f} ms for {len(keys):,} keys: {1e3 * TARGET:.0f} ms {verdict}")


def resume(folder: Path, settings: Settings, architectures: Sequence[nl.Architecture]) -> None:
    """Print the time of scoring again what is all there, and of the tables."""
    call = partial(nl.score, architectures, settings.predictors, settings.task, store=folder)
    seconds, table = timed(call)
    frame, wide = timed(lambda: table.frame)[0], timed(lambda: table.wide)[0]
    print(
        f"resuming {len(architectures):,} networks: {1e3 * seconds:.1f} ms; the long table {1e3 * frame:.1f} ms, "
        f"the wide one {1e3 * wide:.1f} ms"
    )


def read_all(folder: Path) -> None:
    """Print the time to read every score in order."""
    with Store(folder, None) as store:
        seconds, count = timed(lambda: sum(1 for _ in store.rows()))
    print(f"rows: {seconds:.1f} s for {count:,} scores, {1e6 * seconds / count:.1f} µs each")


def fill(folder: Path, settings: Settings, architectures: Sequence[nl.Architecture], last: int) -> None:
    """Fill the store, and print the time a score and the size of the file."""
    with closing(Store(folder, settings.describe())) as store:
        bulk = add(store, architectures[:-last], BULK)
        single = add(store, architectures[-last:], 1)
    size = (folder / FILE_NAME).stat().st_size / 1e6
    print(f"adding, {BULK:,} networks a transaction: {1e6 * bulk:.1f} µs a score")
    print(
        f"adding, one network a transaction: {1e6 * single:.1f} µs a score, "
        f"{1e3 * single * len(PAPER):.2f} ms a network"
    )
    print(f"file: {size:.0f} MB for {len(architectures) * len(PAPER):,} scores")


def main() -> None:
    """Fill a store, then print a line for each thing measured."""
    options = sizes(__doc__, scores=1_000_000, networks=500)
    versions = f"SQLite {sqlite3.sqlite_version}, Python {platform.python_version()}, netlore {nl.__version__}"
    print(f"{versions}, {platform.machine()}")
    architectures = nl.sample(nl.anynet(flops=(10e6, 50e6)), -(-options.scores // len(PAPER)), seed=0)
    settings = Settings(nl.task("noise", batch_size=2), resolve("all"))
    picked = np.random.default_rng(1).choice(len(architectures), options.networks, replace=False)
    chosen = [architectures[i] for i in picked.tolist()]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, settings, architectures, options.networks)
        look_up(folder, settings, [(one.id, 0, 0, predictor) for one in chosen for predictor in PAPER])
        resume(folder, settings, chosen)
        read_all(folder)


if __name__ == "__main__":
    main()
