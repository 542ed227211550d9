"""How much faster is scoring than running every predictor in its own pass on its own copy (`benchmarks/naive.py`)?

    python benchmarks/scoring.py [--networks 20] [--batch-size 64] [--repeats 1]

Networks are drawn from the paper's space with a fixed seed; two that are slow everywhere, one depthwise and one of
group width 1 and ratio 4, are added by name. Ratios are of times measured one after the other in one run, on one
thread, each way in a process of its own, so that neither finds the memory as the other left it. Both are warm:
each scores a network before the clock starts. The sums of each network's own fastest repeats are compared.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import naive
import numpy as np
import torch
from timing import best_seconds, sizes

import netlore as nl
from netlore.executors.processes import Processes
from netlore.scoring.predictor import PAPER

NAMED = {"depthwise": "paper/cifar10/fisher", "group width 1": "paper/cifar10/logdet"}
WITHOUT_GRASP = tuple(name for name in PAPER if name != "grasp")
WARM_UP = "baseline/resnet-20"


class Seconds(NamedTuple):
    """For one network: all seven predictors, and all but grasp."""

    seven: float
    less: float


@dataclass(frozen=True)
class Timing:
    """Prepares a process to time networks in one way."""

    way: Callable[[nl.Architecture, nl.Task, int], Seconds]
    task: nl.Task
    repeats: int

    def __call__(self) -> Callable[[nl.Architecture], Seconds]:
        """The function that times one."""
        torch.set_num_threads(1)
        return lambda architecture: self.way(architecture, self.task, self.repeats)


def naive_seconds(architecture: nl.Architecture, task: nl.Task, repeats: int) -> Seconds:
    """Time a network the naive way. Copying it counts, building it does not."""
    network = nl.build(architecture, 10)
    alone = {
        name: best_seconds(partial(naive.score, name, network, task.images, task.labels), repeats)
        for name in PAPER
    }
    return Seconds(sum(alone.values()), sum(alone[name] for name in WITHOUT_GRASP))


def fused_seconds(architecture: nl.Architecture, task: nl.Task, repeats: int) -> Seconds:
    """Time a network with netlore, from its architecture to its scores."""
    return Seconds(
        best_seconds(partial(nl.score, [architecture], "all", task), repeats),
        best_seconds(partial(nl.score, [architecture], WITHOUT_GRASP, task), repeats),
    )


def main() -> None:
    """Measure, and print a row per network and the geometric means."""
    options = sizes(__doc__, networks=20, batch_size=64, repeats=1)
    task = nl.task("cifar10", batch_size=options.batch_size)
    drawn = nl.sample(nl.anynet(flops=(10e6, 50e6)), options.networks, seed=0) if options.networks else []
    cases = {f"sample {i}": one for i, one in enumerate(drawn)} | {n: nl.named(a) for n, a in NAMED.items()}
    versions = f"netlore {nl.__version__}, torch {torch.__version__}, {platform.machine()}"
    print(f"{versions}, {torch.backends.cpu.get_cpu_capability()}, one thread, {task.batch_size} images")
    print("seconds for all seven predictors, and for all but grasp")
    header = ("network", "naive", "netlore", "ratio", "naive", "netlore", "ratio")
    print("{:15} {:>8} {:>8} {:>6} {:>8} {:>8} {:>6}  architecture".format(*header))
    ratios = []
    naively, fused = (Timing(way, task, options.repeats) for way in (naive_seconds, fused_seconds))
    with closing(Processes(1)) as slow, closing(Processes(1)) as fast:
        for label, architecture in {"": nl.named(WARM_UP), **cases}.items():
            (_, theirs), (_, ours) = next(slow.run(naively, [architecture])), next(fast.run(fused, [architecture]))
            if label:
                ratios.append((theirs.seven / ours.seven, theirs.less / ours.less))
                print(
                    f"{label:15} {theirs.seven:8.2f} {ours.seven:8.2f} {ratios[-1][0]:6.1f} {theirs.less:8.2f} "
                    f"{ours.less:8.2f} {ratios[-1][1]:6.1f}  {architecture}",
                    flush=True,
                )
    means, worst = np.exp(np.log(ratios).mean(axis=0)), np.min(ratios, axis=0)
    print(f"all seven: geometric mean {means[0]:.1f}, lowest {worst[0]:.1f}")
    print(f"without grasp: geometric mean {means[1]:.1f}, lowest {worst[1]:.1f}")


if __name__ == "__main__":
    main()
