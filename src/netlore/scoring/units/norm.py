"""Batch norm and ReLU."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from netlore.scoring.units.signals import Backward, Forward, Record, restrided

_EPSILON = 1e-5  # torch's default for batch norm
_aten = torch.ops.aten


class Norm:
    """Batch norm with batch statistics, weight 1 and bias 0, and the ReLU behind it, if there is one."""

    def __init__(self, record: Record, relu: bool) -> None:
        self._record, self.rectifies = record, relu
        self._y: Tensor | None = None
        self._h: Tensor | None = None
        self._h_tangent: Tensor | None = None

    def forward(self, x: Forward) -> Forward:
        """h = (y - mean) r, h' = J t + eps r^2 h, both masked by the ReLU."""
        y = x.value
        self._ones = y.new_ones(y.shape[1])
        h, self._mean, self._scale = torch.native_batch_norm(y, None, None, None, None, True, 0.0, _EPSILON)
        tangent = None
        if x.tangent is not None:
            tangent, products = self._jacobian(x.take_tangent(), y)
            small = _EPSILON * self._scale.square()
            # What J leaves of y, and what r q lacks to one, without the cancellation that finding them would take.
            tangent = _plus(tangent, h, small)
            self._loss_factor = small - self._scale * products
        if self._record.keep:
            self._y, self._h_tangent = y, tangent
        if not self.rectifies:
            return Forward(h, tangent)
        masked = None if tangent is None else _masked(tangent, h)
        return Forward(_rectified(h, self._record), masked)

    def backward(self, g: Backward) -> Backward:
        """J on every gradient behind the ReLU's mask; the tangent with its further terms, plus the gradient."""
        y = self._y
        assert y is not None
        if self.rectifies:
            h = self._normalised()
            g.each(lambda gradient: _masked(gradient, h, into=gradient))
        back = Backward(None, None, None)
        c = e = self._ones
        # One after the other, each gradient's memory going before the next one's is taken.
        if g.total is not None:
            back.total, g.total = self._jacobian(g.total, y)[0], None
        if g.loss is not None:
            if g.tangent is not None and self._h_tangent is not None:
                e = _channel_products(self._h_tangent, g.loss) / (y.numel() // y.shape[1])
            (back.loss, c), g.loss = self._jacobian(g.loss, y), None
        if g.tangent is not None and back.loss is not None:
            back.tangent, g.tangent = self._jacobian(g.tangent, y)[0], None
            back.tangent = self._with_terms(back.tangent, back.loss, c, e)
        self._y = self._h = self._h_tangent = None
        return back

    def output(self) -> Forward:
        """The output of `forward` again, from what was kept."""
        h = self._normalised()
        tangent = None if self._h_tangent is None else _masked(self._h_tangent, h)
        return Forward(h.clamp_min(0), tangent)

    def _normalised(self) -> Tensor:
        if self._h is None:
            assert self._y is not None
            shift = -self._mean * self._scale
            self._h = _flat_map(
                lambda y, scale, offset: torch.addcmul(offset, y, scale), self._y, self._scale, shift
            )
        return self._h

    def _jacobian(self, v: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """J v, and mean(h v) per channel."""
        found, products, _ = _aten.native_batch_norm_backward(
            v, y, self._ones, None, None, self._mean, self._scale, True, _EPSILON, [True, True, False]
        )
        return found, products / (v.numel() // v.shape[1])

    def _with_terms(self, tangent: Tensor, back: Tensor, c: Tensor, e: Tensor) -> Tensor:
        h_tangent = self._h_tangent
        assert h_tangent is not None
        tangent = _plus(tangent, back, self._loss_factor)
        tangent = _plus(tangent, h_tangent, -self._scale * c)
        return _plus(tangent, self._normalised(), -self._scale * e)


class Rectifier:
    """The ReLU behind a residual sum."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._output: Tensor | None = None

    def forward(self, x: Forward) -> Forward:
        """max(x, 0), in place; the tangent where x is positive."""
        tangent = None if x.tangent is None else _masked(x.tangent, x.value)
        output = _rectified(x.value, self._record)
        arena = self._record.arena
        keep = arena.keep if self._record.keep and arena is not None else restrided
        output, tangent = keep(output), None if tangent is None else keep(tangent)
        self._output = output if self._record.keep else None
        return Forward(output, tangent)

    def backward(self, g: Backward) -> Backward:
        """Gradients where the output is positive."""
        output = self._output
        assert output is not None
        self._output = None
        return g.each(lambda gradient: _masked(gradient, output, into=gradient))


def _rectified(h: Tensor, record: Record) -> Tensor:
    output = h.clamp_min_(0)
    if record.codes is not None:
        record.codes.add(output)
    return output


def _masked(gradient: Tensor, output: Tensor, into: Tensor | None = None) -> Tensor:
    """The gradient where the ReLU's input, or output, is positive; zero elsewhere. `into` may be the gradient."""
    if into is None:
        masked: Tensor = _aten.threshold_backward(gradient, output, 0)
        return masked
    found: Tensor = _aten.threshold_backward.grad_input(gradient, output, 0, grad_input=into)
    return found


def _channel_products(left: Tensor, right: Tensor) -> Tensor:
    """sum over batch and positions of left * right, per channel.

    It is what batch norm's backward kernel gives its weight for a normalised input, in one pass and without the
    product's memory.
    """
    ones = left.new_ones(left.shape[1])
    found = _aten.native_batch_norm_backward(
        right, left, ones, None, None, torch.zeros_like(ones), ones, True, _EPSILON, [False, True, False]
    )
    products: Tensor = found[1]
    return products


def _plus(target: Tensor, source: Tensor, factor: Tensor) -> Tensor:
    """target + factor * source, with a factor for each channel; in place where the layout allows.

    A convolution of one channel may leave the channels-last layout: use what this returns.
    """
    return _flat_map(lambda t, s, f: t.addcmul_(s, f), target, factor, with_=source)


def _flat_map(apply: Callable[..., Tensor], x: Tensor, *vectors: Tensor, with_: Tensor | None = None) -> Tensor:
    """Apply an elementwise function of activations and channel vectors.

    Channels last, a vector of few channels would be read in many short runs; repeated side by side it is read in
    long ones, several times faster.
    """
    n, c, height, width = x.shape
    copies = 1
    while c * copies < 512 and (n * height * width) % (2 * copies) == 0:
        copies *= 2
    flat = [tensor.permute(0, 2, 3, 1).reshape(-1, c * copies) for tensor in (x, with_) if tensor is not None]
    out = apply(*flat, *(vector.repeat(copies) for vector in vectors))
    return out.view(n, height, width, c).permute(0, 3, 1, 2)
