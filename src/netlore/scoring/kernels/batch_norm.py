"""Batch norm with batch statistics, its Jacobian, and how that changes.

y = w h + b with h = (x - mean(x)) r and r = 1 / sqrt(var(x) + epsilon), means over batch and positions, per
channel. The Jacobian J v = w r (v - mean(v) - h mean(h v)) is symmetric.
"""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.scoring.kernels.channelwise import combined, moments, nothing_known, statistics, with_rows
from netlore.scoring.kernels.convolution import is_channels_last

_aten = torch.ops.aten
Known = tuple[Tensor, Tensor | None, Tensor, Tensor]
"""Input, weight w, mean and inverse deviation r."""


def normalised(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """y, the mean and r; x is (N, C, ...)."""
    if not is_channels_last(x):
        found: tuple[Tensor, Tensor, Tensor] = torch.native_batch_norm(
            x, weight, bias, None, None, True, 0.0, epsilon
        )
        return found
    known = statistics(x, epsilon)
    factor = known.scale if weight is None else weight * known.scale
    offset = -known.mean * factor
    return combined(offset if bias is None else offset + bias, (factor, x)), known.mean, known.scale


def jacobian(
    v: Tensor, x: Tensor, weight: Tensor | None, mean: Tensor, scale: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """J v, and for each channel the sums of h v and of v."""
    if not is_channels_last(x):
        found: tuple[Tensor, Tensor, Tensor] = _aten.native_batch_norm_backward(
            v, x, weight, None, None, mean, scale, True, 0.0, [True, True, True]
        )
        return found
    v = v.contiguous(memory_format=torch.channels_last)
    of_v, products = moments(v, x, with_rows(mean, scale, x))
    count = x.numel() // x.shape[1]
    w = scale if weight is None else weight * scale
    factor = -w * scale * products
    return combined(-w * of_v - factor * mean, (factor, x), (w, v)), products * count, of_v * count


def change_of_jacobian(
    g: Tensor, dx: Tensor, back: Tensor, x: Tensor, weight: Tensor | None, mean: Tensor, scale: Tensor
) -> Tensor:
    """J' g as x changes along dx: -r (q J g + w c h' + w e h), where `back` is J g.

    h' = r (dx - mean(dx) - h q), q = mean(h dx), c = mean(h g), e = mean(h' g).
    """
    of_dx, q = _means(dx, x, mean, scale)
    of_g, c = _means(g, x, mean, scale)
    e = scale * (_mean_of_product(g, dx) - of_dx * of_g - q * c)
    w = scale if weight is None else weight * scale
    # h' and h written out in dx and x.
    of_change = -w * c * scale
    of_input = -of_change * q * scale - w * e * scale
    return _combined(-of_change * of_dx - of_input * mean, (of_input, x), (of_change, dx), (-scale * q, back))


def _means(v: Tensor, x: Tensor, mean: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    """mean(v) and mean(h v)."""
    if is_channels_last(x):
        return moments(v.contiguous(memory_format=torch.channels_last), x, with_rows(mean, scale, x))
    _, products, sums = _aten.native_batch_norm_backward(
        v, x, torch.ones_like(mean), None, None, mean, scale, True, 0.0, [False, True, True]
    )
    count = x.numel() // x.shape[1]
    return sums / count, products / count


def _mean_of_product(v: Tensor, u: Tensor) -> Tensor:
    if is_channels_last(u):
        return moments(v.contiguous(memory_format=torch.channels_last), u, nothing_known(u))[1]
    return (v * u).mean([0, *range(2, u.ndim)])


def _combined(offset: Tensor, *terms: tuple[Tensor, Tensor]) -> Tensor:
    """offset + sum of factor * activations, per channel."""
    if is_channels_last(terms[0][1]):
        rows = [(factor, one.contiguous(memory_format=torch.channels_last)) for factor, one in terms]
        return combined(offset, *rows)
    shape = (-1, *[1] * (terms[0][1].ndim - 2))
    found = offset.view(shape) + terms[0][0].view(shape) * terms[0][1]
    for factor, activations in terms[1:]:
        found.addcmul_(factor.view(shape), activations)
    return found
