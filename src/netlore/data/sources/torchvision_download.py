"""Whole data sets by torchvision, downloaded once into a cache folder."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from torchvision import datasets

from netlore.data.image_set import ImageSet
from netlore.data.sources.torchvision_folder import image_set
from netlore.data.split import Split
from netlore.errors import UnreadableData


def cifar10(seed: int) -> ImageSet:
    """All 50,000 training images of CIFAR-10. The seed plays no part."""
    return _probing_set("CIFAR10")


def cifar100(seed: int) -> ImageSet:
    """All 50,000 training images of CIFAR-100. The seed plays no part."""
    return _probing_set("CIFAR100")


def cifar10_split(seed: int) -> Split:
    """The 50,000 training and the 10,000 test images of CIFAR-10. The seed plays no part."""
    return _split("CIFAR10")


def cifar100_split(seed: int) -> Split:
    """The 50,000 training and the 10,000 test images of CIFAR-100. The seed plays no part."""
    return _split("CIFAR100")


def cache_folder() -> Path:
    """Where downloads are kept: `$XDG_CACHE_HOME/netlore`, by default `~/.cache/netlore`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "netlore"


def _probing_set(class_name: str) -> ImageSet:
    name = class_name.lower()
    remedy = f"connect to a network, or use {name}, which comes with netlore, or the path of a .parquet file"
    return image_set(_download(class_name, True, f"torchvision/{name}", remedy), class_name)


def _split(class_name: str) -> Split:
    # The probe set that comes with netlore is no way out here: it is too small to learn from.
    remedy = (
        "connect to a network, or give the path of a .parquet file or of a folder of torchvision's with --data"
    )
    what = f"to be learned from, all of {class_name.lower()}"
    training, test = (image_set(_download(class_name, train, what, remedy), class_name) for train in (True, False))
    return Split(training, test, mirrors=True)


def _download(class_name: str, train: bool, what: str, remedy: str) -> Any:
    """Training or test images of a data set of torchvision, from the cache or the network.

    Args:
        class_name: The data set's class in `torchvision.datasets`.
        train: Whether the training images are wanted.
        what: The words for what is wanted, and
        remedy: those for what else can be done, in the message if it cannot be had.

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
