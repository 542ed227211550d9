"""ImageSet: what every loader returns, and the images behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from netlore.errors import UnreadableData

Indices: TypeAlias = npt.NDArray[np.int64]
Channels: TypeAlias = tuple[float, float, float]


class ImageSource(Protocol):
    """Square RGB images by number, read when they are asked for: a million cost nothing until a batch is drawn."""

    @property
    def resolution(self) -> int:
        """Height and width R of every image, in pixels."""
        ...

    def read(self, indices: Indices) -> npt.NDArray[Any]:
        """The images of these numbers, shape (n, R, R, 3), in the order asked for.

        Pictures are uint8 in 0..255; a source that makes its images returns float32 values, used as they are.

        Raises:
            UnreadableData: An image cannot be decoded or has another size than the first one of the set.
        """
        ...


@dataclass(frozen=True, eq=False)
class ArrayImages:
    """Images in memory, shape (M, R, R, 3), uint8 in 0..255, or float32 if the values are used as they are."""

    pixels: npt.NDArray[Any]

    def __post_init__(self) -> None:
        shape = self.pixels.shape
        if len(shape) != 4 or shape[3] != 3 or shape[1] != shape[2]:
            raise UnreadableData(
                f"images must have the shape (count, R, R, 3), square and in RGB, but theirs is {shape}; "
                "crop or resize them and repeat a grey channel three times."
            )

    @property
    def resolution(self) -> int:
        """Height and width of every image, in pixels."""
        return int(self.pixels.shape[1])

    def read(self, indices: Indices) -> npt.NDArray[Any]:
        """The images of these numbers, shape (n, R, R, 3)."""
        return self.pixels[indices]


@dataclass(frozen=True, eq=False)
class Subset:
    """Some images of a source, read when they are asked for; image i here is image `indices[i]` there."""

    images: ImageSource
    indices: Indices

    @property
    def resolution(self) -> int:
        """Height and width of every image, in pixels."""
        return self.images.resolution

    def read(self, indices: Indices) -> npt.NDArray[Any]:
        """The images of these numbers, shape (n, R, R, 3)."""
        return self.images.read(self.indices[indices])


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Labelled images of one data set and the statistics that normalise them.

    Attributes:
        labels: Class of each of the M images, 0-based, shape (M,), int64.
        class_names: One name a class; their number is the number of classes.
        mean: Mean of each channel (red, green, blue) after scaling to [0, 1].
        std: Standard deviation of the same, positive.
        left_out: The words for pictures that are not among them, since they cannot be used.

    Raises:
        UnreadableData: The labels do not fit the classes or there is only one class.
    """

    images: ImageSource
    labels: Indices
    class_names: tuple[str, ...]
    mean: Channels
    std: Channels
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.labels.ndim != 1 or self.labels.dtype != np.int64:
            raise UnreadableData(
                f"labels must be one int64 an image, but are {self.labels.dtype} of shape {self.labels.shape}; "
                "convert them with numpy.asarray(labels, dtype=numpy.int64)."
            )
        check_labels(self.labels, self.num_classes, "the data set")
        present = np.unique(self.labels).size
        if present < 2:
            raise UnreadableData(
                f"a data set needs images of at least 2 classes, but has {len(self)} images of {present}; "
                "add images of another class."
            )
        check_statistics(self.mean, self.std)
        broken = [name for name in self.class_names if not is_text(name)]
        if broken:
            raise UnreadableData(
                f"names of classes must be UTF-8, as all that is written of them, but {broken[0]!a} is not; "
                "rename its folder."
            )

    def __len__(self) -> int:
        return int(self.labels.size)

    @property
    def num_classes(self) -> int:
        """How many classes there are, those without an image included."""
        return len(self.class_names)


def is_text(name: str) -> bool:
    """Whether a name can be written to files: one from a disk may hold bytes that are no UTF-8."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def check_statistics(mean: Channels, std: Channels) -> None:
    """Refuse, as `UnreadableData`, what is not finite, and standard deviations that are not positive."""
    if not np.isfinite([*mean, *std]).all():
        raise UnreadableData(
            f"mean and standard deviation of the channels must be finite, but are {mean} and {std}; measure them "
            "again."
        )
    if min(std) <= 0:
        raise UnreadableData(
            f"standard deviations of the channels must be positive, but are {std}; "
            "a channel that never varies has no information: choose other images."
        )


def check_labels(labels: Indices, num_classes: int, place: str) -> None:
    """Refuse, as `UnreadableData`, labels outside 0..num_classes - 1; the message names the first one, its row,
    and the place that they come from ("train.parquet")."""
    wrong = np.flatnonzero((labels < 0) | (labels >= num_classes))
    if wrong.size:
        row = int(wrong[0])
        raise UnreadableData(
            f"labels of {place} must lie in 0..{num_classes - 1}, but row {row} has {labels[row]} "
            f"({wrong.size} such rows); remove these rows or correct the class names."
        )


def numbered(count: int) -> tuple[str, ...]:
    """Names for classes that have none: "0", "1", ..."""
    return tuple(str(index) for index in range(count))


def int64(labels: Sequence[int] | npt.NDArray[Any]) -> Indices:
    """Labels as every part of netlore expects them, shape (M,), int64."""
    return np.asarray(labels, dtype=np.int64)
