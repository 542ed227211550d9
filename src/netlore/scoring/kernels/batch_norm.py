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
    """J v, and for each channel the means of v and of h v."""
    count = x.numel() // x.shape[1]
    if not is_channels_last(x):
        back, products, sums = _aten.native_batch_norm_backward(
            v, x, weight, None, None, mean, scale, True, 0.0, [True, True, True]
        )
        return back, sums / count, products / count
    v = v.contiguous(memory_format=torch.channels_last)
    of_v, products = moments(v, x, with_rows(mean, scale, x))
    w = scale if weight is None else weight * scale
    factor = -w * scale * products
    return combined(-w * of_v - factor * mean, (factor, x), (w, v)), of_v, products


def change_of_adjoint(
    g: Tensor,
    dg: Tensor | None,
    dx: Tensor | None,
    back: Tensor,
    of_g: tuple[Tensor, Tensor],
    of_dx: tuple[Tensor, Tensor],
    known: Known,
) -> Tensor | None:
    """(J g)' = J g' - r (q J g + w c h' + w e h) as g and x change by `dg` and `dx`, where `back` is J g.

    h' = r (dx - mean(dx) - h q), q = mean(h dx), c = mean(h g), e = mean(h' g). Of g and dx the means are given,
    of themselves and of their products with h; what does not change is None.
    """
    x, weight, mean, scale = known
    w = scale if weight is None else weight * scale
    terms: list[tuple[Tensor, Tensor]] = []
    offset = of_input = torch.zeros_like(mean)
    if dg is not None:
        of_dg, products = means(dg, x, mean, scale)
        of_input = -w * scale * products
        offset = -w * of_dg
        terms.append((w, dg))
    if dx is not None:
        (m, q), (of_gradient, c) = of_dx, of_g
        e = scale * (_mean_of_product(g, dx) - m * of_gradient - q * c)
        # h' and h written out in dx and x.
        of_change = -w * c * scale
        of_input = of_input - of_change * q * scale - w * e * scale
        offset = offset - of_change * m
        terms += [(of_change, dx), (-scale * q, back)]
    return _combined(offset - of_input * mean, (of_input, x), *terms) if terms else None


def means(v: Tensor, x: Tensor, mean: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
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
