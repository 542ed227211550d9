"""Gradients of single images by one forward and one backward pass of all of them.

For networks in which nothing but batch norms lets an image see the others. A linear map's weight gradient is a sum
over images, whose terms are products of what it was given and of the gradients of what it returned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd import Function

from netlore.scoring.chunks import acts_alone
from netlore.scoring.kernels.convolution import Geometry
from netlore.scoring.passes.interception import Interception
from netlore.scoring.passes.linear_maps import Convolution, LinearMap, Product

Take = Callable[[str, Tensor, int], None]
"""Takes gradients of some images, shape (n, *W.shape), with the parameter's name and the number of the first."""

_KEPT = 2**21
"""Numbers that gradients and what they are products of may take at a time, if that is more than one image's."""

_ARGUMENTS = {
    F.conv2d: ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    F.linear: ("input", "weight", "bias"),
    F.batch_norm: ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps"),
}
_DEFAULTS = {"bias": None, "stride": 1, "padding": 0, "dilation": 1, "groups": 1, "eps": 1e-5}


class _OtherwiseError(Exception):
    """Something that is not known here."""


def gradients_at_once(
    network: nn.Module, weights: Mapping[str, Tensor], images: int, value: Callable[[], Tensor], take: Take
) -> bool:
    """Take the gradients of each image's term of a value, or return False where that needs passes of their own.

    Batch norms in training mode use each image's own statistics.

    Args:
        network: In which mode it is called.
        weights: Those of convolutions and linear layers, by name; nothing else in the network asks for a gradient.
        images: Their number.
        value: Calls the network on all images, and returns the sum of what is differentiated.
        take: Given the gradients, whole images each time; of weights without gradients nothing.
    """
    if not acts_alone(network):
        return False
    watch = _Watch(weights, images, take)
    try:
        with watch:
            total = value()
        if not total.requires_grad:
            return True
        # Those that something else multiplies with have gradients of torch's own.
        others = torch.autograd.grad(total, list(weights.values()), allow_unused=True)
    except _OtherwiseError:
        return False
    watch.finish()
    return all(one is None for one in others)


class _Watch(Interception):
    """While active, linear maps keep what they are given, and batch norms look at each image alone."""

    def __init__(self, weights: Mapping[str, Tensor], images: int, take: Take) -> None:
        super().__init__()
        self._names = {id(weight): name for name, weight in weights.items()}
        self._shapes = {name: weight.shape for name, weight in weights.items()}
        self._images, self._take = images, take
        self._calls: dict[str, int] = {}
        self._pairs: dict[str, list[tuple[Geometry | None, Tensor, Tensor]]] = {}

    def call(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Call the function, or what stands for it."""
        if func not in _ARGUMENTS:
            return func(*args, **kwargs)
        given = {**_DEFAULTS, **dict(zip(_ARGUMENTS[func], args, strict=False)), **kwargs}
        if func is F.batch_norm:
            return _of_each(given) if given.get("training") else func(*args, **kwargs)
        name = self._names.get(id(given["weight"]))
        if name is None:
            return func(*args, **kwargs)
        x, geometry = given["input"], _geometry(given) if func is F.conv2d else None
        if len(x) != self._images or (geometry is not None and x.ndim != 4):
            raise _OtherwiseError
        self._calls[name] = self._calls.get(name, 0) + 1
        rule = Product() if geometry is None else Convolution(geometry)

        def keep(x: Tensor, gradient: Tensor) -> None:
            self._pairs.setdefault(name, []).append((geometry, x, gradient))
            if len(self._pairs[name]) == self._calls[name]:
                self._give(name)

        return _Kept.apply(x, given["weight"], given["bias"], rule, keep)

    def finish(self) -> None:
        """Give what is left: weights with calls that the value does not depend on."""
        for name in list(self._pairs):
            self._give(name)

    def _give(self, name: str) -> None:
        pairs, shape = self._pairs.pop(name), self._shapes[name]
        size = shape.numel() + sum(_numbers(geometry, x, g, shape) for geometry, x, g in pairs)
        step = max(1, _KEPT // size)
        for first in range(0, self._images, step):
            some = slice(first, first + step)
            rows = [_rows(geometry, x[some], gradient[some], shape) for geometry, x, gradient in pairs]
            self._take(name, rows[0] if len(rows) == 1 else torch.stack(rows).sum(dim=0), first)


class _Kept(Function):
    """A linear map that gives away what its weight's gradient is made of."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        rule: LinearMap,
        keep: Callable[[Tensor, Tensor], None],
    ) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.rule, ctx.keep = rule, keep
        return rule.apply(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,), (x, weight) = gradients, ctx.saved_tensors
        ctx.keep(x, gradient)
        return ctx.rule.back(gradient, x, weight) if ctx.needs_input_grad[0] else None, None, None, None, None


def _geometry(given: Mapping[str, Any]) -> Geometry:
    if isinstance(given["padding"], str):
        raise _OtherwiseError
    pairs = (given[name] for name in ("stride", "padding", "dilation"))
    stride, padding, dilation = ((one, one) if isinstance(one, int) else tuple(one) for one in pairs)
    return Geometry(stride, padding, dilation, given["groups"])


def _of_each(given: Mapping[str, Any]) -> Tensor:
    """Batch norm with each image's own statistics."""
    x: Tensor = given["input"]
    if x.ndim < 3 or x[0, 0].numel() < 2:
        raise _OtherwiseError  # one number of a channel has no statistics
    count, channels, *positions = x.shape
    weight, bias = (None if one is None else one.repeat(count) for one in (given.get("weight"), given["bias"]))
    rows = x.reshape(1, count * channels, *positions)
    return F.batch_norm(rows, None, None, weight, bias, True, 0.0, given["eps"]).reshape(x.shape)


def _numbers(geometry: Geometry | None, x: Tensor, gradient: Tensor, shape: torch.Size) -> int:
    """How many an image's gradient is made of."""
    if geometry is None:
        return x[0].numel()
    return x.shape[1] * shape[2:].numel() * gradient[0, 0].numel()


def _rows(geometry: Geometry | None, x: Tensor, gradient: Tensor, shape: torch.Size) -> Tensor:
    """Gradients of each image by a weight of that shape."""
    count = len(x)
    if geometry is None:
        of_outputs = gradient.reshape(count, -1, shape[0])
        return of_outputs.transpose(1, 2) @ x.reshape(count, -1, shape[1])
    (high, wide), groups = shape[2:], geometry.groups
    if (high, wide) == (1, 1) and not any(geometry.padding):
        down, right = geometry.stride
        seen = x[:, :, ::down, ::right]
    else:
        seen = F.unfold(x, (high, wide), geometry.dilation, geometry.padding, geometry.stride)
    seen = seen.reshape(count * groups, shape[1:].numel(), -1)
    of_outputs = gradient.reshape(count * groups, shape[0] // groups, -1)
    return (of_outputs @ seen.transpose(1, 2)).reshape(count, *shape)
