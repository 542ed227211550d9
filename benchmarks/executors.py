"""What Ray costs where it is not needed: throughput beside processes, and the driver's memory.

    python benchmarks/executors.py [--networks 60] [--workers 2] [--rounds 3] [--few 1000] [--many 100000]

Networks of about 0.3 s (the paper's space, 64 images, two predictors) are scored by processes and by as many
workers of a Ray cluster on the same machine, by turns; the clock starts when all workers have scored one. The
ratio of networks a second, Ray's to processes', has a target of 0.9; printed is the median of the rounds' ratios.

Memory is the most that a driver ever held, of fresh processes that hand out trivial jobs with payloads of the size
of a network's: of one with few jobs, and of one with many. The target is that they are the same but for a tenth.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

from timing import sizes, timed

import netlore as nl
from netlore.executors import Executor, Processes, RayExecutor
from netlore.scoring.draws import Job, numbered
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import ScoringSetup
from netlore.scoring.settings import Settings

RATIO, GROWTH = 0.9, 1.1
PREDICTORS = ("synflow", "snip")
PAYLOAD = "x" * 600
ONE_DRIVER = "import sys; sys.path[:] = {path!r}; import executors; executors.hand_out({jobs}, {workers})"


def echo() -> Callable[[str], int]:
    """A setup whose job takes no time."""
    return len


def hand_out(jobs: int, workers: int) -> None:
    """Have a cluster do trivial jobs, and print the most bytes of memory that this process held."""
    with closing(RayExecutor(workers)) as running:
        deque(running.run(echo, (PAYLOAD for _ in range(jobs))), maxlen=0)
        status = Path("/proc/self/status").read_text(encoding="ascii")
    print(int(status.partition("VmHWM:")[2].split()[0]) * 1024)


def memory_of_driver(jobs: int, workers: int) -> int:
    """The same in a fresh process."""
    code = ONE_DRIVER.format(path=sys.path, jobs=jobs, workers=workers)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout)


def seconds(running: Executor, setup: ScoringSetup, jobs: list[Job]) -> float:
    """How long an executor takes for jobs whose setup its workers have."""
    return timed(lambda: deque(running.run(setup, jobs), maxlen=0))[0]


def main() -> None:
    """Print rates, their ratio, and memory."""
    options = sizes(__doc__, networks=60, workers=2, rounds=3, few=1_000, many=100_000)
    settings = Settings(nl.task("cifar10", batch_size=64), resolve(PREDICTORS))
    networks = numbered(nl.sample(nl.anynet(flops=(10e6, 50e6)), options.networks, seed=0))
    setup, jobs = ScoringSetup(settings), [Job(network, PREDICTORS) for network in networks]
    ratios = []
    with closing(Processes(options.workers)) as here, closing(RayExecutor(options.workers)) as there:
        for running in (here, there):
            seconds(running, setup, jobs[: 4 * options.workers])
        for _ in range(options.rounds):
            local, ray = (seconds(running, setup, jobs) for running in (here, there))
            ratios.append(local / ray)
            print(
                f"{options.workers} workers: processes {len(jobs) / local:.2f} networks/s "
                f"({options.workers * local / len(jobs):.2f} s each), Ray {len(jobs) / ray:.2f}, "
                f"ratio {ratios[-1]:.3f}",
                flush=True,
            )
    print(f"median ratio {median(ratios):.3f}; the target of {RATIO} is {verdict(median(ratios) >= RATIO)}")
    few, many = map(partial(memory_of_driver, workers=options.workers), (options.few, options.many))
    print(f"driver: {few / 1e6:.0f} MB for {options.few:,} jobs, {many / 1e6:.0f} MB for {options.many:,}")
    print(f"the target of {GROWTH} times is {verdict(many <= GROWTH * few)}")


def verdict(met: bool) -> str:
    """The word for it."""
    return "met" if met else "missed"


if __name__ == "__main__":
    main()
