"""Images that hold nothing: what a score says without data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from netlore.data.image_set import ImageSet, Indices, int64, numbered

IMAGES = 10_000
CLASSES = 10


@dataclass(frozen=True)
class NoiseImages:
    """Standard normal images, made when they are asked for.

    Attributes:
        seed: Image i is a function of (seed, i) alone.
        resolution: Height and width, in pixels.
    """

    seed: int
    resolution: int

    def read(self, indices: Indices) -> npt.NDArray[np.float32]:
        """The images of these numbers, shape (n, R, R, 3), float32."""
        shape = (self.resolution, self.resolution, 3)
        images = np.empty((len(indices), *shape), dtype=np.float32)
        for position, index in enumerate(indices):
            # A spawn key, since the sequences (seed,) and (seed, 0) would seed the same stream.
            source = np.random.SeedSequence(self.seed, spawn_key=(int(index),))
            images[position] = np.random.default_rng(source).standard_normal(shape, dtype=np.float32)
        return images


def noise(seed: int) -> ImageSet:
    """10,000 standard normal images, 32 x 32 pixels, with labels 0, 1, ..., 9, 0, 1, ... that mean nothing.

    They are used as they are: mean 0 and standard deviation 1 are theirs already.
    """
    labels = int64(np.arange(IMAGES) % CLASSES)
    return ImageSet(NoiseImages(seed, 32), labels, numbered(CLASSES), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
