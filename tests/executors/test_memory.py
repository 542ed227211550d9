"""Freed memory is returned to the system before a job that needs room, and at no other time."""

from __future__ import annotations

import pytest

from netlore.executors import memory
from netlore.executors.memory import RESIDENT_LIMIT, make_room

MB = 1_000_000


class Library:
    """Stands for the C library."""

    def __init__(self) -> None:
        self.trimmed = 0

    def malloc_trim(self, pad: int) -> int:
        self.trimmed += 1
        return pad


@pytest.mark.parametrize(
    ("keeping", "resident", "largest", "trimmed"),
    [
        (True, RESIDENT_LIMIT - 10 * MB, 8 * MB, 0),  # finds its place in what is kept
        (True, RESIDENT_LIMIT + 1, 8 * MB, 1),
        (True, RESIDENT_LIMIT - 300 * MB, 60 * MB, 0),  # fresh, but there is room for five
        (True, RESIDENT_LIMIT - 299 * MB, 60 * MB, 1),
        (False, RESIDENT_LIMIT + 1, 60 * MB, 0),  # not a process of our own
    ],
)
def test_when_memory_is_returned(
    monkeypatch: pytest.MonkeyPatch, keeping: bool, resident: int, largest: int, trimmed: int
) -> None:
    library = Library()
    monkeypatch.setattr(memory, "_keeping", keeping)
    monkeypatch.setattr(memory, "_library", lambda: library)
    monkeypatch.setattr(memory, "resident_bytes", lambda: resident)
    make_room(largest, 5)
    assert library.trimmed == trimmed
