"""The one clock of the benchmarks."""

from __future__ import annotations

import time
from collections.abc import Callable


def best_seconds(action: Callable[[], object], repeats: int) -> float:
    """The shortest of several runs, since whatever else the machine does only ever adds time."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)
