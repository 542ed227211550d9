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
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")

import naive
import numpy as np
import torch

import netlore as nl
from netlore.executors.memory import keep_freed_memory
from netlore.scoring.predictor import PAPER

NAMED = {
    "depthwise": "paper/cifar10/fisher",
    "group width 1": "paper/cifar10/logdet",
    "deep": "paper/cifar10/synflow",
}
WITHOUT_GRASP = tuple(name for name in PAPER if name != "grasp")


def best(action: Callable[[], object], repeats: int) -> float:
    """Fastest time in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


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
    print(f"torch {torch.__version__}, {platform.machine()}, one thread, batch {task.batch_size}")
    print(
        f"{'network':15} {'naive':>8} {'netlore':>8} {'ratio':>6} {'no grasp':>8} {'netlore':>8} {'ratio':>6}  architecture"
    )
    ratios = []
    for label, architecture in cases.items():
        network = nl.build(architecture, 10)
        alone = {
            name: best(lambda name=name: naive.score(name, network, task.images, task.labels), options.repeats)
            for name in PAPER
        }
        # Building the network is part of netlore's time, and not of the naive one's.
        fused = best(lambda: nl.score([architecture], "all", task), options.repeats)
        less = best(lambda: nl.score([architecture], WITHOUT_GRASP, task), options.repeats)
        slow, slow_less = sum(alone.values()), sum(alone[name] for name in WITHOUT_GRASP)
        if label not in ("deep",):
            ratios.append((slow / fused, slow_less / less))
        print(
            f"{label:15} {slow:8.2f} {fused:8.2f} {slow / fused:6.1f} {slow_less:8.2f} {less:8.2f} "
            f"{slow_less / less:6.1f}  {architecture}",
            flush=True,
        )
    means, worst = np.exp(np.log(ratios).mean(axis=0)), np.min(ratios, axis=0)
    print(f"all seven: geometric mean {means[0]:.1f}, lowest {worst[0]:.1f}")
    print(f"without grasp: geometric mean {means[1]:.1f}, lowest {worst[1]:.1f}")


if __name__ == "__main__":
    main()
