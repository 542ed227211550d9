"""The probe sets that come with netlore: about one per cent of CIFAR-10 and CIFAR-100.

What they are, how they were chosen and their terms: bundled/DATA_CARD.md.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

from netlore.data.image_set import Channels, ImageSet
from netlore.data.sources.parquet import read_parquet_with_statistics

# Channel means and standard deviations over all 50,000 training images, on the scale [0, 1]: the published values.
CIFAR10_MEAN: Channels = (0.49140, 0.48216, 0.44653)
CIFAR10_STD: Channels = (0.24703, 0.24349, 0.26159)
CIFAR100_MEAN: Channels = (0.50708, 0.48655, 0.44092)
CIFAR100_STD: Channels = (0.26733, 0.25644, 0.27615)


def cifar10(seed: int) -> ImageSet:
    """The probe set of CIFAR-10: 640 training images, 64 a class, 32 x 32 pixels. The seed plays no part."""
    return read_parquet_with_statistics(_bundled("cifar10-probe.parquet"), CIFAR10_MEAN, CIFAR10_STD)


def cifar100(seed: int) -> ImageSet:
    """The probe set of CIFAR-100: 600 training images, 6 a class, 32 x 32 pixels. The seed plays no part."""
    return read_parquet_with_statistics(_bundled("cifar100-probe.parquet"), CIFAR100_MEAN, CIFAR100_STD)


def _bundled(name: str) -> Traversable:
    """A file of the installed package, whatever it is installed as."""
    return files("netlore.data") / "bundled" / name
