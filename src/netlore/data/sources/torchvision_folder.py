"""CIFAR as torchvision keeps it: a folder of batches, of which it knows the checksums."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torchvision import datasets

from netlore.data.image_set import ArrayImages, ImageSet, int64
from netlore.data.sources.bundled import CIFAR10_MEAN, CIFAR10_STD, CIFAR100_MEAN, CIFAR100_STD
from netlore.errors import UnreadableData

_STATISTICS = {"CIFAR10": (CIFAR10_MEAN, CIFAR10_STD), "CIFAR100": (CIFAR100_MEAN, CIFAR100_STD)}


def read_torchvision(folder: Path, class_name: str) -> tuple[ImageSet, ImageSet]:
    """The 50,000 training and 10,000 test images in a folder, both normalised by the published statistics.

    Args:
        folder: `cifar-10-batches-py` or `cifar-100-python`, as torchvision unpacks it.
        class_name: The data set's class in `torchvision.datasets`.

    Raises:
        UnreadableData: A file is missing, unreadable or not the one that torchvision downloads.
    """
    kind = getattr(datasets, class_name)
    try:
        training, test = (kind(str(folder.parent), train=train, download=False) for train in (True, False))
    # torchvision says "not found or corrupted" with a RuntimeError.
    except (OSError, RuntimeError) as error:
        raise UnreadableData(
            f"{folder} must hold the files of {class_name} that torchvision downloads, but one is missing or "
            "damaged; fetch them again."
        ) from error
    return image_set(training, class_name), image_set(test, class_name)


def image_set(data: Any, class_name: str) -> ImageSet:
    """What torchvision read as an `ImageSet`, normalised by the published statistics of the training images."""
    mean, std = _STATISTICS[class_name]
    return ImageSet(ArrayImages(data.data), int64(data.targets), tuple(data.classes), mean, std)
