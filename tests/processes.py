"""Which processes run."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def is_running(process: int) -> bool:
    """Whether a process runs; one that has ended stays listed until its parent asks for it."""
    return _state_and_parent(process)[0] not in ("", "Z")


def children(parent: int) -> list[int]:
    """Processes that a process has started and that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        state, started_by = _state_and_parent(int(path.name))
        if started_by == parent and state not in ("", "Z"):
            found.append(int(path.name))
    return sorted(found)


def descendants(parent: int) -> list[int]:
    """Processes that a process has started, or one of those, and that still run."""
    return [one for child in children(parent) for one in (child, *descendants(child))]


def wait_until(condition: Callable[[], bool], seconds: float = 120.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        time.sleep(0.02)
    return condition()


def _state_and_parent(process: int) -> tuple[str, int]:
    try:
        state, parent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[:2]
    except (OSError, ValueError):  # it has gone between both questions
        return "", 0
    return state, int(parent)
