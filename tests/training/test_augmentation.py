"""Augmentation, against cropping and mirroring image by image."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.transforms import v2

from netlore.training.augmentation import as_input, draw_mask, draw_shifts, mixed, normalised, shifted


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


def test_mixup_s_shares_have_the_beta_distribution_s_mean_and_variance() -> None:
    rng = np.random.default_rng(0)
    masks = [draw_mask(2, 0.4, 0.0, rng) for _ in range(4000)]
    assert all(float(mask.min()) == float(mask.max()) for mask in masks)
    shares = np.asarray([float(mask[0, 0]) for mask in masks])
    assert abs(shares.mean() - 0.5) < 0.02
    # Of Beta(a, a): 1 / (4 (2 a + 1)).
    assert abs(shares.var() - 1 / (4 * 1.8)) < 0.005


def test_cutmix_cuts_a_square_that_may_be_clipped_at_the_border() -> None:
    rng, areas, touched = np.random.default_rng(0), [], torch.zeros(8, 8)
    for _ in range(2000):
        mask = draw_mask(8, 0.0, 1.0, rng)
        hole = mask == 0
        assert set(mask.unique().tolist()) <= {0.0, 1.0}
        rows, columns = hole.any(dim=1), hole.any(dim=0)
        assert torch.equal(hole, rows[:, None] & columns[None, :])
        areas.append(float(hole.float().mean()))
        touched += hole
        sizes = {int(rows.sum()), int(columns.sum())}
        inside = not (hole[0].any() or hole[-1].any() or hole[:, 0].any() or hole[:, -1].any())
        assert len(sizes) == 1 or not inside
    assert bool((touched > 0).all()) and 0.1 < np.mean(areas) < 0.5


def test_with_both_a_coin_decides() -> None:
    rng = np.random.default_rng(0)
    cut = [set(draw_mask(32, 1.0, 1.0, rng).unique().tolist()) <= {0.0, 1.0} for _ in range(500)]
    assert 200 < sum(cut) < 300


def test_images_are_mixed_as_torchvision_mixes_them() -> None:
    images = torch.rand(5, 3, 6, 6)
    first, second = (one.permute(0, 2, 3, 1) for one in (images, images.roll(1, 0)))
    given = {"labels": None, "batch_size": 5}
    expected = v2.MixUp(num_classes=2).transform(images, {**given, "lam": 0.3})
    found = mixed(first, second, torch.full((6, 6), 0.3))
    torch.testing.assert_close(found.permute(0, 3, 1, 2), expected)
    mask = torch.ones(6, 6)
    mask[1:4, 2:6] = 0
    expected = v2.CutMix(num_classes=2).transform(images, {**given, "box": (2, 1, 6, 4)})
    assert torch.equal(mixed(first, second, mask).permute(0, 3, 1, 2), expected)
