"""How many candidates per second are drawn and checked against a budget, on one core.

    python benchmarks/sampling.py

The space is the paper's AnyNet within 10 to 50 MFLOPs; about 13 % of its candidates meet the budget. Every line is
the best of several runs, since whatever else the machine does only ever adds time. The target is 100,000 a second.
"""

from __future__ import annotations

import os

# One core: set before numpy is imported, since its libraries read it once.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import platform
from collections.abc import Callable
from pathlib import Path

import numpy as np
from timing import best_seconds

from netlore import __version__
from netlore.space.design_space import DesignSpace
from netlore.space.families.anynet import anynet
from netlore.space.sampling import candidates, sample

TARGET = 100_000
RUNS = 7
CHUNKS = tuple(1 << k for k in (10, 12, 14, 16, 18))


def drawing(space: DesignSpace, chunk: int) -> Callable[[], object]:
    """Draws and checks one chunk; the generator is new in every run, so that all do the same."""
    return lambda: candidates(space, np.random.default_rng(0), chunk)


def sampling(space: DesignSpace, count: int) -> Callable[[], object]:
    """Draws whole samples: distinct architectures, each within the budget."""
    return lambda: sample(space, count, seed=0)


def processor() -> str:
    """The name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def main() -> None:
    """Print the machine, then a line for each chunk size and for whole samples."""
    print(f"{processor()}, {os.cpu_count()} cores, {platform.system()}")
    print(f"Python {platform.python_version()}, numpy {np.__version__}, netlore {__version__}")
    print(f"Best of {RUNS} runs; target {TARGET:,} candidates per second.\n")
    space = anynet(num_classes=10, flops=(10e6, 50e6))
    print(f"{'chunk':>10} {'candidates/s':>14} {'ms a chunk':>12}")
    best = 0.0
    for chunk in CHUNKS:
        seconds = best_seconds(drawing(space, chunk), RUNS)
        best = max(best, chunk / seconds)
        print(f"{chunk:>10,} {chunk / seconds:>14,.0f} {1e3 * seconds:>12.2f}")
    print(f"\n{'networks':>10} {'networks/s':>14} {'ms a sample':>12}")
    for count in (100, 500, 5_000):
        seconds = best_seconds(sampling(space, count), RUNS)
        print(f"{count:>10,} {count / seconds:>14,.0f} {1e3 * seconds:>12.2f}")
    print(f"\nThe target is {'met' if best >= TARGET else 'missed'}: {best / TARGET:.1f} times {TARGET:,}.")


if __name__ == "__main__":
    main()
