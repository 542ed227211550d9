"""Whole training sets by torchvision, downloaded once into a cache folder."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from torchvision import datasets

from netlore.data.image_set import ArrayImages, Channels, ImageSet, int64
from netlore.data.probe_set import CIFAR10_MEAN, CIFAR10_STD, CIFAR100_MEAN, CIFAR100_STD
from netlore.errors import UnreadableData


def cifar10(seed: int) -> ImageSet:
    """All 50,000 training images of CIFAR-10. The seed plays no part."""
    return _training_set("CIFAR10", CIFAR10_MEAN, CIFAR10_STD)


def cifar100(seed: int) -> ImageSet:
    """All 50,000 training images of CIFAR-100. The seed plays no part."""
    return _training_set("CIFAR100", CIFAR100_MEAN, CIFAR100_STD)


def cache_folder() -> Path:
    """Where downloads are kept: `$XDG_CACHE_HOME/netlore`, by default `~/.cache/netlore`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "netlore"


def _training_set(class_name: str, mean: Channels, std: Channels) -> ImageSet:
    data = _download(class_name, cache_folder())
    return ImageSet(ArrayImages(data.data), int64(data.targets), tuple(data.classes), mean, std)


def _download(class_name: str, folder: Path) -> Any:
    """A data set of torchvision, from the cache or the network.

    Raises:
        UnreadableData: It could not be downloaded, or what is in the cache is damaged.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # torchvision may report on stdout, which belongs to the results.
        with contextlib.redirect_stdout(sys.stderr):
            return getattr(datasets, class_name)(str(folder), train=True, download=True)
    # torchvision says "not found or corrupted" with a RuntimeError; everything of the network is an OSError.
    except (OSError, RuntimeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        name = class_name.lower()
        raise UnreadableData(
            f"torchvision/{name} must be in {folder} or be downloaded into it, but that failed ({reason}); "
            f"connect to a network, or use {name}, which comes with netlore, or the path of a .parquet file."
        ) from error
