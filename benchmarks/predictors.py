"""What do all predictors cost, each alone and together, in units of the paper's seven together?

    python benchmarks/predictors.py [--networks 8] [--batch-size 64] [--repeats 1] [--alone 1] [--dear 5]

Networks are drawn from the paper's space with a fixed seed and scored by `nl.score` on one thread. First each
predictor alone on the first `alone` of them; those that cost more than `dear` times the seven are left out of what
follows: all others together on each network, after the seven. Times are the shortest of the repeats. A predictor
that does not apply to these networks, as those of transformers, counts with the time it takes to say so.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import platform
from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from timing import best_seconds, sizes

import netlore as nl
from netlore.scoring.predictor import EVERYTHING, PAPER


def main() -> None:
    """Measure, and print a row per predictor, and a row per network."""
    options = sizes(__doc__, networks=8, batch_size=64, repeats=1, alone=1, dear=5)
    torch.set_num_threads(1)
    task = nl.task("cifar10", batch_size=options.batch_size)
    drawn = nl.sample(nl.anynet(flops=(10e6, 50e6)), options.networks, seed=0)
    nl.score([nl.named("baseline/resnet-20")], "all", task)  # a warm-up

    def seconds(one: nl.Architecture, names: Sequence[str]) -> float:
        return best_seconds(partial(nl.score, [one], names, task), options.repeats)

    versions = f"netlore {nl.__version__}, torch {torch.__version__}, {platform.machine()}"
    print(f"{versions}, {torch.backends.cpu.get_cpu_capability()}, one thread, {task.batch_size} images")
    seven = {one: seconds(one, PAPER) for one in drawn}
    costs = {
        name: float(np.mean([seconds(one, [name]) / seven[one] for one in drawn[: options.alone]]))
        for name in EVERYTHING
    }
    print(f"each of {len(costs)} alone, in units of the seven together")
    for name, cost in sorted(costs.items(), key=lambda pair: -pair[1]):
        print(f"{name:24} {cost:6.2f}", flush=True)
    others = [name for name in EVERYTHING if costs[name] <= options.dear]
    print(f"the {len(others)} of up to {options.dear} together")
    print("{:10} {:>8} {:>8} {:>6}  architecture".format("network", "seven", "together", "ratio"))
    ratios = []
    for number, one in enumerate(drawn):
        together = seconds(one, others)
        ratios.append(together / seven[one])
        print(f"sample {number:3} {seven[one]:8.2f} {together:8.2f} {ratios[-1]:6.1f}  {one}", flush=True)
    print(f"geometric mean {np.exp(np.log(ratios).mean()):.1f}, most {max(ratios):.1f}")


if __name__ == "__main__":
    main()
