"""ReLU and batch norm, with derivatives of derivatives that are cheap; see `linear_maps`.

Batch norm with batch statistics has a symmetric Jacobian J (`kernels.batch_norm`): y' = J x', dL/dx = J g, and
(dL/dx)' = J g' + J' g.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from netlore.scoring.kernels.batch_norm import change_of_adjoint, jacobian, means, normalised

_aten = torch.ops.aten


class Relu(Function):
    """max(x, 0), in place or not."""

    @staticmethod
    def forward(x: Tensor, inplace: bool) -> Tensor:
        return x.relu_() if inplace else x.relu()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        if inputs[1]:
            ctx.mark_dirty(inputs[0])
        ctx.inplace = inputs[1]
        ctx.save_for_backward(output)
        ctx.save_for_forward(output)

    @staticmethod
    @torch.no_grad()
    def jvp(ctx: Any, dx: Tensor, _: None) -> Tensor:
        (y,) = ctx.saved_tensors
        if not ctx.inplace:
            return _masked(dx, y)
        found: Tensor = _aten.threshold_backward.grad_input(dx, y, 0, grad_input=dx)
        return found

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _ReluAdjoint.apply(gradient, *ctx.saved_tensors), None


class _ReluAdjoint(Function):
    """The gradient where the output is positive."""

    @staticmethod
    def forward(gradient: Tensor, y: Tensor) -> Tensor:
        return _masked(gradient, y)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        ctx.save_for_forward(inputs[1])

    @staticmethod
    @torch.no_grad()
    def jvp(ctx: Any, dgradient: Tensor, _: Tensor | None) -> Tensor:
        return _masked(dgradient, *ctx.saved_tensors)


def _masked(gradient: Tensor, y: Tensor) -> Tensor:
    found: Tensor = _aten.threshold_backward(gradient, y, 0)
    return found


class BatchNorm(Function):
    """Batch norm with the statistics of the batch; its weight and bias do not change along the direction."""

    @staticmethod
    def forward(
        x: Tensor, weight: Tensor | None, bias: Tensor | None, epsilon: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        return normalised(x, weight, bias, epsilon)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        x, weight, _, _ = inputs
        _, mean, scale = output
        ctx.mark_non_differentiable(mean, scale)
        ctx.save_for_backward(x, weight, mean, scale)
        ctx.save_for_forward(x, weight, mean, scale)
        ctx.set_materialize_grads(False)

    @staticmethod
    @torch.no_grad()
    def jvp(ctx: Any, dx: Tensor | None, *_: None) -> tuple[Tensor | None, None, None]:
        if dx is None:
            return None, None, None
        tangent, *ctx.of_dx = jacobian(dx, *ctx.saved_tensors)
        return tangent, None, None

    @staticmethod
    def backward(ctx: Any, gradient: Tensor | None, *_: Tensor | None) -> tuple[Tensor | None, ...]:
        if gradient is None:
            return None, None, None, None
        saved = ctx.saved_tensors  # once, since checkpointing finds them again at each look
        dx, mean, products = _BatchNormAdjoint.apply(gradient, *saved, getattr(ctx, "of_dx", None))
        count = gradient.numel() // gradient.shape[1]
        of_weight, of_bias = ctx.needs_input_grad[1:3]
        return dx, products * count if of_weight else None, mean * count if of_bias else None, None


class _BatchNormAdjoint(Function):
    """dL/dx of batch norm, and the means of the gradient and of its products with h, which need no tangents."""

    @staticmethod
    def forward(
        gradient: Tensor, x: Tensor, weight: Tensor | None, mean: Tensor, scale: Tensor, of_dx: Any
    ) -> tuple[Tensor, Tensor, Tensor]:
        return jacobian(gradient, x, weight, mean, scale)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        *tensors, ctx.of_dx = inputs
        ctx.save_for_forward(*tensors, *output)
        ctx.mark_non_differentiable(*output[1:])
        ctx.set_materialize_grads(False)

    @staticmethod
    @torch.no_grad()
    def jvp(ctx: Any, dgradient: Tensor | None, dx: Tensor | None, *_: None) -> tuple[Tensor | None, None, None]:
        gradient, x, weight, mean, scale, back, *of_g = ctx.saved_tensors
        known = (x, weight, mean, scale)
        of_dx = ctx.of_dx or (() if dx is None else means(dx, x, mean, scale))
        return change_of_adjoint(gradient, dgradient, dx, back, tuple(of_g), tuple(of_dx), known), None, None
