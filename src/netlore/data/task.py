"""Task: the one mini-batch that all networks of a run are judged by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import torch
from torch import Tensor

from netlore.data.batch import Batch, draw_batch
from netlore.data.registry import load


@dataclass(frozen=True, eq=False)
class Task:
    """A mini-batch and where it comes from.

    Attributes:
        name: The data set as it was asked for, a registered name or a path.
        num_classes: How many classes there are.
        resolution: Images are square, resolution x resolution pixels.
        images: Shape (N, 3, R, R), float32, normalised per channel.
        labels: Shape (N,), int64.
        seed: The seed that chose the images.
        digest: SHA-256, in hexadecimal, of the exact image and label bytes with their shapes and types: runs with
            equal digests saw the same batch.
    """

    name: str
    num_classes: int
    resolution: int
    images: Tensor
    labels: Tensor
    seed: int
    digest: str

    @property
    def batch_size(self) -> int:
        """How many images the batch has, N."""
        return len(self.labels)

    def describe(self) -> dict[str, str | int]:
        """The facts that a run records, ready for JSON."""
        return {
            "name": self.name,
            "batch_size": self.batch_size,
            "seed": self.seed,
            "digest": self.digest,
            "num_classes": self.num_classes,
            "resolution": self.resolution,
        }


def task(name: str, batch_size: int = 64, seed: int = 0) -> Task:
    """Draw the mini-batch of a run.

    The batch is balanced over the classes and depends on the data set, its size and the seed alone; no global
    random state is read or changed.

    Args:
        name: A registered data set (`netlore.data.names()`), a `.parquet` file, a folder of such files, or a
            folder with one folder of images a class.
        batch_size: How many images, N.
        seed: Which images, 0 or more.

    Raises:
        InvalidInput: There is no such data set, or the batch size or the seed does not fit it.
        UnreadableData: The data set cannot be read.
    """
    data = load(name, seed)
    batch = draw_batch(data, batch_size, seed)
    return Task(
        name=name,
        num_classes=data.num_classes,
        resolution=data.images.resolution,
        images=torch.from_numpy(batch.images),
        labels=torch.from_numpy(batch.labels),
        seed=seed,
        digest=digest(batch),
    )


def digest(batch: Batch) -> str:
    """SHA-256 of both arrays, each preceded by its type and shape, e.g. `<f4(64, 3, 32, 32)`."""
    result = hashlib.sha256()
    for array in (batch.images, batch.labels):
        result.update(f"{array.dtype.str}{array.shape}".encode())
        result.update(array.tobytes())
    return result.hexdigest()
