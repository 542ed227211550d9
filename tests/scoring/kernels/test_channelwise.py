"""Channel arithmetic on rows of several positions against the plain formulas."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from netlore.scoring.kernels.channelwise import (
    EPSILON,
    ROW,
    _rows,
    combined,
    moments,
    nothing_known,
    statistics,
)

# One channel, few, an odd number, as many as make a row, more; positions that divide by two often, once, never.
SHAPES = [(4, 1, 8, 8), (4, 2, 8, 8), (3, 3, 5, 7), (2, 5, 3, 3), (2, 4, 1, 1), (1, 128, 4, 4), (3, 200, 3, 5)]


def activations(shape: tuple[int, ...], seed: int) -> Tensor:
    """Channels last, float64, every channel with a mean and a deviation of its own."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(shape, generator=generator, dtype=torch.float64)
    scales, shifts = torch.rand(2, shape[1], 1, 1, generator=generator, dtype=torch.float64) * 3
    return (values * (scales + 0.1) + shifts).contiguous(memory_format=torch.channels_last)


def wide(vector: Tensor) -> Tensor:
    return vector.view(1, -1, 1, 1)


def per_channel(values: Tensor) -> Tensor:
    return values.mean(dim=(0, 2, 3))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_statistics_are_mean_and_inverse_deviation(shape: tuple[int, ...]) -> None:
    y = activations(shape, 0)
    known = statistics(y)
    torch.testing.assert_close(known.mean, per_channel(y), rtol=1e-12, atol=1e-12)
    variance = per_channel((y - wide(per_channel(y))).square())
    torch.testing.assert_close(known.scale, (variance + EPSILON).rsqrt(), rtol=1e-12, atol=0)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_moments_are_means_of_v_and_of_v_times_the_normalised(shape: tuple[int, ...]) -> None:
    y, v = activations(shape, 0), activations(shape, 1)
    known = statistics(y)
    h = (y - wide(known.mean)) * wide(known.scale)
    for found, expected in zip(moments(v, y, known), (v, v * h), strict=True):
        torch.testing.assert_close(found, per_channel(expected), rtol=1e-11, atol=1e-12)
    torch.testing.assert_close(moments(v, y, nothing_known(y))[1], per_channel(v * y), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_terms_are_combined_channel_by_channel(shape: tuple[int, ...]) -> None:
    x, y, z = (activations(shape, seed) for seed in range(3))
    a, b, c, d = activations((4, shape[1], 1, 1), 3)[:, :, 0, 0]
    expected = wide(a) + wide(b) * x + wide(c) * y + wide(d) * z
    found = combined(a, (b, x), (c, y), (d, z))
    torch.testing.assert_close(found, expected, rtol=1e-13, atol=1e-13)
    assert found.is_contiguous(memory_format=torch.channels_last)


def test_rows_are_filled_as_far_as_positions_divide() -> None:
    assert _rows(torch.zeros(4, 2, 8, 8)).shape == (4, ROW)
    assert _rows(torch.zeros(1, 128, 4, 4)).shape == (16, 128)
    assert _rows(torch.zeros(3, 3, 5, 7)).shape == (105, 3)
