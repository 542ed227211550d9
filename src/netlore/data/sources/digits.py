"""scikit-learn's handwritten digits, small and free, in the form of CIFAR: a task of a minute on a laptop."""

from __future__ import annotations

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from netlore.data.hold_out import hold_out, measured
from netlore.data.image_set import ArrayImages, ImageSet, int64, numbered
from netlore.data.split import Split, paired
from netlore.data.statistics import channel_statistics

RESOLUTION = 32
HELD_OUT = 0.2


def digits(seed: int) -> ImageSet:
    """The 1,797 grey digits of 8 x 8 pixels, enlarged to 32 x 32. The seed plays no part.

    Enlarged bilinearly and with three equal channels, so that the design space of CIFAR and its FLOPs budget apply
    unchanged. Values 0..16 become 0..255: 16 is white, 8 is 128 before enlarging. Normalised by the set's own
    statistics.
    """
    data = load_digits()
    grey = np.rint(data.images * (255 / 16)).astype(np.uint8)
    size = (RESOLUTION, RESOLUTION)
    enlarged = np.stack([np.asarray(Image.fromarray(g).resize(size, Image.Resampling.BILINEAR)) for g in grey])
    images = ArrayImages(np.repeat(enlarged[..., np.newaxis], 3, axis=3))
    mean, std = channel_statistics(images, len(enlarged))
    return ImageSet(images, int64(data.target), numbered(10), mean, std)


def digits_split(seed: int) -> Split:
    """1,438 digits to learn from and 359 to judge by, a fifth of each class. The seed plays no part.

    Normalised by the statistics of the former. The mirror image of a digit is none.
    """
    training, validation = hold_out(digits(seed), HELD_OUT)
    return paired(measured(training), validation, mirrors=False)
