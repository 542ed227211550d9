"""The one clock of the benchmarks, and how their sizes are given."""

from __future__ import annotations

import argparse
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


def sizes(description: str | None, **defaults: int) -> argparse.Namespace:
    """Whole numbers from the command line: an option for each, `batch_size` as `--batch-size`."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in defaults.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default)
    return parser.parse_args()
