"""Freed memory is returned to the system before a job that needs room, and at no other time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netlore.executors import allocator as memory
from netlore.executors.allocator import LEAST_SHARE, give_back, make_room, share_of_memory

MB, GIB = 1_000_000, 2**30
SHARE = 3_000_000_000


class Library:
    """Stands for the C library."""

    mallinfo2: Any = None

    def __init__(self) -> None:
        self.trimmed = 0

    def malloc_trim(self, pad: int) -> int:
        self.trimmed += 1
        return pad


@pytest.mark.parametrize(
    ("keeping", "resident", "largest", "trimmed"),
    [
        (True, SHARE - 10 * MB, 8 * MB, 0),  # finds its place in what is kept
        (True, SHARE + 1, 8 * MB, 1),
        (True, SHARE - 300 * MB, 60 * MB, 0),  # fresh, but there is room for five
        (True, SHARE - 299 * MB, 60 * MB, 1),
        (False, SHARE + 1, 60 * MB, 0),  # not a process of our own
    ],
)
def test_when_memory_is_returned(
    monkeypatch: pytest.MonkeyPatch, keeping: bool, resident: int, largest: int, trimmed: int
) -> None:
    library = Library()
    monkeypatch.setattr(memory, "_keeping", keeping)
    monkeypatch.setattr(memory, "_library", lambda: library)
    monkeypatch.setattr(memory, "resident_bytes", lambda: resident)
    monkeypatch.setattr(memory, "share_of_memory", lambda: SHARE)
    make_room(largest, 5)
    assert library.trimmed == trimmed


class _Free:
    """Stands for its function that says how much is free."""

    restype: Any = None

    def __init__(self, free: int) -> None:
        self._free = free

    def __call__(self) -> Any:
        return self.restype(fordblks=self._free)


@pytest.mark.parametrize(
    ("keeping", "resident", "free", "trimmed"),
    [
        (False, SHARE + 1, 51 * MB, 1),
        (False, 100 * MB, 51 * MB, 1),  # of a process that others own, whatever it takes
        (False, SHARE + 1, 50 * MB, 0),
        (True, SHARE - 1, 51 * MB, 0),
        (True, SHARE + 1, 51 * MB, 1),
    ],
)
def test_when_memory_is_returned_inside_a_job(
    monkeypatch: pytest.MonkeyPatch, keeping: bool, resident: int, free: int, trimmed: int
) -> None:
    library = Library()
    library.mallinfo2 = _Free(free)
    monkeypatch.setattr(memory, "_keeping", keeping)
    monkeypatch.setattr(memory, "_library", lambda: library)
    monkeypatch.setattr(memory, "resident_bytes", lambda: resident)
    monkeypatch.setattr(memory, "share_of_memory", lambda: SHARE)
    give_back(50 * MB)
    assert library.trimmed == trimmed


@pytest.fixture
def forgotten() -> Iterator[None]:
    """The share is asked for once per process: before and after a test that changes the machine, forget it."""
    share_of_memory.cache_clear()
    yield
    share_of_memory.cache_clear()


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize(
    ("physical", "container", "cores", "share"),
    [
        (24 * GIB, "max\n", 2, 6 * GIB),
        (24 * GIB, None, 2, 6 * GIB),
        (256 * GIB, f"{16 * GIB}\n", 2, 4 * GIB),
        (16 * GIB, "max\n", 8, LEAST_SHARE),
        (None, "max\n", 4, LEAST_SHARE),
    ],
)
def test_the_share_of_a_process(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    physical: int | None,
    container: str | None,
    cores: int,
    share: int,
) -> None:
    def sysconf(name: str) -> int:
        if physical is None:
            raise ValueError("unrecognized configuration name")
        return {"SC_PHYS_PAGES": physical // 4096, "SC_PAGE_SIZE": 4096}[name]

    if container is not None:
        (tmp_path / "memory.max").write_text(container, encoding="ascii")
    monkeypatch.setattr(memory, "_CONTAINER_LIMIT", tmp_path / "memory.max")
    monkeypatch.setattr("os.sysconf", sysconf)
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert share_of_memory() == share
