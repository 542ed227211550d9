"""The mini-batch: which images, in which order, normalised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from netlore.arguments import validated
from netlore.data.image_set import ImageSet, Indices
from netlore.data.sources.encoded import say
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
    _say_unbalanced(data, indices)
    images = data.images.read(indices)
    scale = np.float32(255 if images.dtype == np.uint8 else 1)
    mean, std = np.asarray(data.mean, dtype=np.float32), np.asarray(data.std, dtype=np.float32)
    normalised = (images.astype(np.float32) / scale - mean) / std
    return Batch(np.ascontiguousarray(normalised.transpose(0, 3, 1, 2)), data.labels[indices])


def draw_indices(labels: Indices, batch_size: int, seed: int, number: int = 0) -> Indices:
    """Choose images without replacement, the same number of each class up to one.

    The seed alone decides which classes get one more than the others, which images stand for a class, and the
    order. Of 10 classes, a batch of 64 takes 6 or 7 images each; a batch of 4 takes 4 different classes. Classes
    without images are left out. A class with fewer images than its share gives all that it has, and the others
    make up for it, again by the same number up to one: of 1, 20 and 20 images, a batch of 12 takes 1, 5 and 6.

    From the class of every image, shape (M,), to the numbers of the N drawn ones, int64. Of another number of the
    batch than 0, numpy's generator starts from [seed, number].

    Raises:
        InvalidInput: The batch is empty or larger than the set.
    """
    classes, counts = np.unique(labels, return_counts=True)
    _check_size(batch_size, len(labels))
    if seed < 0:
        raise InvalidInput(f"a seed must be 0 or more, but is {seed}; choose another.")
    rng = np.random.default_rng([seed, number] if number else seed)
    share = batch_size // len(classes)
    # A batch that every class can fill leaves no more than one for each that has it, and ends this at once.
    while (rest := batch_size - int(np.minimum(counts, share).sum())) > (larger := int((counts > share).sum())):
        share += rest // larger
    quota = np.minimum(counts, share)
    quota[rng.choice(np.flatnonzero(counts > share), rest, replace=False)] += 1
    members = np.split(np.argsort(labels, kind="stable"), np.cumsum(counts)[:-1])
    chosen = [rng.choice(rows, n, replace=False) for rows, n in zip(members, quota, strict=True)]
    return rng.permutation(np.concatenate(chosen))


def _say_unbalanced(data: ImageSet, indices: Indices) -> None:
    """Say which classes have fewer images than their share of a batch."""
    there, drawn = (np.bincount(one, minlength=data.num_classes) for one in (data.labels, data.labels[indices]))
    most = int(drawn.max())
    short = np.flatnonzero((there == drawn) & (drawn > 0) & (drawn < most - 1))
    if short.size:
        few = ", ".join(f"{data.class_names[number]} ({drawn[number]})" for number in short[:3].tolist())
        more = f" and {short.size - 3} more" if short.size > 3 else ""
        say(
            f"in the batch of {indices.size}, classes with fewer images than their share have all that they have, "
            f"{few}{more}, and others {most}."
        )


def _check_size(batch_size: int, images: int) -> None:
    if batch_size < 1:
        raise InvalidInput(f"batch size must be at least 1, but is {batch_size}; choose a larger one.")
    if batch_size > images:
        raise InvalidInput(
            f"batch size {batch_size} is larger than the data set's {images} images; choose at most {images}."
        )
