"""How long a network takes to learn on this machine: a few measured steps, and how many there are."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from netlore.data import Split
from netlore.networks import build
from netlore.space.architecture import Architecture
from netlore.training.augmentation import as_input, normalised
from netlore.training.batches import VALIDATED_AT_ONCE, Batches, Images, steps_an_epoch, validation_steps
from netlore.training.optimizer import optimizer
from netlore.training.precision import resolved_precision
from netlore.training.recipe import Recipe
from netlore.training.timer import running, stopwatch

STEPS = 2
"""Training steps that are measured, after one that is not: in it memory is taken and algorithms are chosen."""


def seconds_an_epoch(architecture: Architecture, data: Split, recipe: Recipe, device: str = "cpu") -> float:
    """Estimate the wall time of an epoch, the validation after it included.

    What is not measured is left out: loggers, checkpoints, and images that do not fit into the caches.

    Args:
        architecture: What would be trained.
        data: What it would learn from and be judged by; no image is read.
        recipe: How.
        device: A torch device.

    Raises:
        InvalidInput: The architecture cannot be built for these data.
    """
    learning = steps_an_epoch(len(data.training), recipe) * seconds_a_step(architecture, data, recipe, device)
    judging = validation_steps(len(data.validation), 1) * seconds_a_validation_step(
        architecture, data, recipe, device
    )
    return learning + judging


def seconds_a_step(architecture: Architecture, data: Split, recipe: Recipe, device: str = "cpu") -> float:
    """Measure a training step: a batch made, both passes, and the optimizer. Arguments as above."""
    where = torch.device(device)
    network = _network(architecture, data, recipe, where).train()
    images = _images(data, min(recipe.batch_size, len(data.training))).to(where)
    batches = Batches(images, recipe, 0, data.mirrors)
    descent = optimizer(network, recipe)

    def step() -> None:
        pixels, labels = batches.batch(0, 0)
        descent.zero_grad()
        with _autocast(recipe, where):
            loss = F.cross_entropy(network(pixels), labels, label_smoothing=recipe.label_smoothing)
        loss.backward()  # type: ignore[no-untyped-call]
        descent.step()

    return _seconds(step, STEPS, where)


def seconds_a_validation_step(
    architecture: Architecture, data: Split, recipe: Recipe, device: str = "cpu"
) -> float:
    """Measure a validation step. Arguments as above."""
    where = torch.device(device)
    network = _network(architecture, data, recipe, where).eval()
    images = _images(data, min(VALIDATED_AT_ONCE, len(data.validation))).to(where)

    @torch.no_grad()
    def step() -> None:
        with _autocast(recipe, where):
            network(as_input(normalised(images.pixels, images.mean, images.std), recipe.channels_last))

    return _seconds(step, 1, where)


def _network(architecture: Architecture, data: Split, recipe: Recipe, where: torch.device) -> nn.Module:
    network = build(architecture, data.num_classes, seed=0).to(where)
    return network.to(memory_format=torch.channels_last) if recipe.channels_last else network


def _images(data: Split, count: int) -> Images:
    """Noise of the size of the data: what an image shows takes no time."""
    generator = torch.Generator().manual_seed(0)
    shape = (count, data.resolution, data.resolution, 3)
    return Images(
        torch.randint(256, shape, generator=generator, dtype=torch.uint8),
        torch.randint(data.num_classes, (count,), generator=generator),
        torch.full((3,), 0.5),
        torch.full((3,), 0.25),
    )


def _autocast(recipe: Recipe, where: torch.device) -> torch.autocast:
    return torch.autocast(where.type, torch.bfloat16, enabled=resolved_precision(recipe, str(where)) == "bf16")


def _seconds(work: Callable[[], None], times: int, where: torch.device) -> float:
    """The mean of so many times, after a first one."""
    work()
    watch = stopwatch(where)
    with running(watch):
        for _ in range(times):
            work()
    return watch.seconds() / times
