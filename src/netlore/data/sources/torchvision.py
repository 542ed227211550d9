"""CIFAR as torchvision keeps it: a folder of batches with known checksums, downloaded once into a cache."""

from __future__ import annotations

import contextlib
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from torchvision import datasets

from netlore.data.image_set import ArrayImages, ImageSet, int64
from netlore.data.sources.builtin import CIFAR10_STATISTICS, CIFAR100_STATISTICS
from netlore.data.split import Split
from netlore.errors import UnreadableData

_STATISTICS = {"CIFAR10": CIFAR10_STATISTICS, "CIFAR100": CIFAR100_STATISTICS}


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
    return _image_set(training, class_name), _image_set(test, class_name)


def cache_folder() -> Path:
    """Where downloads are kept: `$XDG_CACHE_HOME/netlore`, by default `~/.cache/netlore`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "netlore"


def _whole(class_name: str, seed: int) -> ImageSet:
    """All 50,000 training images. The seed plays no part."""
    name = class_name.lower()
    remedy = f"connect to a network, or use {name}, which comes with netlore, or the path of a .parquet file"
    return _image_set(_download(class_name, True, f"torchvision/{name}", remedy), class_name)


def _split(class_name: str, seed: int) -> Split:
    """The 50,000 training and the 10,000 test images. The seed plays no part."""
    # The probe set that comes with netlore does not help here: it is too small to learn from.
    remedy = (
        "connect to a network, or give the path of a .parquet file or of a folder of torchvision's with --data"
    )
    what = f"to be learned from, all of {class_name.lower()}"
    parts = [_image_set(_download(class_name, train, what, remedy), class_name) for train in (True, False)]
    return Split(parts[0], parts[1], mirrors=True)


cifar10, cifar100 = partial(_whole, "CIFAR10"), partial(_whole, "CIFAR100")
cifar10_split, cifar100_split = partial(_split, "CIFAR10"), partial(_split, "CIFAR100")


def _download(class_name: str, train: bool, what: str, remedy: str) -> Any:
    """Training or test images by torchvision, from the cache or the network; in words, what is wanted, and what
    else can be done if it cannot be had.

    Raises:
        UnreadableData: They could not be downloaded, or what is in the cache is damaged.
    """
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # torchvision may report on stdout, which belongs to the results.
        with contextlib.redirect_stdout(sys.stderr):
            return getattr(datasets, class_name)(str(folder), train=train, download=True)
    # torchvision says "not found or corrupted" with a RuntimeError; everything of the network is an OSError.
    except (OSError, RuntimeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UnreadableData(
            f"{what} must be in {folder} or be downloaded into it, but that failed ({reason}); {remedy}."
        ) from error


def _image_set(data: Any, class_name: str) -> ImageSet:
    """What torchvision read, normalised by the published statistics of the training images."""
    return ImageSet(ArrayImages(data.data), int64(data.targets), tuple(data.classes), *_STATISTICS[class_name])
