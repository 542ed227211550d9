"""What a process that ends at once still has to see to: temporary files, and stores that are open.

A process that a signal ends has nothing to save, for everything is on the disk the moment it exists. It leaves no
temporary file and, if there is a moment, closes its stores, so that SQLite's logs go too. Nothing is written to
them any more: an exception in the middle of somebody else's code may have been taken for a result.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

changing = threading.Lock()
"""Is held while something temporary is made, moved to its place or removed."""
temporary: set[Path] = set()
"""Files and folders that are there and are not to stay."""

_open_stores = 0
_begun = False


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A fresh folder that exists only inside."""
    with changing:
        folder = Path(mkdtemp(prefix="netlore-"))
        temporary.add(folder)
    try:
        yield folder
    finally:
        with changing:
            shutil.rmtree(folder, ignore_errors=True)
            temporary.discard(folder)


def count_store(change: int) -> None:
    """One store more is open to be written to, or one less."""
    global _open_stores
    _open_stores += change


def begin() -> bool:
    """From here on no store is written to. True: one is open, so there is a reason to close it."""
    global _begun
    _begun = True
    return _open_stores > 0


def check() -> None:
    """Before a store is written to: raises KeyboardInterrupt if the process is ending."""
    if _begun:
        raise KeyboardInterrupt


def remove_temporary(patience: float) -> None:
    """Remove what is temporary. Nothing can be made or moved from here on, for the caller ends the process.

    It waits that many seconds for what is being made or moved right now.
    """
    changing.acquire(timeout=patience)
    for path in tuple(temporary):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
