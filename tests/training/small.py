"""A data set and an architecture that train in a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch

import netlore as nl
from netlore.space.architecture import Architecture
from netlore.training import fit
from netlore.training.batches import Images, TrainingData
from netlore.training.recipe import Recipe, recipe

RESOLUTION = 8


def small_architecture(width: int = 4) -> Architecture:
    """A block a stage."""
    return nl.anynet_architecture(
        depths=(1, 1, 1), widths=(width, 4, 8), group_widths=(2, 2, 2), bottleneck_ratios=(1, 1, 1)
    )


def small_data(training: int = 52, validation: int = 20, num_classes: int = 3, seed: int = 0) -> TrainingData:
    """Random images whose class shows in their brightness."""
    rng = np.random.default_rng(seed)

    def images(count: int) -> Images:
        labels = rng.integers(num_classes, size=count)
        noise = rng.integers(0, 120, (count, RESOLUTION, RESOLUTION, 3))
        pixels = (noise + 60 * labels[:, None, None, None]).astype(np.uint8)
        return Images(
            torch.from_numpy(pixels),
            torch.from_numpy(labels),
            torch.tensor([0.4, 0.45, 0.5]),
            torch.tensor([0.2, 0.25, 0.3]),
        )

    first, second = images(training), images(validation)
    names = tuple(str(number) for number in range(num_classes))
    return TrainingData("small", first, second, True, names, f"{first.digest}{second.digest}")


def small_recipe(**changes: object) -> Recipe:
    """Two epochs of small batches."""
    return recipe("smoke").changed({"epochs": 2, "batch_size": 16, "padding": 1, **changes})


class Stop(Exception):  # noqa: N818
    """Ends a training as a power cut would, but for the process."""


@contextmanager
def stopping(epochs: int) -> Iterator[None]:
    """Inside, writing a checkpoint fails after `epochs` epochs."""
    write, written = fit.WholeFiles.save_checkpoint, []

    def save(self: fit.WholeFiles, *given: object, **more: object) -> None:
        if len(written) == epochs:
            raise Stop
        written.append(given)
        write(self, *given, **more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit.WholeFiles, "save_checkpoint", save)
        yield
