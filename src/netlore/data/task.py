"""Task: the mini-batch that all networks of a run are judged by, and further ones for who looks at several."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np
import torch
from torch import Tensor

from netlore.arguments import validated
from netlore.data.batch import Batch, draw_batch
from netlore.data.image_set import ImageSet
from netlore.data.own_batch import Images, Labels, own_batches
from netlore.data.reading import AS_IT_IS, Reading, ReadingOptions
from netlore.data.registry import load
from netlore.data.sources.given import Given, name_of
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
        reading: How the data set is read.
        left_out: The words for pictures of the data set that cannot be used, if they are left out.
        source: The data set, if it is no name's; it stays in the process that made the task.
    """

    name: str
    num_classes: int
    resolution: int
    images: Tensor
    labels: Tensor
    seed: int
    digest: str
    further: tuple[tuple[Tensor, Tensor], ...] = ()
    reading: Reading = AS_IT_IS
    left_out: tuple[str, ...] = ()
    source: ImageSet | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "source": None}

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
        data = load(self.name, self.seed, **self.reading.given()) if self.source is None else self.source
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
    name: str | Given | None = None,
    batch_size: int = 64,
    seed: int = 0,
    *,
    images: Images | None = None,
    labels: Labels | None = None,
    num_classes: int | None = None,
    batches: Sequence[tuple[Images, Labels]] = (),
    **how: Unpack[ReadingOptions],
) -> Task:
    """Draw the mini-batch of a run, or take one's own.

    The batch is balanced over the classes and depends on the data set, its size N and the seed, 0 or more, alone;
    no global random state is read or changed.

    Args:
        name: A data set as `netlore.data.load` takes it: a name, a path, or a data set of torch; or else `images`
            and `labels`.
        images: The batch itself. Floats are used as they are: a tensor (N, C, R, R) or an array (N, R, R, C).
            Bytes with 1 or 3 channels are normalised by their own statistics, those of `batches` by the same.
        labels: Classes of the images, whole numbers from 0, shape (N,).
        num_classes: Of such a batch; None: the highest label and one.
        batches: Further such pairs of images and labels, for predictors that look at several batches.
        how: How the pictures of a data set are read, by the names that `netlore.data.Reading` has: `resize`,
            `crop`, `skip_bad`, `image_column`, `label_column`.

    Raises:
        InvalidInput: There is no such data set, the batch size or the seed does not fit it, or images and labels
            do not fit together.
        UnreadableData: The data set cannot be read.
    """
    reading = Reading(**how)
    if images is not None and labels is not None and name is None and reading == AS_IT_IS:
        return _task_of(((images, labels), *batches), num_classes)
    if name is None or images is not None or labels is not None:
        raise InvalidInput("a task is of a data set's name, or else of images and labels; give one or the other.")
    data = load(name, seed, **how)
    batch = draw_batch(data, batch_size, seed)
    return Task(
        name if isinstance(name, str) else name_of(name),
        data.num_classes,
        data.images.resolution,
        *_tensors(batch),
        seed,
        digest(batch),
        reading=reading,
        left_out=data.left_out,
        source=None if isinstance(name, str) else data,
    )


OWN = "own tensors"
"""The name of a task that is no data set's."""


def _task_of(pairs: Sequence[tuple[Images, Labels]], num_classes: int | None) -> Task:
    batches = own_batches(pairs)
    lowest, highest = (int(of([of(batch.labels) for batch in batches])) for of in (np.min, np.max))
    classes = highest + 1 if num_classes is None else num_classes
    if lowest < 0 or highest >= classes:
        raise InvalidInput(
            f"labels must be 0 to {classes - 1}, but go from {lowest} to {highest}; correct them or `num_classes`."
        )
    first, *further = map(_tensors, batches)
    return Task(
        OWN,
        classes,
        int(batches[0].images.shape[-1]),
        *first,
        seed=0,
        digest=digest(*batches),
        further=tuple(further),
    )


def _tensors(batch: Batch) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(batch.images), torch.from_numpy(batch.labels)


def digest(*batches: Batch) -> str:
    """SHA-256 of all arrays, each preceded by its type and shape, e.g. `<f4(64, 3, 32, 32)`."""
    result = hashlib.sha256()
    for array in (array for batch in batches for array in (batch.images, batch.labels)):
        result.update(f"{array.dtype.str}{array.shape}".encode())
        result.update(array.tobytes())
    return result.hexdigest()
