"""Layer, group and instance norm, with derivatives of derivatives that round as the derivatives alone.

Of a row of N numbers let h = (x - mean) / scale, scale = sqrt(variance + epsilon), y = weight h + bias. The
Jacobian dh/dx is symmetric: J u = (u - mean(u) - h mean(u h)) / scale. With u = weight g, dL/dx = J u, along x'

    (J u)' = J u' - (c J u + h' mean(u h) + h mean(u h')) / scale,   h' = J x', c = mean(h x').

torch computes the gradient by another formula as soon as it has a tangent, and rounds otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.forward_ad import unpack_dual

_backward = torch.ops.aten.native_layer_norm_backward


class LayerNorm(Function):
    """Layer norm over the last axes; its weight and bias do not change along the direction."""

    @staticmethod
    def forward(
        x: Tensor, weight: Tensor | None, bias: Tensor | None, shape: list[int], epsilon: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        return torch.native_layer_norm(x, shape, weight, bias, epsilon)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        x, weight, bias, ctx.shape, _ = inputs
        ctx.mark_non_differentiable(*output[1:])
        ctx.save_for_backward(x, weight, bias, *output[1:])
        ctx.save_for_forward(x, weight, *output[1:])
        ctx.set_materialize_grads(False)

    @staticmethod
    @torch.no_grad()
    def jvp(ctx: Any, dx: Tensor | None, *_: None) -> tuple[Tensor | None, None, None]:
        if dx is None:
            return None, None, None
        x, weight, mean, inverse = ctx.saved_tensors
        tangent = _jacobian(dx, x, ctx.shape, mean, inverse)
        return tangent if weight is None else tangent.mul_(weight), None, None

    @staticmethod
    def backward(ctx: Any, gradient: Tensor | None, *_: Tensor | None) -> tuple[Tensor | None, ...]:
        if gradient is None:
            return (None,) * 5
        x, weight, bias, mean, inverse = ctx.saved_tensors
        dx, of_weight, of_bias = _LayerNormAdjoint.apply(gradient, x, weight, bias, ctx.shape, mean, inverse)
        _, wanted_of_weight, wanted_of_bias, *_ = ctx.needs_input_grad
        return dx, of_weight if wanted_of_weight else None, of_bias if wanted_of_bias else None, None, None


class _LayerNormAdjoint(Function):
    """dL/dx, and dL/dweight and dL/dbias, which need no tangents."""

    @staticmethod
    def forward(
        gradient: Tensor,
        x: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        shape: list[int],
        mean: Tensor,
        inverse: Tensor,
    ) -> tuple[Tensor | None, ...]:
        wanted = [True, weight is not None, bias is not None]
        found: tuple[Tensor | None, ...] = _backward(gradient, x, shape, mean, inverse, weight, bias, wanted)
        return found

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor | None, ...]) -> None:
        gradient, x, weight, _, ctx.shape, mean, inverse = inputs
        ctx.save_for_forward(gradient, x, weight, mean, inverse, output[0])
        ctx.mark_non_differentiable(*(one for one in output[1:] if one is not None))
        ctx.set_materialize_grads(False)

    @staticmethod
    @torch.no_grad()
    def jvp(ctx: Any, dgradient: Tensor | None, dx: Tensor | None, *_: Any) -> tuple[Tensor | None, None, None]:
        gradient, x, weight, mean, inverse, back = ctx.saved_tensors
        known = (x, ctx.shape, mean, inverse)
        found = None if dgradient is None else _jacobian(_times(dgradient, weight), *known)
        if dx is not None:
            axes = tuple(range(-len(ctx.shape), 0))
            u, h, dh = _times(gradient, weight), (x - mean) * inverse, _jacobian(dx, *known)
            bend = back * (h * dx).mean(axes, keepdim=True)
            bend = bend.add_(dh * (u * h).mean(axes, keepdim=True)).add_(h * (u * dh).mean(axes, keepdim=True))
            bend = bend.mul_(-inverse)
            found = bend if found is None else found.add_(bend)
        return found, None, None


def _times(gradient: Tensor, weight: Tensor | None) -> Tensor:
    return gradient if weight is None else gradient * weight


def _jacobian(vector: Tensor, x: Tensor, shape: list[int], mean: Tensor, inverse: Tensor) -> Tensor:
    """J times a vector."""
    found: Tensor = _backward(vector, x, shape, mean, inverse, None, None, [True, False, False])[0]
    return found


def layer_norm(
    input: Tensor,  # noqa: A002 - torch's names
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Any:
    """As torch's function."""
    shape = [*normalized_shape]
    if stay(weight, bias):
        return LayerNorm.apply(input, weight, bias, shape, eps)[0]
    return scaled_and_moved(LayerNorm.apply(input, None, None, shape, eps)[0], weight, bias, shape)


def stay(*learned: Tensor | None) -> bool:
    """Whether these do not change along the direction, as those may that are computed."""
    return all(one is None or unpack_dual(one).tangent is None for one in learned)  # type: ignore[no-untyped-call]


def scaled_and_moved(x: Tensor, weight: Tensor | None, bias: Tensor | None, shape: Sequence[int]) -> Tensor:
    """weight x + bias, both in that shape."""
    found = x if weight is None else x * weight.view(shape)
    return found if bias is None else found + bias.view(shape)


def of_channels(x: Tensor) -> tuple[int, ...]:
    """The shape of a number for each channel, the second axis."""
    return (-1, *[1] * (x.ndim - 2))


def group_norm(
    input: Tensor,  # noqa: A002 - torch's names
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Layer norm of each group."""
    shape = input.shape
    rows = input.reshape(len(input), num_groups, -1)
    found = layer_norm(rows, rows.shape[2:], eps=eps).reshape(shape)
    return scaled_and_moved(found, weight, bias, of_channels(input))


def instance_norm(
    input: Tensor,  # noqa: A002 - torch's names
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Layer norm of each channel; torch's own rules serve kept statistics, and refuse what has one number."""
    if running_mean is not None or not use_input_stats or input.ndim < 3 or input[0, 0].numel() < 2:
        return NotImplemented
    return group_norm(input, input.shape[1], weight, bias, eps)
