"""The mini-batch: which images, in which order, normalised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from netlore.arguments import validated
from netlore.data.image_set import ImageSet, Indices
from netlore.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Batch:
    """A normalised batch: images (N, 3, R, R), float32, contiguous, and labels (N,), int64."""

    images: npt.NDArray[np.float32]
    labels: Indices


@validated
def draw_batch(data: ImageSet, batch_size: int, seed: int, number: int = 0) -> Batch:
    """Draw a balanced batch and normalise it: (x / 255 - mean) / std, channel by channel.

    Pictures are scaled from 0..255 to [0, 1]; float images are taken as they are (as in torchvision's
    `ToTensor`). Batches of other numbers are drawn in the same way, from other random numbers; they may share
    images.

    Raises:
        InvalidInput: As `draw_indices`.
        UnreadableData: A drawn image cannot be decoded.
    """
    indices = draw_indices(data.labels, batch_size, seed, number)
    images = data.images.read(indices)
    scale = np.float32(255 if images.dtype == np.uint8 else 1)
    mean, std = np.asarray(data.mean, dtype=np.float32), np.asarray(data.std, dtype=np.float32)
    normalised = (images.astype(np.float32) / scale - mean) / std
    return Batch(np.ascontiguousarray(normalised.transpose(0, 3, 1, 2)), data.labels[indices])


def draw_indices(labels: Indices, batch_size: int, seed: int, number: int = 0) -> Indices:
    """Choose images without replacement, the same number of each class up to one.

    The seed alone decides which classes get one more than the others, which images stand for a class, and the
    order. Of 10 classes, a batch of 64 takes 6 or 7 images each; a batch of 4 takes 4 different classes. Classes
    without images are left out; a class with too few is never made up for by others.

    From the class of every image, shape (M,), to the numbers of the N drawn ones, int64. Of another number of the
    batch than 0, numpy's generator starts from [seed, number].

    Raises:
        InvalidInput: The batch is empty, larger than the set, or cannot be balanced.
    """
    classes, counts = np.unique(labels, return_counts=True)
    _check_size(batch_size, counts)
    if seed < 0:
        raise InvalidInput(f"a seed must be 0 or more, but is {seed}; choose another.")
    rng = np.random.default_rng([seed, number] if number else seed)
    share, rest = divmod(batch_size, len(classes))
    quota = np.full(len(classes), share)
    quota[rng.choice(np.flatnonzero(counts > share), rest, replace=False)] += 1
    members = np.split(np.argsort(labels, kind="stable"), np.cumsum(counts)[:-1])
    chosen = [rng.choice(rows, n, replace=False) for rows, n in zip(members, quota, strict=True)]
    return rng.permutation(np.concatenate(chosen))


def _check_size(batch_size: int, counts: npt.NDArray[np.int64]) -> None:
    if batch_size < 1:
        raise InvalidInput(f"batch size must be at least 1, but is {batch_size}; choose a larger one.")
    images, fewest = int(counts.sum()), int(counts.min())
    # Every class gives as many as the smallest one, and one more where it has one.
    largest = len(counts) * fewest + int((counts > fewest).sum())
    if batch_size > images:
        raise InvalidInput(
            f"batch size {batch_size} is larger than the data set's {images} images; choose at most {largest}."
        )
    if batch_size > largest:
        raise InvalidInput(
            f"batch size {batch_size} cannot be balanced: the smallest class has {fewest} images; choose at most "
            f"{largest}, or add images to it."
        )
