"""Linear maps, with derivatives of derivatives that are cheap.

Second derivatives are found as derivatives, along a direction, of the gradient: forward mode over reverse mode.
torch has both modes for most operations. Its own rules are slow for convolutions in groups and for batch norm, and
missing for a few activations and for group norm; those operations are replaced while a network is examined.

A linear map y = x * W, convolution or product, has the tangents
y' = x' * W + x * W', (dL/dx)' = W^T * g' + W'^T * g and (dL/dW)' = corr(x', g) + corr(x, g'), where g = dL/dy.
Along the weights themselves, W' = W, a term of each is already there: x * W' = y and W'^T * g = dL/dx.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, Protocol

import torch
from torch import Tensor
from torch.autograd import Function

from netlore.scoring.kernels.convolution import (
    Geometry,
    convolve,
    convolve_back,
    is_channels_last,
    merged,
    weight_gradient,
)

_aten = torch.ops.aten


class LinearMap(Protocol):
    """y = x * W and its adjoints; `positions` are the axes behind the channels."""

    positions: int

    def apply(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor: ...
    def back(self, gradient: Tensor, x: Tensor, weight: Tensor) -> Tensor: ...
    def weight_gradient(self, weight: Tensor, *pairs: tuple[Tensor, Tensor]) -> Tensor: ...


class Convolution:
    def __init__(self, geometry: Geometry) -> None:
        self._geometry, self.positions = geometry, len(geometry.stride)

    def apply(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return convolve(x, *self._wide(x, weight), bias)

    def back(self, gradient: Tensor, x: Tensor, weight: Tensor) -> Tensor:
        return convolve_back(_laid_out_as(x, gradient), x, *self._wide(x, weight))

    def weight_gradient(self, weight: Tensor, *pairs: tuple[Tensor, Tensor]) -> Tensor:
        pairs = tuple((_laid_out_as(x, gradient), x) for gradient, x in pairs)
        if len(pairs) > 1 and weight.numel() > pairs[0][1].numel():
            # Of large weights the kernel's time is in the weights: once for all pairs is up to 1.4 times faster.
            gradients, inputs = zip(*pairs, strict=True)
            pairs = ((torch.cat(gradients), torch.cat(inputs)),)
        return _total(weight_gradient(gradient, x, weight, self._geometry) for gradient, x in pairs)

    def _wide(self, x: Tensor, weight: Tensor) -> tuple[Tensor, Geometry]:
        """The weight and the numbers to convolve activations with."""
        if self._geometry.groups == 1 or self._geometry.transposed or not is_channels_last(x):
            return weight, self._geometry
        wide, groups = merged(weight.contiguous(), self._geometry.groups)
        return wide, self._geometry.with_groups(groups)


class Product:
    positions = 0

    def apply(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        # In rows, since of more axes torch decides by flags of the graph in which order it adds up.
        found: Tensor = _aten.linear(x.reshape(-1, x.shape[-1]) if x.ndim > 2 else x, weight, bias)
        return found.view(*x.shape[:-1], len(weight)) if x.ndim > 2 else found

    def back(self, gradient: Tensor, x: Tensor, weight: Tensor) -> Tensor:
        return gradient @ weight

    def weight_gradient(self, weight: Tensor, *pairs: tuple[Tensor, Tensor]) -> Tensor:
        rows = ((g.reshape(-1, g.shape[-1]), x.reshape(-1, x.shape[-1])) for g, x in pairs)
        return _total(gradient.T @ x for gradient, x in rows)


def _laid_out_as(x: Tensor, gradient: Tensor) -> Tensor:
    return gradient.contiguous(memory_format=torch.channels_last) if is_channels_last(x) else gradient


def _sum_of(terms: Iterable[Tensor | None]) -> Tensor | None:
    """The sum of those that are there; the first one's memory is used for it."""
    total: Tensor | None = None
    for term in terms:
        total = term if total is None else total if term is None else total.add_(term)
    return total


def _total(terms: Iterable[Tensor]) -> Tensor:
    total = _sum_of(terms)
    assert total is not None
    return total


def _is_same(tangent: Tensor, weight: Tensor) -> bool:
    """Whether the direction is the weight itself."""
    return tangent.data_ptr() == weight.data_ptr() and tangent.stride() == weight.stride()


_wanted: ContextVar[Literal["weights", "inputs", "both"]] = ContextVar("wanted", default="both")


