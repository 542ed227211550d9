"""Softmax and attention, with derivatives of derivatives that keep nothing needless.

y = softmax(x) has the symmetric Jacobian J v = y (v - <y, v>): y' = J x', dL/dx = J g, and
(dL/dx)' = J g' + y' (g - <y, g>) - y <y', g>.

torch's own tangent of softmax has a graph that leads to itself, which is freed only when all tangents are.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from netlore.scoring.passes.functions import Plain


class Softmax(Function):
    """Shares of e^x along an axis."""

    @staticmethod
    def forward(x: Tensor, dim: int) -> Tensor:
        return x.softmax(dim)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        _, ctx.dim = inputs
        ctx.save_for_backward(output)
        ctx.save_for_forward(output)

    @staticmethod
    @torch.no_grad()
    def jvp(ctx: Any, dx: Tensor, _: None) -> Tensor:
        (y,) = ctx.saved_tensors
        return _jacobian(y, dx, ctx.dim)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (y,) = ctx.saved_tensors
        return _SoftmaxAdjoint.apply(gradient, y, ctx.dim), None


class _SoftmaxAdjoint(Function):
    """J g."""

    @staticmethod
    def forward(gradient: Tensor, y: Tensor, dim: int) -> Tensor:
        return _jacobian(y, gradient, dim)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        gradient, y, ctx.dim = inputs
        ctx.save_for_forward(gradient, y)
        ctx.set_materialize_grads(False)

    @staticmethod
    @torch.no_grad()
    def jvp(ctx: Any, dgradient: Tensor | None, dy: Tensor | None, _: None) -> Tensor | None:
        gradient, y = ctx.saved_tensors
        found = None if dgradient is None else _jacobian(y, dgradient, ctx.dim)
        if dy is not None:
            mean = (y * gradient).sum(ctx.dim, keepdim=True)
            moved = dy * (gradient - mean) - y * (dy * gradient).sum(ctx.dim, keepdim=True)
            found = moved if found is None else found.add_(moved)
        return found


def _jacobian(y: Tensor, vector: Tensor, dim: int) -> Tensor:
    found: Tensor = torch.ops.aten._softmax_backward_data(vector, y, dim, y.dtype)
    return found


def softmax(
    input: Tensor,  # noqa: A002 - torch's names
    dim: int | None = None,
    _stacklevel: int = 3,
    dtype: torch.dtype | None = None,
) -> Any:
    """As torch's function."""
    if dim is None or dtype is not None:
        return NotImplemented
    return Softmax.apply(input, dim)


def softmax_of_tensor(
    input: Tensor,  # noqa: A002 - torch's names
    dim: int,
    dtype: torch.dtype | None = None,
) -> Any:
    """As the function of the same name outside `torch.nn.functional`."""
    return softmax(input, dim, dtype=dtype)


def likeness(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> tuple[Tensor, Tensor, float]:
    """q k^T / sqrt(d) + mask, with values for as many heads, and the share that dropout takes; called as torch's
    attention."""
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    if enable_gqa:
        key, value = (one.repeat_interleave(query.shape[-3] // one.shape[-3], -3) for one in (key, value))
    if is_causal:
        attn_mask = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool, device=query.device).tril()
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        attn_mask = torch.zeros_like(attn_mask, dtype=query.dtype).masked_fill(~attn_mask, -math.inf)
    found = Plain.apply((query * factor) @ key.transpose(-2, -1))
    return found if attn_mask is None else found + attn_mask, value, dropout_p


def attention(*args: Any, **kwargs: Any) -> Any:
    """softmax(q k^T / sqrt(d) + mask) v; torch's own rules serve rows that see nothing."""
    found, value, dropout = likeness(*args, **kwargs)
    if bool((found == -math.inf).all(-1).any()):
        return NotImplemented
    weights = Softmax.apply(found, -1)
    weights = torch.dropout(weights, dropout, True) if dropout else weights
    return Plain.apply(weights @ value)
