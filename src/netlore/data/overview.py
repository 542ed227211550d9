"""What a data set holds, for people and programs that choose by it: pictures, sizes, classes and their balance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np

from netlore.arguments import validated
from netlore.data.image_set import ImageSource, Indices, Subset
from netlore.data.reading import Reading, ReadingOptions
from netlore.data.registry import split
from netlore.data.sources.cut import CutImages
from netlore.data.sources.encoded import EncodedImages
from netlore.data.split import Split
from netlore.errors import InvalidInput, UnreadableData

_LOOKED_AT = 500
"""Training images whose sizes and colours are looked at, equally far apart."""
_ANY_SIZE = 32
"""Pixels to which pictures are scaled while nobody knows how large they are; at 1, patterns would become one grey,
which has no deviation."""

UNBALANCED = 4
"""Times as many images as the smallest class the largest has, from which on it is said."""


@dataclass(frozen=True)
class DataOverview:
    """What a data set holds.

    Attributes:
        name: The data set as it was asked for.
        counts: Training images of each class.
        class_names: One name a class.
        validation: Images to judge by.
        sizes: Width and height of the pictures that were looked at, as they are stored, each pair once.
        shorter: Their shorter side, such that a tenth of them have less.
        gray: Whether those that were looked at have no colour.
        made: Whether images are made, not read, so that they have one size.
        left_out: The words for pictures that cannot be used, if they are left out.
    """

    name: str
    counts: tuple[int, ...]
    class_names: tuple[str, ...]
    validation: int
    sizes: tuple[tuple[int, int], ...]
    shorter: int
    gray: bool
    made: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def training(self) -> int:
        """Images to learn from."""
        return sum(self.counts)

    @property
    def square(self) -> int | None:
        """The side that all pictures that were looked at have; None if they are not square or of several sizes."""
        (width, height), *others = self.sizes
        return width if width == height and not others else None

    @property
    def ratio(self) -> float:
        """Images of the largest class for each of the smallest, of classes with images."""
        there = [one for one in self.counts if one]
        return max(there) / min(there)

    @property
    def sentence(self) -> str:
        """What the data hold, in a sentence."""
        there = [one for one in self.counts if one]
        low, high = min(there), max(there)
        each = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        (width, height), *others = self.sizes
        sizes = f"{width} x {height} pixels"
        if others:
            widths, heights = zip(*self.sizes, strict=True)
            sizes = f"{min(widths)} x {min(heights)} to {max(widths)} x {max(heights)} pixels"
        colour = ", all gray" if self.gray else ""
        return (
            f"{self.training:,} images to learn from and {self.validation:,} to judge by; {len(self.counts)} "
            f"classes, of {each} images each; {sizes}{colour}."
        )

    @property
    def notes(self) -> list[str]:
        """What one should know of the data, as sentences."""
        notes = []
        if self.ratio >= UNBALANCED:
            smallest = min(one for one in self.counts if one)
            name = self.class_names[self.counts.index(smallest)]
            notes.append(
                f"Classes differ: {name} has {smallest:,} images, another {self.ratio:.0f} times as many. Look at "
                "the balanced error; --set sampling=balanced shows all classes equally often."
            )
        if self.validation < 10 * len(self.counts):
            notes.append(
                f"{self.validation:,} images to judge by are few for {len(self.counts)} classes: the error is a "
                "rough estimate."
            )
        if self.left_out:
            notes.append(f"{len(self.left_out)} pictures cannot be used and are left out.")
        return notes


@validated
def overview(name: str, validation: str | None = None, **how: Unpack[ReadingOptions]) -> DataOverview:
    """Look at a data set before anything is done with it; pictures need not have one size.

    Arguments and errors as of `netlore.data.split`.
    """
    given = Reading(**how)
    found = split(name, validation, **how) if given.side else _of_any_size(name, validation, given)
    images, count = found.training.images, len(found.training)
    places = np.unique(np.linspace(0, count - 1, min(count, _LOOKED_AT)).round().astype(np.int64))
    sizes = np.asarray(_sizes(images, places))
    pixels = images.read(places)
    return DataOverview(
        name=name,
        counts=tuple(np.bincount(found.training.labels, minlength=found.num_classes).tolist()),
        class_names=found.class_names,
        validation=len(found.validation),
        sizes=tuple((width, height) for width, height in np.unique(sizes, axis=0).tolist()),
        shorter=int(np.quantile(sizes.min(axis=1), 0.1)),
        gray=bool((pixels == pixels[..., :1]).all()),
        made=pixels.dtype != np.uint8,
        left_out=found.training.left_out,
    )


def _of_any_size(name: str, validation: str | None, reading: Reading) -> Split:
    try:
        return split(name, validation, **replace(reading, resize=_ANY_SIZE).given())
    except UnreadableData:
        raise
    except InvalidInput:  # made images cannot be scaled; what else is wrong is said without that size
        return split(name, validation, **reading.given())


def _sizes(images: ImageSource, places: Indices) -> list[tuple[int, int]]:
    """Width and height of images as they are stored, before anything is cut out of them."""
    match images:
        case Subset(inner, indices):
            return _sizes(inner, indices[places])
        case CutImages(inner):
            return _sizes(inner, places)
        case EncodedImages():
            return images.stored_sizes(places)
        case _:
            return [(images.resolution, images.resolution)] * len(places)
