"""What does scoring cost at ImageNet's size: seconds and memory for each network, by space, batch and predictors?

    python benchmarks/imagenet.py [--networks 3] [--batch-size 0] [--largest 0]

Networks of 200 to 600 MFLOPs at 224 pixels are drawn with a fixed seed from RegNet and from AnyNet with four
stages, and scored on random images, since time does not depend on what images show. A batch of 0 means 16, then
64; with `--largest 1` the one with the most activations of 1,000 follows alone. Seconds are the processor's, of
one thread: where a machine does other things, too, they grow far less than those of the clock. Each row has a
worker process of its own; memory is the most that it held, `share` what a worker may take of this machine's memory
before it gives back what it has freed, or runs blocks forward again instead of keeping them.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from timing import sizes

import netlore as nl
from netlore.executors.allocator import share_of_memory
from netlore.executors.processes import Processes
from netlore.scoring.draws import Job, numbered
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import ScoringSetup
from netlore.scoring.settings import Settings

BUDGET = (200e6, 600e6)
SPACES = {"regnet": nl.regnet, "anynet-imagenet": nl.anynet_imagenet}
PREDICTORS = {"synflow": ("synflow",), "logdet": ("logdet",), "all seven": ("all",)}


@dataclass(frozen=True)
class Measured:
    """Prepares a process for scoring: a job gives the processor's seconds, bytes held so far, and failures."""

    settings: Settings

    def __call__(self) -> Callable[[Job], tuple[float, int, int]]:
        """The function that does a job."""
        score = ScoringSetup(self.settings)()

        def work(job: Job) -> tuple[float, int, int]:
            start = time.process_time()
            failed = sum(one.value is None for one in score(job))
            seconds = time.process_time() - start
            return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, failed

        return work


def measure(networks: Sequence[nl.Architecture], names: Sequence[str], batch_size: int) -> str:
    """Score networks in a new process, the first of them twice, since it pays for what a process does once."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(batch_size, 3, 224, 224, generator=generator)
    task = nl.task(images=images, labels=torch.arange(batch_size) % 10, num_classes=10)
    settings = Settings(task, resolve(names), 0)
    wanted = tuple(one.name for one in settings.predictors)
    with closing(Processes(1)) as running:
        found = dict(running.run(Measured(settings), [Job(one, wanted) for one in numbered(networks)]))
    seconds, held, failed = zip(*(found[place] for place in sorted(found)), strict=True)
    median, most = float(np.median(seconds[1:])), max(seconds[1:])
    return f"{median:7.2f} s median, {most:7.2f} s most, {max(held) / 1e9:5.2f} GB, {sum(failed)} failed"


def main() -> None:
    """Print a row for each space, batch and set of predictors."""
    asked = sizes(__doc__, networks=3, batch_size=0, largest=0)
    print(f"share {share_of_memory() / 1e9:.1f} GB, torch {torch.__version__}", flush=True)
    for name, space in SPACES.items():
        drawn = nl.sample(space(num_classes=10, flops=BUDGET), 1000, seed=0)
        cases = {f"{asked.networks} networks": [drawn[0], *drawn[: asked.networks]]}
        if asked.largest:
            largest = max(drawn, key=lambda one: nl.complexity(one, num_classes=10, resolution=224).activations)
            cases["the largest"] = [largest, largest]
        for batch_size in [asked.batch_size] if asked.batch_size else [16, 64]:
            for label, names in PREDICTORS.items():
                for what, networks in cases.items():
                    row = measure(networks, names, batch_size)
                    print(f"{name:16} batch {batch_size:3} {label:10} {what:12} {row}", flush=True)


if __name__ == "__main__":
    main()
