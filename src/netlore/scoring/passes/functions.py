"""Activations and batch norm, with derivatives of derivatives that are cheap; see `linear_maps`.

Batch norm with batch statistics has a symmetric Jacobian J (`kernels.batch_norm`): y' = J x', dL/dx = J g, and
(dL/dx)' = J g' + J' g.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd import Function

from netlore.scoring.kernels.batch_norm import change_of_adjoint, jacobian, means, normalised
from netlore.scoring.passes.derivatives import unpack_dual

_aten = torch.ops.aten


class Clamp(Function):
    """max(x, 0), or what is between two bounds, in place or not; its mask is found from the output."""

    @staticmethod
    def forward(x: Tensor, bounds: tuple[float, float] | None, inplace: bool) -> Tensor:
        if bounds is None:
            return x.relu_() if inplace else x.relu()
        return x.clamp_(*bounds) if inplace else x.clamp(*bounds)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, ctx.bounds, ctx.inplace = inputs
        if ctx.inplace:
            ctx.mark_dirty(x)
        ctx.save_for_backward(output)
        ctx.save_for_forward(output)

    @staticmethod
    @torch.no_grad()
    def jvp(ctx: Any, dx: Tensor, *_: None) -> Tensor:
        (y,) = ctx.saved_tensors
        masked = _masked(dx, y, ctx.bounds)
        return dx.copy_(masked) if ctx.inplace else masked

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        return _ClampAdjoint.apply(gradient, *ctx.saved_tensors, ctx.bounds), None, None


class _ClampAdjoint(Function):
    """The gradient where the output is inside its bounds."""

    @staticmethod
    def forward(gradient: Tensor, y: Tensor, bounds: tuple[float, float] | None) -> Tensor:
        return _masked(gradient, y, bounds)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        _, y, ctx.bounds = inputs
        ctx.save_for_forward(y)

    @staticmethod
    @torch.no_grad()
    def jvp(ctx: Any, dgradient: Tensor, *_: Tensor | None) -> Tensor:
        (y,) = ctx.saved_tensors
        return _masked(dgradient, y, ctx.bounds)


def _masked(gradient: Tensor, y: Tensor, bounds: tuple[float, float] | None) -> Tensor:
    found: Tensor = (
        _aten.threshold_backward(gradient, y, 0)
        if bounds is None
        else _aten.hardtanh_backward(gradient, y, *bounds)
    )
    return found


class Plain(Function):
    """The same, with a tangent that nothing leads back from, so that the graph behind it is not kept."""

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x.detach()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        pass

    @staticmethod
    @torch.no_grad()
    def jvp(ctx: Any, dx: Tensor) -> Tensor:
        return dx.detach()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient


_LARGE = 1_000_000  # bytes


def plain(found: Any, args: tuple[Any, ...]) -> Any:
    """What torch's own operation made of its arguments, as `Plain` if it is a large tensor with such a graph."""
    if type(found) is not Tensor or found.nbytes < _LARGE or not found.requires_grad:
        return found
    if found._is_view() or any(found is arg for arg in args):
        return found
    tangent = unpack_dual(found).tangent
    return found if tangent is None or not tangent.requires_grad else Plain.apply(found)


@dataclass(frozen=True)
class Activation:
    """A function f of each entry alone, its adjoint f'(x) g, and f''."""

    value: Callable[[Tensor], Tensor]
    adjoint: Callable[[Tensor, Tensor], Tensor]
    bend: Callable[[Tensor], Tensor]

    def __call__(self, input: Tensor, inplace: bool = False) -> Tensor:  # noqa: A002 - torch's names
        """As torch's function; only the input is kept for the derivatives."""
        found: Tensor = _Elementwise.apply(input.clone() if inplace else input, self)
        return input.copy_(found) if inplace else found


class _Elementwise(Function):
    """f(x)."""

    @staticmethod
    def forward(x: Tensor, f: Activation) -> Tensor:
        return f.value(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, ctx.f = inputs
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)

    @staticmethod
    @torch.no_grad()
    def jvp(ctx: Any, dx: Tensor, _: None) -> Tensor:
        found: Tensor = ctx.f.adjoint(dx, *ctx.saved_tensors)
        return found

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _ElementwiseAdjoint.apply(gradient, *ctx.saved_tensors, ctx.f), None


class _ElementwiseAdjoint(Function):
    """f'(x) g."""

    @staticmethod
    def forward(gradient: Tensor, x: Tensor, f: Activation) -> Tensor:
        return f.adjoint(gradient, x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        gradient, x, ctx.f = inputs
        ctx.save_for_forward(gradient, x)
        ctx.set_materialize_grads(False)

    @staticmethod
    @torch.no_grad()
    def jvp(ctx: Any, dgradient: Tensor | None, dx: Tensor | None, _: None) -> Tensor | None:
        gradient, x = ctx.saved_tensors
        found: Tensor | None = None if dgradient is None else ctx.f.adjoint(dgradient, x)
        if dx is not None:
            bend = ctx.f.bend(x).mul_(gradient).mul_(dx)
            found = bend if found is None else found.add_(bend)
        return found


def _silu_bend(x: Tensor) -> Tensor:
    s = x.sigmoid()
    return s * (1 - s) * (2 + x * (1 - 2 * s))


def _mish_bend(x: Tensor) -> Tensor:
    s, t = x.sigmoid(), F.softplus(x).tanh()
    return s * (1 - t * t) * (2 + x * (1 - s - 2 * t * s))


SILU = Activation(F.silu, _aten.silu_backward, _silu_bend)
MISH = Activation(F.mish, _aten.mish_backward, _mish_bend)
HARDSIGMOID = Activation(F.hardsigmoid, _aten.hardsigmoid_backward, torch.zeros_like)
HARDSWISH = Activation(F.hardswish, _aten.hardswish_backward, lambda x: ((x > -3) & (x < 3)).to(x.dtype) / 3)


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
