"""Split: images to learn from, and images to judge by what was learned.

Where a data set has none of the latter, a part of each class is held out, the same one in every run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from netlore.arguments import validated
from netlore.data.image_set import ImageSet, Indices, Subset, check_labels, numbered
from netlore.data.sources.encoded import EncodedImages
from netlore.data.sources.folder import FolderFiles
from netlore.data.statistics import channel_statistics
from netlore.errors import InvalidInput, UnreadableData

# Which images are held out belongs to the data set: results of different runs are of the same images.
_SEED = 0


@dataclass(frozen=True, eq=False)
class Split:
    """Images to learn from and images to judge by.

    Attributes:
        training: Its mean and standard deviation normalise both sets.
        validation: It has the size, the classes and the statistics of `training`.
        mirrors: Whether the mirror image of an image belongs to its class too; False for digits.
        test: Images that are kept for the end, with all that the others share; None: there are none.

    Raises:
        UnreadableData: The sets differ in size, classes or statistics.
    """

    training: ImageSet
    validation: ImageSet
    mirrors: bool
    test: ImageSet | None = None

    def __post_init__(self) -> None:
        for theirs in (self.validation, self.test):
            if theirs is not None:
                self._check(theirs)

    def _check(self, theirs: ImageSet) -> None:
        ours = self.training
        size, other = ours.images.resolution, theirs.images.resolution
        if size != other:
            raise UnreadableData(
                f"training and validation images must have one size, but are {size} x {size} and {other} x "
                f"{other}; resize one set first."
            )
        if ours.class_names != theirs.class_names:
            raise UnreadableData(
                "training and validation images must have the same classes, but "
                f"{_difference(ours.class_names, theirs.class_names)}; give both the same classes."
            )
        if (ours.mean, ours.std) != (theirs.mean, theirs.std):
            raise UnreadableData(
                "validation images must be normalised by the mean and std of the training images, "
                f"{ours.mean} and {ours.std}, but have {theirs.mean} and {theirs.std}; "
                "give the validation set those of the training set."
            )

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return self.training.num_classes

    @property
    def resolution(self) -> int:
        """Height and width of every image, in pixels."""
        return self.training.images.resolution

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name a class."""
        return self.training.class_names


@validated
def paired(training: ImageSet, validation: ImageSet, mirrors: bool, test: ImageSet | None = None) -> Split:
    """A split whose validation and test sets take over what they do not say themselves: statistics, and names of
    classes.

    Classes without names are only counted, by the largest label: a validation set of that kind may lack the last
    ones, but must have no label beyond those of the training set.

    Raises:
        UnreadableData: The sets differ in size or classes.
    """
    apart = None if test is None else _fitted(training, test)
    return Split(training, _fitted(training, validation), mirrors, apart)


def _fitted(training: ImageSet, other: ImageSet) -> ImageSet:
    names = other.class_names
    if not (_names_its_classes(training) and _names_its_classes(other)):
        if _names_its_classes(other) and other.num_classes != training.num_classes:
            raise UnreadableData(
                "training and validation images must have the same number of classes, but have "
                f"{training.num_classes} and {other.num_classes}; give files that name their classes."
            )
        check_labels(other.labels, training.num_classes, "the validation set")
        names = training.class_names
    return replace(other, class_names=names, mean=training.mean, std=training.std)


def hold_out(data: ImageSet, fraction: float = 0.1) -> tuple[ImageSet, ImageSet]:
    """Cut a data set in two: the rest to learn from, and what `held_out` holds out of each class to judge by.

    Both keep the order, the classes and the statistics of the whole set; no image is read.

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
    rest, out = (
        replace(data, images=Subset(data.images, indices), labels=data.labels[indices])
        for indices in (np.flatnonzero(~apart), np.flatnonzero(apart))
    )
    return rest, out


def held_out(labels: Indices, fraction: float) -> npt.NDArray[np.bool_]:
    """Which images are held out: n * fraction of a class of n, rounded half up, but at least 1 and at most n - 1.

    A class of one image gives none. Of 10 images, a tenth is 1; of 15, it is 2; of 3, it is 1 as well. From the
    class of every image, shape (M,), to an array of the same shape, True where it is held out.
    """
    rng = np.random.default_rng(_SEED)
    apart = np.zeros(len(labels), dtype=np.bool_)
    _, counts = np.unique(labels, return_counts=True)
    for members in np.split(np.argsort(labels, kind="stable"), np.cumsum(counts)[:-1]):
        count = min(max(1, int(len(members) * fraction + 0.5)), len(members) - 1)
        apart[rng.choice(members, count, replace=False)] = True
    return apart


def measured(data: ImageSet) -> ImageSet:
    """The set with the statistics of its own images (`channel_statistics`: from at most 2,000 of them); floats,
    which are used as they are, have none."""
    if data.images.read(np.zeros(1, dtype=np.int64)).dtype != np.uint8:
        return data
    mean, std = channel_statistics(data.images, len(data))
    return replace(data, mean=mean, std=std)


def _names_its_classes(data: ImageSet) -> bool:
    """Whether names are real: those of folders are; 0, 1, ... may be made up for a file that has none."""
    images = data.images
    while isinstance(images, Subset):
        images = images.images
    return (
        isinstance(images, EncodedImages) and isinstance(images.files, FolderFiles)
    ) or data.class_names != numbered(data.num_classes)


def _difference(ours: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    """The words for what sets the classes for training and for validation apart."""
    for kind, names, others in (("training", ours, theirs), ("validation", theirs, ours)):
        lonely = [repr(name) for name in names if name not in others]
        if lonely:
            more = f" and {len(lonely) - 3} more" if len(lonely) > 3 else ""
            return f"only {kind} has {', '.join(lonely[:3])}{more}"
    number = next(n for n, (one, other) in enumerate(zip_longest(ours, theirs)) if one != other)
    return f"they are in another order from class {number} on"
