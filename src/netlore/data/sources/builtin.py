"""Data sets that need no download: the bundled probe sets, scikit-learn's digits, and noise. No seed but noise's
plays a part."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from netlore.data.image_set import Channels, ImageSet, Indices, int64, numbered
from netlore.data.sources.parquet import read_parquet_files
from netlore.data.split import Split, hold_out, measured, paired
from netlore.data.statistics import image_set

# Channel means and standard deviations over all 50,000 training images, on the scale [0, 1]: the published values.
CIFAR10_STATISTICS: tuple[Channels, Channels] = (0.49140, 0.48216, 0.44653), (0.24703, 0.24349, 0.26159)
CIFAR100_STATISTICS: tuple[Channels, Channels] = (0.50708, 0.48655, 0.44092), (0.26733, 0.25644, 0.27615)


def cifar10(seed: int) -> ImageSet:
    """The probe set of CIFAR-10: 640 training images, 64 a class, 32 x 32 pixels; see bundled/DATA_CARD.md."""
    return _bundled("cifar10-probe.parquet", CIFAR10_STATISTICS)


def cifar100(seed: int) -> ImageSet:
    """The probe set of CIFAR-100: 600 training images, 6 a class, 32 x 32 pixels; see bundled/DATA_CARD.md."""
    return _bundled("cifar100-probe.parquet", CIFAR100_STATISTICS)


def digits(seed: int) -> ImageSet:
    """The 1,797 grey digits of 8 x 8 pixels, enlarged to 32 x 32.

    Enlarged bilinearly and with three equal channels, so that the design space of CIFAR and its FLOPs budget apply
    unchanged. Values 0..16 become 0..255: 16 is white, 8 is 128 before enlarging. Normalised by the set's own
    statistics.
    """
    from PIL import Image
    from sklearn.datasets import load_digits  # slow to import

    data = load_digits()
    grey = np.rint(data.images * (255 / 16)).astype(np.uint8)
    enlarged = [np.asarray(Image.fromarray(g).resize((32, 32), Image.Resampling.BILINEAR)) for g in grey]
    return image_set(np.repeat(np.stack(enlarged)[..., np.newaxis], 3, axis=3), data.target)


def digits_split(seed: int) -> Split:
    """1,438 digits to learn from and 359 to judge by, a fifth of each class.

    Normalised by the statistics of the former. The mirror image of a digit is none.
    """
    training, validation = hold_out(digits(seed), 0.2)
    return paired(measured(training), validation, mirrors=False)


def noise(seed: int) -> ImageSet:
    """10,000 standard normal images, 32 x 32 pixels, with labels 0, 1, ..., 9, 0, 1, ... that mean nothing.

    They are used as they are: mean 0 and standard deviation 1 are theirs already.
    """
    labels = int64(np.arange(10_000) % 10)
    return ImageSet(NoiseImages(seed, 32), labels, numbered(10), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


@dataclass(frozen=True)
class NoiseImages:
    """Standard normal images, made when they are asked for; image i is a function of (seed, i) alone."""

    seed: int
    resolution: int

    def read(self, indices: Indices) -> npt.NDArray[np.float32]:
        """The images of these numbers, shape (n, R, R, 3), float32."""
        shape = (self.resolution, self.resolution, 3)
        images = np.empty((len(indices), *shape), dtype=np.float32)
        for position, index in enumerate(indices):
            # A spawn key, since the sequences (seed,) and (seed, 0) would seed the same stream.
            source = np.random.SeedSequence(self.seed, spawn_key=(int(index),))
            images[position] = np.random.default_rng(source).standard_normal(shape, dtype=np.float32)
        return images


def _bundled(name: str, statistics: tuple[Channels, Channels]) -> ImageSet:
    """A file of the installed package, whatever it is installed as."""
    return read_parquet_files([files("netlore.data") / "bundled" / name], statistics)
