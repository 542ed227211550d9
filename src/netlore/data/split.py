"""Split: images to learn from, and images to judge by what was learned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import TypeAlias

from netlore.data.hold_out import hold_out, measured
from netlore.data.image_set import ImageSet, check_labels, numbered
from netlore.data.registry import DATA
from netlore.data.sources.folder import FolderImages
from netlore.data.sources.paths import read_parts
from netlore.errors import InvalidInput, UnreadableData
from netlore.plugins import Registry


@dataclass(frozen=True, eq=False)
class Split:
    """Images to learn from and images to judge by.

    Attributes:
        training: What networks learn from; its mean and standard deviation normalise both sets.
        validation: What they are judged by. It has the size, the classes and the statistics of `training`.
        mirrors: Whether the mirror image of an image belongs to its class too; False for digits.

    Raises:
        UnreadableData: The two sets differ in size, classes or statistics.
    """

    training: ImageSet
    validation: ImageSet
    mirrors: bool

    def __post_init__(self) -> None:
        ours, theirs = self.training, self.validation
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


# A loader takes the seed of the run, which only data sets that are made, not read, depend on.
SplitLoader: TypeAlias = Callable[[int], Split]

SPLITS: Registry[SplitLoader] = Registry(
    "data set",
    "netlore.splits",
    {
        "cifar10": "netlore.data.sources.torchvision_download:cifar10_split",
        "cifar100": "netlore.data.sources.torchvision_download:cifar100_split",
        "digits": "netlore.data.sources.held_out_digits:digits_split",
        "torchvision/cifar10": "netlore.data.sources.torchvision_download:cifar10_split",
        "torchvision/cifar100": "netlore.data.sources.torchvision_download:cifar100_split",
    },
    callable,
)


def split_names() -> list[str]:
    """All names that `split` knows; a path may be given instead of one."""
    return list(dict.fromkeys([*SPLITS.names(), *DATA.names()]))


def split(name: str, validation: str | None = None, seed: int = 0) -> Split:
    """The training and the validation set of that name or at that path.

    A set without validation images of its own gives up a tenth of its images, chosen within each class and never
    by the seed: which images are held out belongs to the data set, not to the run. A registered name goes first:
    write `./digits` for a folder called digits.

    Args:
        name: A registered name; or a `.parquet` file, a folder of such files, a folder of images, or a folder that
            torchvision filled with CIFAR (`docs/data.md` has the layouts).
        validation: A path of the same kinds whose images are judged by, so that all of `name` is trained on.
        seed: Decides what data sets that are made look like; 0 or more.

    Raises:
        InvalidInput: There is no such data set, it is too small to hold something out, or the two overlap.
        UnreadableData: A data set cannot be read or downloaded, or the two do not fit each other.
    """
    if seed < 0:
        raise InvalidInput(f"a seed must be 0 or more, but is {seed}; choose another.")
    if name not in split_names():
        return _at_path(name, validation)
    if validation is not None:
        raise InvalidInput(
            f"a validation set goes with the path of a training set, but {name!r} is a registered name that has "
            f"its own; leave out {validation!r}, or write ./{name} for a path of that name."
        )
    if name in SPLITS.names():
        return SPLITS.get(name)(seed)
    training, apart = hold_out(DATA.get(name)(seed))
    return Split(training, apart, mirrors=True)


def paired(training: ImageSet, validation: ImageSet, mirrors: bool) -> Split:
    """A split whose validation set takes over what it does not say itself: statistics, and names of classes.

    Classes without names are only counted, by the largest label: a validation set of that kind may lack the last
    ones, but must have no label beyond those of the training set.

    Raises:
        UnreadableData: The two sets differ in size or classes.
    """
    names = validation.class_names
    if not (_names_its_classes(training) and _names_its_classes(validation)):
        if _names_its_classes(validation) and validation.num_classes != training.num_classes:
            raise UnreadableData(
                "training and validation images must have the same number of classes, but have "
                f"{training.num_classes} and {validation.num_classes}; give files that name their classes."
            )
        check_labels(validation.labels, training.num_classes, "the validation set")
        names = training.class_names
    return Split(training, replace(validation, class_names=names, mean=training.mean, std=training.std), mirrors)


def _at_path(name: str, validation: str | None) -> Split:
    """The images at a path, and those at another one, set apart beside them, or held out of them."""
    path = Path(name).expanduser()
    if not name or not path.exists():
        raise InvalidInput(
            f"data set {name!r} is neither a registered name nor an existing path; choose one of "
            f"{', '.join(sorted(split_names()))}, or give a .parquet file, a folder of such files, a folder of "
            "images, or a folder that torchvision filled with CIFAR."
        )
    training, apart = read_parts(path)
    if validation is not None:
        apart = _validation_at(validation, path)
    if apart is None:
        training, apart = hold_out(training)
        training = measured(training)
    return paired(training, apart, mirrors=True)


def _validation_at(name: str, training: Path) -> ImageSet:
    """The images at a path: those it sets apart for validation, or all."""
    path = Path(name).expanduser()
    if not name or not path.exists():
        raise InvalidInput(
            f"validation set {name!r} is not an existing path; give a .parquet file, a folder of images, or none."
        )
    here, there = path.resolve(), training.resolve()
    if here.is_relative_to(there) or there.is_relative_to(here):
        raise InvalidInput(
            f"validation images must lie apart from the training images, but {path} and {training} overlap; "
            "give two separate paths, or no validation set."
        )
    everything, apart = read_parts(path)
    return everything if apart is None else apart


def _names_its_classes(data: ImageSet) -> bool:
    """Whether class names are real: those of folders are; 0, 1, ... may be made up for a file that has none."""
    return isinstance(data.images, FolderImages) or data.class_names != numbered(data.num_classes)


def _difference(ours: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    """The words for what sets the classes for training and for validation apart."""
    for kind, names, others in (("training", ours, theirs), ("validation", theirs, ours)):
        lonely = [repr(name) for name in names if name not in others]
        if lonely:
            more = f" and {len(lonely) - 3} more" if len(lonely) > 3 else ""
            return f"only {kind} has {', '.join(lonely[:3])}{more}"
    number = next(n for n, (one, other) in enumerate(zip_longest(ours, theirs)) if one != other)
    return f"they are in another order from class {number} on"
