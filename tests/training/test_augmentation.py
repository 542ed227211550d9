"""Augmentation, against cropping and mirroring image by image."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from netlore.training.augmentation import as_input, draw_shifts, normalised, shifted


@given(st.integers(1, 5), st.integers(1, 7), st.integers(0, 3), st.integers(0, 10**6))
def test_every_image_is_padded_cropped_and_mirrored_by_its_own_numbers(count, resolution, padding, seed) -> None:
    rng = np.random.default_rng(seed)
    images = rng.standard_normal((count, resolution, resolution, 3)).astype(np.float32)
    top, left = rng.integers(0, 2 * padding + 1, (2, count))
    mirrored = rng.integers(0, 2, count)
    shifts = torch.from_numpy(np.stack((top, left, mirrored)))
    found = shifted(torch.from_numpy(images), padding, shifts).numpy()
    for image, row, column, flip, one in zip(images, top, left, mirrored, found, strict=True):
        padded = np.pad(image, ((padding, padding), (padding, padding), (0, 0)))
        crop = padded[row : row + resolution, column : column + resolution]
        np.testing.assert_array_equal(one, crop[:, ::-1] if flip else crop)


def test_normalisation_in_double_precision() -> None:
    pixels = torch.arange(256, dtype=torch.uint8).view(1, 16, 16, 1).expand(1, 16, 16, 3)
    mean, std = torch.tensor([0.1, 0.5, 0.9]), torch.tensor([0.2, 0.3, 0.4])
    expected = (pixels.double() / 255 - mean.double()) / std.double()
    torch.testing.assert_close(normalised(pixels, mean, std).double(), expected, atol=1e-6, rtol=0)


def test_float_images_are_not_scaled() -> None:
    images = torch.randn(2, 4, 4, 3)
    assert torch.equal(normalised(images, torch.zeros(3), torch.ones(3)), images)


def test_all_offsets_occur_equally_often_and_half_of_the_images_are_mirrored() -> None:
    top, left, mirrored = draw_shifts(9 * 2000, 1, True, torch.Generator().manual_seed(0))
    counts = torch.bincount(3 * top + left, minlength=9)
    # Standard deviation of each count is 42.
    assert counts.min() > 1800 and counts.max() < 2200
    assert 0.48 < float(mirrored.float().mean()) < 0.52


def test_offsets_do_not_depend_on_whether_images_may_be_mirrored() -> None:
    drawn = [draw_shifts(50, 4, mirror, torch.Generator().manual_seed(3)) for mirror in (True, False)]
    assert torch.equal(drawn[0][:2], drawn[1][:2])
    assert drawn[0][2].any() and not drawn[1][2].any()


def test_pixels_stay_where_they_are_for_channels_last() -> None:
    images = torch.randn(2, 5, 5, 3)
    last, first = as_input(images, True), as_input(images, False)
    assert torch.equal(last, first)
    assert last.data_ptr() == images.data_ptr() and last.is_contiguous(memory_format=torch.channels_last)
    assert first.is_contiguous()
