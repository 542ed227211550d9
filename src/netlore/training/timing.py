"""How long parts of a training take, and an epoch on this machine: a few measured steps, times their number."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F

from netlore.data import Split
from netlore.networks import build
from netlore.space.architecture import Architecture
from netlore.training.batches import (
    VALIDATED_AT_ONCE,
    Batches,
    steps_an_epoch,
    validation_batch,
    validation_steps,
)
from netlore.training.images import Images
from netlore.training.optimizer import optimizer, resolved_precision
from netlore.training.recipe import Recipe

STEPS = 2
"""Training steps that are measured, after one that is not: in it memory is taken and algorithms are chosen."""


class Stopwatch:
    """Adds up the time of what is done inside `running` on a device.

    On the CPU, work is done when a call returns. CUDA's queue notes the time when it comes to a mark; nothing
    waits for it until `seconds` is asked for.
    """

    def __init__(self, device: torch.device) -> None:
        self._on_cuda = device.type == "cuda"
        self._marks: list[torch.cuda.Event] = []
        self._sum = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """What is done inside counts."""
        self._mark()
        start = time.perf_counter()
        yield
        self._sum += time.perf_counter() - start
        self._mark()

    def seconds(self) -> float:
        """All of it so far."""
        if not self._on_cuda:
            return self._sum
        torch.cuda.synchronize()
        pairs = zip(self._marks[::2], self._marks[1::2], strict=True)
        return sum(float(start.elapsed_time(stop)) for start, stop in pairs) / 1000

    def _mark(self) -> None:
        if self._on_cuda:
            event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
            event.record()
            self._marks.append(event)


def seconds_an_epoch(architecture: Architecture, data: Split, recipe: Recipe, device: str = "cpu") -> float:
    """Estimate the wall time of an epoch, the validation after it included; no image is read.

    What is not measured is left out: loggers, checkpoints, and images that do not fit into the caches. Refused is
    an architecture that cannot be built for these data.
    """
    step, judge = _steps(architecture, data, recipe, torch.device(device))
    learning = steps_an_epoch(len(data.training), recipe) * measured(step, STEPS, device)
    return learning + validation_steps(len(data.validation), 1) * measured(judge, 1, device)


def measured(work: Callable[[], None], times: int, device: str) -> float:
    """The seconds of a call, in the mean of `times` calls after a first one."""
    work()
    watch = Stopwatch(torch.device(device))
    with watch.running():
        for _ in range(times):
            work()
    return watch.seconds() / times


def _steps(
    architecture: Architecture, data: Split, recipe: Recipe, where: torch.device
) -> tuple[Callable[[], None], Callable[[], None]]:
    """A training step, which is a batch made, both passes and the optimizer; and a validation step."""
    network = build(architecture, data.num_classes, seed=0, resolution=data.resolution).to(where)
    if recipe.channels_last:
        network = network.to(memory_format=torch.channels_last)
    learned = _noise(data, min(recipe.batch_size, len(data.training)), where)
    batches = Batches(learned, recipe, 0, data.mirrors, num_classes=data.num_classes)
    judged = _noise(data, min(VALIDATED_AT_ONCE, len(data.validation)), where)
    descent = optimizer(network, recipe)
    mixed = torch.autocast(where.type, torch.bfloat16, enabled=resolved_precision(recipe, str(where)) == "bf16")

    def step() -> None:
        pixels, labels = batches.batch(0, 0)
        descent.zero_grad()
        with mixed:
            loss = F.cross_entropy(network.train()(pixels), labels, label_smoothing=recipe.label_smoothing)
        loss.backward()  # type: ignore[no-untyped-call]
        descent.step()

    def judge() -> None:
        with torch.no_grad(), mixed:
            network.eval()(validation_batch(judged, 0, recipe.channels_last, (0, 1))[0])

    return step, judge


def _noise(data: Split, count: int, where: torch.device) -> Images:
    """Noise of the size of the data: what an image shows takes no time."""
    generator = torch.Generator().manual_seed(0)
    shape = (count, data.resolution, data.resolution, 3)
    return Images(
        torch.randint(256, shape, generator=generator, dtype=torch.uint8),
        torch.randint(data.num_classes, (count,), generator=generator),
        torch.full((3,), 0.5),
        torch.full((3,), 0.25),
    ).to(where)
