"""The one clock of the benchmarks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def timed(action: Callable[[], T]) -> tuple[float, T]:
    """The seconds that something takes, done once, and what it gives."""
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def best_seconds(action: Callable[[], object], repeats: int) -> float:
    """The shortest of several runs, since whatever else the machine does only ever adds time."""
    return min(timed(action)[0] for _ in range(repeats))
