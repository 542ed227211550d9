"""Channel means and standard deviations, computed exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from netlore.arguments import validated
from netlore.data.image_set import ArrayImages, Channels, ImageSet, ImageSource, int64, numbered
from netlore.errors import UnreadableData

MOST_IMAGES = 2_000
# A sample of large pictures is read in portions of this many bytes, so that memory stays bounded.
_PORTION_BYTES = 2**26


@validated
def channel_statistics(images: ImageSource, count: int) -> tuple[Channels, Channels]:
    """Mean and standard deviation of each channel on the scale [0, 1].

    All images are used if there are at most 2,000, otherwise 2,000 of them, chosen with a fixed seed: the
    statistics belong to the data set and never depend on the seed of a run. The standard deviation is that of
    the pixels (divided by n, not n - 1), as in the published values for CIFAR. Sums are kept in integers, so the
    result does not depend on how the sample is portioned. Example: one black and one white image have the mean 0.5
    and the standard deviation 0.5.

    From `count` pictures with uint8 pixels to the means and the standard deviations of red, green and blue.
    """
    sample = np.arange(count, dtype=np.int64)
    if count > MOST_IMAGES:
        sample = np.sort(np.random.default_rng(0).choice(sample, MOST_IMAGES, replace=False))
    portion = max(1, _PORTION_BYTES // (3 * images.resolution**2))
    # How often each of the 256 values occurs holds everything that both moments need.
    histogram = np.zeros((3, 256), dtype=np.int64)
    for start in range(0, sample.size, portion):
        pixels = images.read(sample[start : start + portion])
        for channel in range(3):
            histogram[channel] += np.bincount(pixels[..., channel].ravel(), minlength=256)
    red, green, blue = (_moments(row) for row in histogram)
    return (red[0], green[0], blue[0]), (red[1], green[1], blue[1])


@validated
def image_set(
    pixels: npt.NDArray[Any], labels: Sequence[int] | npt.NDArray[Any], class_names: Sequence[str] = ()
) -> ImageSet:
    """Images that are in memory as a data set, normalised by their own statistics.

    Pixels are uint8 in 0..255, shape (M, R, R, 3); labels the class of each image, from 0, shape (M,). Without
    names, classes are called "0", "1", ... up to the largest label.

    Raises:
        UnreadableData: The images are not square, in RGB and uint8, or the labels do not fit them.

    >>> black_and_white = np.stack([np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)])
    >>> image_set(black_and_white, [0, 1]).mean
    (0.5, 0.5, 0.5)
    """
    if pixels.dtype != np.uint8:
        raise UnreadableData(f"pixels must be uint8 in 0..255, but are {pixels.dtype}; convert them first.")
    images, classes = ArrayImages(pixels), int64(labels)
    if len(classes) != len(pixels):
        raise UnreadableData(f"{len(pixels)} images have {len(classes)} labels; give one for each image.")
    mean, std = channel_statistics(images, len(pixels))
    return ImageSet(images, classes, tuple(class_names) or numbered(int(classes.max(initial=0)) + 1), mean, std)


def _moments(histogram: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Mean and standard deviation, on the scale [0, 1], from how often each pixel value occurs, shape (256,)."""
    values = np.arange(256, dtype=np.int64)
    pixels = int(histogram.sum())
    total = int((values * histogram).sum())
    squares = int((values**2 * histogram).sum())
    variance = (squares * pixels - total**2) / pixels**2
    return total / pixels / 255, float(variance**0.5) / 255
