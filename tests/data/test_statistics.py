from __future__ import annotations

import numpy as np
import pytest

from netlore.data import ArrayImages, channel_statistics, statistics


def random_images(count: int) -> ArrayImages:
    return ArrayImages(np.random.default_rng(0).integers(0, 256, (count, 4, 4, 3), dtype=np.uint8))


def test_one_black_and_one_white_image_by_hand():
    pixels = np.zeros((2, 1, 1, 3), dtype=np.uint8)
    pixels[1] = 255
    assert channel_statistics(ArrayImages(pixels), 2) == ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def test_statistics_equal_numpys_in_float64():
    images = random_images(50)
    mean, std = channel_statistics(images, 50)
    scaled = images.pixels.astype(np.float64) / 255
    assert mean == pytest.approx(scaled.mean((0, 1, 2)), rel=1e-12)
    assert std == pytest.approx(scaled.std((0, 1, 2)), rel=1e-12)


def test_portions_do_not_change_the_result(monkeypatch):
    images = random_images(50)
    whole = channel_statistics(images, 50)
    monkeypatch.setattr(statistics, "_PORTION_BYTES", 7 * 3 * 4 * 4)
    assert channel_statistics(images, 50) == whole


def test_of_many_images_a_fixed_sample_of_2000_is_read():
    class Counting(ArrayImages):
        def read(self, indices):
            read.extend(indices.tolist())
            return super().read(indices)

    read: list[int] = []
    images = Counting(random_images(2_500).pixels)
    first = channel_statistics(images, 2_500)
    assert len(set(read)) == len(read) == 2_000
    assert channel_statistics(images, 2_500) == first
