"""scikit-learn's handwritten digits, small and free, in the form of CIFAR."""

from __future__ import annotations

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from netlore.data.image_set import ArrayImages, ImageSet, int64, numbered
from netlore.data.statistics import channel_statistics

RESOLUTION = 32


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
