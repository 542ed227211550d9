from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from netlore.data import load


def test_all_digits_in_the_form_of_cifar():
    data = load("digits")
    pixels = data.images.read(np.arange(len(data)))
    assert pixels.shape == (1_797, 32, 32, 3) and pixels.dtype == np.uint8
    assert (pixels[..., :1] == pixels).all()
    assert data.class_names == tuple("0123456789")
    assert data.labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]


def test_pixels_are_the_bilinear_enlargement_by_four():
    source = load_digits().images[0] * (255 / 16)
    # Output pixel i has its centre at (i + 1/2) / 4 - 1/2 of the source; beyond the border the border goes on.
    position = np.clip((np.arange(32) + 0.5) / 4 - 0.5, 0, 7)
    rows = np.stack([np.interp(position, np.arange(8), row) for row in source])
    expected = np.stack([np.interp(position, np.arange(8), column) for column in rows.T]).T
    assert np.abs(load("digits").images.read(np.array([0]))[0, :, :, 0] - expected).max() <= 1.5


def test_statistics_are_those_of_the_set():
    data = load("digits")
    pixels = data.images.read(np.arange(len(data))) / 255
    assert data.mean == pytest.approx((pixels.mean(),) * 3)
    assert data.std == pytest.approx((pixels.std(),) * 3)
