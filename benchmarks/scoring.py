"""How much faster is scoring than running every predictor in its own pass on its own copy (`benchmarks/naive.py`)?

    python benchmarks/scoring.py [--networks 20] [--batch-size 64] [--repeats 1]

Networks are drawn from the paper's space with a fixed seed; two that are slow everywhere, one depthwise and one of
group width 1 and ratio 4, are added by name. Ratios are of times measured one after the other in one run, on one
thread; the sums of each network's own fastest repeats are compared.
"""

from __future__ import annotations

import argparse
import os
import platform
from functools import partial
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import naive
import numpy as np
import torch
from timing import best_seconds

import netlore as nl
from netlore.executors.memory import keep_freed_memory
from netlore.scoring.predictor import PAPER

NAMED = {"depthwise": "paper/cifar10/fisher", "group width 1": "paper/cifar10/logdet"}
WITHOUT_GRASP = tuple(name for name in PAPER if name != "grasp")


class Row(NamedTuple):
    """Seconds for one network: all seven predictors, and all but grasp."""

    naive: float
    fused: float
    naive_less: float
    fused_less: float

    @property
    def ratios(self) -> tuple[float, float]:
        """How many times faster."""
        return self.naive / self.fused, self.naive_less / self.fused_less


def measure(architecture: nl.Architecture, task: nl.Task, repeats: int) -> Row:
    """Time one network both ways. Building it counts for netlore, copying it for the naive way, as in each."""
    network = nl.build(architecture, 10)
    alone = {
        name: best_seconds(partial(naive.score, name, network, task.images, task.labels), repeats)
        for name in PAPER
    }
    fused = best_seconds(partial(nl.score, [architecture], "all", task), repeats)
    fused_less = best_seconds(partial(nl.score, [architecture], WITHOUT_GRASP, task), repeats)
    return Row(sum(alone.values()), fused, sum(alone[name] for name in WITHOUT_GRASP), fused_less)


def main() -> None:
    """Measure, and print a row per network and the geometric means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    keep_freed_memory()
    task = nl.task("cifar10", batch_size=options.batch_size)
    drawn = nl.sample(nl.anynet(flops=(10e6, 50e6)), options.networks, seed=0) if options.networks else []
    cases = {f"sample {i}": one for i, one in enumerate(drawn)} | {n: nl.named(a) for n, a in NAMED.items()}
    versions = f"netlore {nl.__version__}, torch {torch.__version__}, {platform.machine()}"
    print(f"{versions}, one thread, {task.batch_size} images")
    print("seconds for all seven predictors, and for all but grasp")
    header = ("network", "naive", "netlore", "ratio", "naive", "netlore", "ratio")
    print("{:15} {:>8} {:>8} {:>6} {:>8} {:>8} {:>6}  architecture".format(*header))
    ratios = []
    for label, architecture in cases.items():
        row = measure(architecture, task, options.repeats)
        ratios.append(row.ratios)
        print(
            f"{label:15} {row.naive:8.2f} {row.fused:8.2f} {row.ratios[0]:6.1f} {row.naive_less:8.2f} "
            f"{row.fused_less:8.2f} {row.ratios[1]:6.1f}  {architecture}",
            flush=True,
        )
    means, worst = np.exp(np.log(ratios).mean(axis=0)), np.min(ratios, axis=0)
    print(f"all seven: geometric mean {means[0]:.1f}, lowest {worst[0]:.1f}")
    print(f"without grasp: geometric mean {means[1]:.1f}, lowest {worst[1]:.1f}")


if __name__ == "__main__":
    main()