@contextmanager
def wanted(what: Literal["weights", "inputs", "both"]) -> Iterator[None]:
    """Inside, backward passes find the gradients of weights or of the network's inputs alone.

    torch's engine leaves out what nobody asked for; functions of our own do not learn of that but by this.
    """
    token = _wanted.set(what)
    try:
        yield
    finally:
        _wanted.reset(token)


def wants_weights() -> bool:
    """Whether gradients of weights are wanted."""
    return _wanted.get() != "inputs"


def as_input(x: Tensor) -> Tensor:
    """A copy of an input of the network, known as such."""
    copy = x.clone()
    copy.is_input = True  # type: ignore[attr-defined]
    return copy


class Map(Function):
    """A linear map."""

    @staticmethod
    def forward(x: Tensor, weight: Tensor, bias: Tensor | None, rule: LinearMap) -> Tensor:
        return rule.apply(x, weight, bias)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, weight, bias, ctx.rule = inputs
        ctx.of_images = getattr(x, "is_input", False)
        ctx.save_for_backward(x, weight)
        ctx.save_for_forward(x, weight, bias, output)
        ctx.set_materialize_grads(False)

    @staticmethod
    @torch.no_grad()
    def jvp(ctx: Any, dx: Tensor | None, dweight: Tensor | None, dbias: Tensor | None, _: None) -> Tensor | None:
        x, weight, bias, y = ctx.saved_tensors
        rule: LinearMap = ctx.rule
        of_weight = None
        if dweight is not None and _is_same(dweight, weight):
            of_weight = y.clone() if bias is None else y - _along_channels(bias, rule)
        elif dweight is not None:
            of_weight = rule.apply(x, dweight, None)
        of_bias = None if dbias is None else _along_channels(dbias, rule).expand_as(y).clone()
        return _sum_of((of_weight, None if dx is None else rule.apply(dx, weight, None), of_bias))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor | None) -> tuple[Tensor | None, ...]:
        if gradient is None:
            return None, None, None, None
        x, weight = ctx.saved_tensors
        of_input, of_weight, of_bias, _ = ctx.needs_input_grad
        of_input = of_input and not (ctx.of_images and _wanted.get() == "weights")
        of_weight = of_weight and wants_weights()
        dx, dweight = _Adjoints.apply(gradient, x, weight, ctx.rule, of_input, of_weight)
        axes = [axis for axis in range(gradient.ndim) if axis != _channel_axis(gradient, ctx.rule)]
        return dx, dweight, gradient.sum(axes) if of_bias else None, None


class _Adjoints(Function):
    """dL/dx and dL/dW of a linear map, as far as they are wanted."""

    @staticmethod
    def forward(
        gradient: Tensor, x: Tensor, weight: Tensor, rule: LinearMap, of_input: bool, of_weight: bool
    ) -> tuple[Tensor | None, Tensor | None]:
        dx = rule.back(gradient, x, weight) if of_input else None
        return dx, rule.weight_gradient(weight, (gradient, x)) if of_weight else None

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor | None, ...]) -> None:
        gradient, x, weight, ctx.rule, ctx.of_input, ctx.of_weight = inputs
        ctx.save_for_forward(gradient, x, weight, output[0])
        ctx.set_materialize_grads(False)

    @staticmethod
    @torch.no_grad()
    def jvp(
        ctx: Any, dgradient: Tensor | None, dx: Tensor | None, dweight: Tensor | None, *_: None
    ) -> tuple[Tensor | None, Tensor | None]:
        gradient, x, weight, back = ctx.saved_tensors
        rule: LinearMap = ctx.rule
        of_input = of_weight = None
        if ctx.of_input:
            of_input = None if dgradient is None else rule.back(dgradient, x, weight)
            if dweight is not None:
                more = back if _is_same(dweight, weight) else rule.back(gradient, x, dweight)
                of_input = more.clone() if of_input is None else of_input.add_(more)
        if ctx.of_weight:
            pairs = ((dgradient, x), (gradient, dx))
            moving = [(g, y) for g, y in pairs if g is not None and y is not None]
            of_weight = rule.weight_gradient(weight, *moving) if moving else None
        return of_input, of_weight


def _channel_axis(y: Tensor, rule: LinearMap) -> int:
    return y.ndim - 1 - rule.positions


def _along_channels(bias: Tensor, rule: LinearMap) -> Tensor:
    return bias.view(-1, *[1] * rule.positions)
