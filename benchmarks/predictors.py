"""What do all predictors together cost, and each alone, in units of the paper's seven together?

    python benchmarks/predictors.py [--networks 8] [--batch-size 64] [--repeats 1] [--alone 2]

Networks are drawn from the paper's space with a fixed seed and scored by `nl.score` on one thread, the seven and
all one after the other for each network; at the end each predictor alone on the first `alone` networks. Times are
the shortest of the repeats. A predictor that does not apply to these networks, as those of transformers, counts
with the time it takes to say so.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import platform
from functools import partial

import numpy as np
import torch
from timing import best_seconds, sizes

import netlore as nl
from netlore.scoring.predictor import EVERYTHING


def main() -> None:
    """Measure, and print a row per network, and a row per predictor."""
    options = sizes(__doc__, networks=8, batch_size=64, repeats=1, alone=2)
    torch.set_num_threads(1)
    task = nl.task("cifar10", batch_size=options.batch_size)
    drawn = nl.sample(nl.anynet(flops=(10e6, 50e6)), options.networks, seed=0)
    nl.score([nl.named("baseline/resnet-20")], "everything", task)  # a warm-up
    versions = f"netlore {nl.__version__}, torch {torch.__version__}, {platform.machine()}"
    print(f"{versions}, {torch.backends.cpu.get_cpu_capability()}, one thread, {task.batch_size} images")
    print(f"{len(EVERYTHING)} predictors")
    print("{:10} {:>8} {:>8} {:>6}  architecture".format("network", "seven", "all", "ratio"))
    seven = {}
    ratios = []
    for number, one in enumerate(drawn):
        seven[number] = best_seconds(partial(nl.score, [one], "all", task), options.repeats)
        everything = best_seconds(partial(nl.score, [one], "everything", task), options.repeats)
        ratios.append(everything / seven[number])
        print(f"sample {number:3} {seven[number]:8.2f} {everything:8.2f} {ratios[-1]:6.1f}  {one}", flush=True)
    print(f"all against the seven: geometric mean {np.exp(np.log(ratios).mean()):.1f}, most {max(ratios):.1f}")
    print("each alone, in units of the seven together")
    costs = {}
    for name in EVERYTHING:
        alone = [
            best_seconds(partial(nl.score, [one], name, task), options.repeats) / seven[number]
            for number, one in enumerate(drawn[: options.alone])
        ]
        costs[name] = float(np.mean(alone)) if alone else 0.0
    for name, cost in sorted(costs.items(), key=lambda pair: -pair[1]):
        print(f"{name:24} {cost:6.2f}")


if __name__ == "__main__":
    main()
