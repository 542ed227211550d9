"""Holding images out: a part of each class, the same one in every run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from netlore.data.image_set import ImageSet, ImageSource, Indices
from netlore.data.statistics import channel_statistics
from netlore.errors import InvalidInput

HELD_OUT = 0.1
# Which images are held out belongs to the data set: results of different runs are of the same images.
_SEED = 0


@dataclass(frozen=True, eq=False)
class Subset:
    """Some images of a source, read when they are asked for.

    Attributes:
        images: The source.
        indices: Which of its images, shape (m,); image i here is image `indices[i]` there.
    """

    images: ImageSource
    indices: Indices

    @property
    def resolution(self) -> int:
        """Height and width of every image, in pixels."""
        return self.images.resolution

    def read(self, indices: Indices) -> npt.NDArray[Any]:
        """The images of these numbers, shape (n, R, R, 3)."""
        return self.images.read(self.indices[indices])


def hold_out(data: ImageSet, fraction: float = HELD_OUT) -> tuple[ImageSet, ImageSet]:
    """Cut a data set in two: the rest to learn from, and what is held out to judge by.

    Both keep the order, the classes and the statistics of the whole set; no image is read.

    Args:
        data: The whole set.
        fraction: Which part of each class to hold out, as in `held_out`.

    Raises:
        InvalidInput: There are no two classes that can give an image.
    """
    apart = held_out(data.labels, fraction)
    classes = np.unique(data.labels[apart]).size
    if classes < 2:
        raise InvalidInput(
            "images can be held out of a set that has two classes of 2 images or more, but this one has "
            f"{len(data)} images and {classes} such classes; add images, or give a validation set."
        )
    return _part(data, np.flatnonzero(~apart)), _part(data, np.flatnonzero(apart))


def held_out(labels: Indices, fraction: float) -> npt.NDArray[np.bool_]:
    """Which images are held out: n * fraction of a class of n, rounded half up, but at least 1 and at most n - 1.

    A class of one image gives none. Of 10 images, a tenth is 1; of 15, it is 2; of 3, it is 1 as well.

    Args:
        labels: Class of every image, shape (M,).
        fraction: Between 0 and 1.

    Returns:
        Shape (M,), True where the image is held out.
    """
    rng = np.random.default_rng(_SEED)
    apart = np.zeros(len(labels), dtype=np.bool_)
    _, counts = np.unique(labels, return_counts=True)
    for members in np.split(np.argsort(labels, kind="stable"), np.cumsum(counts)[:-1]):
        count = min(max(1, int(len(members) * fraction + 0.5)), len(members) - 1)
        apart[rng.choice(members, count, replace=False)] = True
    return apart


def measured(data: ImageSet) -> ImageSet:
    """The set with the statistics of its own images (`channel_statistics`: from at most 2,000 of them)."""
    mean, std = channel_statistics(data.images, len(data))
    return replace(data, mean=mean, std=std)


def _part(data: ImageSet, indices: Indices) -> ImageSet:
    return replace(data, images=Subset(data.images, indices), labels=data.labels[indices])
