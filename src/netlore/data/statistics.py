"""Channel means and standard deviations, computed exactly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from netlore.data.image_set import Channels, ImageSource

MOST_IMAGES = 2_000
# A sample of large pictures is read in portions of this many bytes, so that memory stays bounded.
_PORTION_BYTES = 2**26


def channel_statistics(images: ImageSource, count: int) -> tuple[Channels, Channels]:
    """Mean and standard deviation of each channel on the scale [0, 1].

    All images are used if there are at most 2,000, otherwise 2,000 of them, chosen with a fixed seed: the
    statistics belong to the data set and never depend on the seed of a run. The standard deviation is that of
    the pixels (divided by n, not n - 1), as in the published values for CIFAR. Sums are kept in integers, so the
    result does not depend on how the sample is portioned. Example: one black and one white image have the mean 0.5
    and the standard deviation 0.5.

    Args:
        images: Pictures with uint8 pixels.
        count: How many there are.

    Returns:
        The means and the standard deviations of red, green and blue.
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


def _moments(histogram: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Mean and standard deviation, on the scale [0, 1], of pixel values that occur so many times, shape (256,)."""
    values = np.arange(256, dtype=np.int64)
    pixels = int(histogram.sum())
    total = int((values * histogram).sum())
    squares = int((values**2 * histogram).sum())
    variance = (squares * pixels - total**2) / pixels**2
    return total / pixels / 255, float(variance**0.5) / 255
