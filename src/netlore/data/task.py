"""Task: the mini-batch that all networks of a run are judged by, and further ones for who looks at several."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from netlore.arguments import validated
from netlore.data.batch import Batch, draw_batch
from netlore.data.registry import load
from netlore.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Task:
    """A mini-batch and where it comes from.

    Attributes:
        name: The data set as it was asked for, a registered name or a path.
        images: Shape (N, C, R, R), R the resolution, float32, normalised per channel.
        labels: Shape (N,), int64.
        seed: The seed that chose the images.
        digest: SHA-256, in hexadecimal, of the exact image and label bytes with their shapes and types: runs with
            equal digests saw the same batch.
        further: Further pairs of images and labels.
    """

    name: str
    num_classes: int
    resolution: int
    images: Tensor
    labels: Tensor
    seed: int
    digest: str
    further: tuple[tuple[Tensor, Tensor], ...] = ()

    @property
    def batch_size(self) -> int:
        """How many images the batch has, N."""
        return len(self.labels)

    @property
    def sizes(self) -> dict[str, int]:
        """What a network must fit: num_classes, resolution and channels."""
        shape = {"resolution": self.resolution, "channels": int(self.images.shape[1])}
        return {"num_classes": self.num_classes, **shape}

    def with_batches(self, count: int) -> Task:
        """The same task with that many batches or more; what is missing is drawn from the same data.

        Batch k = 1, 2, ... is drawn as the first one is, batch 0, but its random numbers start from [seed, k].

        Raises:
            InvalidInput: The task is of tensors, or its data are no longer those that it was drawn from.
        """
        missing = range(1 + len(self.further), count)
        if not missing:
            return self
        if self.name == OWN:
            raise InvalidInput(
                f"a task of tensors has {1 + len(self.further)} of the {count} batches that are looked at; "
                f"give `nl.task` further pairs of images and labels as `batches`."
            )
        data = load(self.name, self.seed)
        if digest(draw_batch(data, self.batch_size, self.seed)) != self.digest:
            raise InvalidInput(f"data set {self.name!r} has changed since the task was made; make the task again.")
        drawn = (_tensors(draw_batch(data, self.batch_size, self.seed, number)) for number in missing)
        return replace(self, further=(*self.further, *drawn))

    def describe(self) -> dict[str, str | int]:
        """The facts that a run records, ready for JSON."""
        facts = ("name", "batch_size", "seed", "digest", "num_classes", "resolution")
        return {name: getattr(self, name) for name in facts}


@validated
def task(
    name: str | None = None,
    batch_size: int = 64,
    seed: int = 0,
    *,
    images: Tensor | None = None,
    labels: Tensor | None = None,
    num_classes: int | None = None,
    batches: Sequence[tuple[Tensor, Tensor]] = (),
) -> Task:
    """Draw the mini-batch of a run, or take one's own.

    The batch is balanced over the classes and depends on the data set, its size N and the seed, 0 or more, alone;
    no global random state is read or changed.

    Args:
        name: A data set as `netlore.data.load` takes it; or else `images` and `labels`.
        images: The batch itself, normalised, shape (N, C, R, R).
        labels: Classes of the images, whole numbers from 0, shape (N,).
        num_classes: Of such a batch; None: the highest label and one.
        batches: Further such pairs of images and labels, for predictors that look at several batches.

    Raises:
        InvalidInput: There is no such data set, the batch size or the seed does not fit it, or images and labels
            do not fit together.
        UnreadableData: The data set cannot be read.
    """
    if images is not None and labels is not None and name is None:
        return _task_of(((images, labels), *batches), num_classes)
    if name is None or images is not None or labels is not None:
        raise InvalidInput("a task is of a data set's name, or else of images and labels; give one or the other.")
    data = load(name, seed)
    batch = draw_batch(data, batch_size, seed)
    images, labels = _tensors(batch)
    return Task(name, data.num_classes, data.images.resolution, images, labels, seed, digest(batch))


OWN = "own tensors"
"""The name of a task that is no data set's."""


def _task_of(pairs: Sequence[tuple[Tensor, Tensor]], num_classes: int | None) -> Task:
    shape = pairs[0][0].shape
    for images, labels in pairs:
        whole = labels.dtype is not torch.bool and not labels.is_floating_point() and len(labels) > 0
        fits = images.is_floating_point() and images.ndim == 4 and images.shape[1:] == shape[1:]
        if not (whole and fits and shape[2] == shape[3] and labels.shape == images.shape[:1]):
            raise InvalidInput(
                f"images {images.dtype} of shape {tuple(images.shape)} and labels {labels.dtype} of shape "
                f"{tuple(labels.shape)} are no batch; give floats (N, C, R, R) and whole numbers (N,)."
            )
    batches = [
        Batch(
            images.detach().float().cpu().contiguous().numpy(), labels.detach().long().cpu().contiguous().numpy()
        )
        for images, labels in pairs
    ]
    lowest, highest = (int(of([of(batch.labels) for batch in batches])) for of in (np.min, np.max))
    classes = highest + 1 if num_classes is None else num_classes
    if lowest < 0 or highest >= classes:
        raise InvalidInput(
            f"labels must be 0 to {classes - 1}, but go from {lowest} to {highest}; correct them or `num_classes`."
        )
    first, *further = map(_tensors, batches)
    return Task(OWN, classes, int(shape[-1]), *first, seed=0, digest=digest(*batches), further=tuple(further))


def _tensors(batch: Batch) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(batch.images), torch.from_numpy(batch.labels)


def digest(*batches: Batch) -> str:
    """SHA-256 of all arrays, each preceded by its type and shape, e.g. `<f4(64, 3, 32, 32)`."""
    result = hashlib.sha256()
    for array in (array for batch in batches for array in (batch.images, batch.labels)):
        result.update(f"{array.dtype.str}{array.shape}".encode())
        result.update(array.tobytes())
    return result.hexdigest()
