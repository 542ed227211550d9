"""Latency: how long a forward pass takes, measured in turns so that what else the machine does meets all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from netlore.analysis import Floats
from netlore.analysis.resampling import RESAMPLES, Statistic, statistic_of
from netlore.arguments import validated
from netlore.latency.runtimes import Run, check_runtime, runner, torch_threads
from netlore.networks import build
from netlore.space.architecture import Architecture
from netlore.space.distribution import check_whole

ROUNDS, RUNS = 20, 5
_MOST_THREADS, _MOST_BATCH, _MOST_ROUNDS = 1024, 4096, 10_000
_FINE = time.get_clock_info("thread_time").resolution <= 1e-6  # seconds; some systems count in hundredths


@dataclass(frozen=True)
class Setting:
    """How latency is measured: what is shown to networks, and what runs them.

    Attributes:
        runtime: `onnxruntime` or `torch`, on the processor.
        threads: That the runtime may use for one pass.
        batch: Images in a pass.
        resolution: Their side, in pixels; they have `channels` channels.
        num_classes: Outputs of the classifier.
    """

    runtime: str = "onnxruntime"
    threads: int = 1
    batch: int = 1
    resolution: int = 32
    channels: int = 3
    num_classes: int = 10

    def __post_init__(self) -> None:
        check_runtime(self.runtime)
        check_whole("threads", self.threads, 1, _MOST_THREADS)
        check_whole("batch", self.batch, 1, _MOST_BATCH)

    @property
    def clock(self) -> str:
        """By which clock the shortest run is taken: the processor's for one thread, else that on the wall."""
        return "processor" if self.threads == 1 and _FINE else "wall"

    def runner(self, architecture: Architecture) -> Run:
        """What runs a network of initial weights on random images, which take as long as others."""
        module = build(architecture, self.num_classes, channels=self.channels, resolution=self.resolution)
        shape = (self.batch, self.channels, self.resolution, self.resolution)
        images = torch.randn(shape, generator=torch.Generator().manual_seed(0))
        return runner(module, images, self.runtime, self.threads)


@dataclass(frozen=True, eq=False)
class Latency:
    """Runs of one network, in milliseconds.

    Attributes:
        wall: By the clock on the wall, shape (rounds, runs).
        processor: Time that the calling thread had the processor, of the same shape: on a machine that does other
            things as well it is what a run with one thread would take alone. Of several threads it says nothing.
    """

    setting: Setting
    wall: Floats
    processor: Floats

    @cached_property
    def milliseconds(self) -> Statistic:
        """The median of all runs by the clock, with its 95 % bootstrap interval; rounds are resampled whole, since
        runs that follow each other are alike."""
        drawn = np.random.default_rng(0).integers(len(self.wall), size=(RESAMPLES, len(self.wall)))
        medians = np.median(self.wall[drawn].reshape(RESAMPLES, -1), axis=1)
        return statistic_of(np.concatenate([[np.median(self.wall)], medians]), self.wall.size)

    @property
    def least(self) -> float:
        """The shortest run, in milliseconds, by the clock of the setting. Whatever else a machine does only ever
        adds time, so this is what tables are made of."""
        return float((self.processor if self.setting.clock == "processor" else self.wall).min())


@validated
def measure_latency(
    architecture: Architecture,
    num_classes: int = 10,
    runtime: str = "onnxruntime",
    threads: int = 1,
    batch: int = 1,
    resolution: int = 32,
    rounds: int = ROUNDS,
) -> Latency:
    """Measure how long a network takes on this machine.

    Args:
        architecture: The network, with initial weights, which take as long as others.
        num_classes: Outputs of its classifier.
        runtime: `onnxruntime`, from the extra `onnx`, or `torch`.
        threads: That the runtime may use.
        batch: Images in a pass.
        resolution: Their side, in pixels.
        rounds: Of one run that is not counted and five that are.

    Returns:
        The runs; `.milliseconds` is their median with a 95 % interval, `.least` the shortest.

    Raises:
        InvalidInput: The runtime is not installed, or a number is out of range.
    """
    setting = Setting(runtime, threads, batch, resolution, num_classes=num_classes)
    return latencies([(architecture, setting)], rounds)[0]


def latencies(
    networks: Sequence[tuple[Architecture, Setting]],
    rounds: int = ROUNDS,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Latency]:
    """The same of several networks with one number of threads, in turns: a round of all before the next."""
    check_whole("rounds", rounds, 1, _MOST_ROUNDS)
    runs = [setting.runner(one) for one, setting in networks]
    found = []
    for number, one in enumerate(in_turns(runs, networks[0][1].threads, rounds), 1):
        found.append(one)
        progress(number, rounds)
    walls, processors = (np.asarray([one[clock] for one in found]).swapaxes(0, 1) for clock in (0, 1))
    settings = [setting for _, setting in networks]
    return [Latency(*one) for one in zip(settings, walls, processors, strict=True)]


def in_turns(runs: Sequence[Run], threads: int, rounds: int) -> Iterator[tuple[Floats, Floats]]:
    """Round after round the milliseconds of each, by both clocks; shapes (networks, `RUNS`)."""
    for _ in range(rounds):
        with torch_threads(threads):
            both = np.asarray([_timed(run) for run in runs]) * 1e3
        yield both[..., 0], both[..., 1]


def _timed(run: Run) -> list[tuple[float, float]]:
    run()  # caches are those of another network
    found = []
    for _ in range(RUNS):
        wall, processor = time.perf_counter(), time.thread_time()
        run()
        found.append((time.perf_counter() - wall, time.thread_time() - processor))
    return found
