"""Batch norm and ReLU."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.scoring.kernels.channelwise import EPSILON, combined, moments, nothing_known, statistics
from netlore.scoring.planned.units.signals import Backward, Forward, Record, each, restrided

_aten = torch.ops.aten


class Norm:
    """Batch norm with batch statistics, weight 1 and bias 0, and the ReLU behind it, if there is one."""

    def __init__(self, record: Record, relu: bool) -> None:
        self._record, self.rectifies = record, relu
        self._y: Tensor | None = None
        self._h: Tensor | None = None
        self._h_tangent: Tensor | None = None

    def forward(self, x: Forward) -> Forward:
        """h = (y - mean) r, h' = J t + eps r^2 h, both masked by the ReLU; without t, it counts as zero."""
        y = x.value
        self._known = statistics(y)
        h = self._normalised(y)
        tangent = self._tangent(x, y) if "tangents" in self._record.steps else None
        if self._record.keep:
            self._y, self._h_tangent = y, tangent
        if not self.rectifies:
            return Forward(h, tangent)
        masked = None if tangent is None else _masked(tangent, h)
        return Forward(_rectified(h, self._record), masked)

    def backward(self, g: Backward) -> Backward:
        """J on every gradient behind the ReLU's mask; the tangent with its further terms, plus the gradient."""
        y, h_tangent = self._y, self._h_tangent
        assert y is not None
        if self.rectifies:
            h = self._recovered()
            for gradient in g.values():
                _masked(gradient, h, into=gradient)
        back: Backward = {}
        # One after the other, each gradient's memory going before the next one's is taken.
        for name in ("total", "limit"):
            if name in g:
                back[name] = self._jacobian(g.pop(name), y)[0]
        if h_tangent is not None:
            e = moments(g["loss"], h_tangent, nothing_known(y))[1]
        if "loss" in g:
            back["loss"], c = self._jacobian(g.pop("loss"), y)
        if h_tangent is not None:
            terms = ((self._loss_factor, back["loss"]), (-self._known.scale * c, h_tangent))
            back["tangent"] = self._jacobian(g.pop("tangent"), y, e, *terms)[0]
        self._y = self._h = self._h_tangent = None
        return back

    def output(self) -> Forward:
        """The output of `forward` again, from what was kept."""
        h = self._recovered()
        tangent = None if self._h_tangent is None else _masked(self._h_tangent, h)
        return Forward(h.clamp_min(0), tangent)

    def _normalised(self, y: Tensor) -> Tensor:
        return combined(-self._known.mean * self._known.scale, (self._known.scale, y))

    def _recovered(self) -> Tensor:
        """h again, to the bit."""
        if self._h is None:
            assert self._y is not None
            self._h = self._normalised(self._y)
        return self._h

    def _tangent(self, x: Forward, y: Tensor) -> Tensor:
        """J t + eps r^2 h; and what J g is to be multiplied by in the tangent of the gradient."""
        # What J leaves of y, and what r q lacks to one, without the cancellation that finding them would take.
        scale = self._known.scale
        small = EPSILON * scale.square()
        if x.tangent is None:
            self._loss_factor = small
            factor = small * scale
            return combined(-factor * self._known.mean, (factor, y))
        t, x.tangent = x.tangent, None  # nobody else holds it, so its memory goes when it is used up
        tangent, products = self._jacobian(t, y, -small / scale)
        self._loss_factor = small - scale * products
        return tangent

    def _jacobian(
        self, v: Tensor, y: Tensor, excess: Tensor | None = None, *terms: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """J v - r * excess * h + the terms, and mean(h v) per channel."""
        known, (mean, products) = self._known, moments(v, y, self._known)
        along = products if excess is None else products + excess
        factor = -known.scale.square() * along
        offset = -known.scale * mean - factor * known.mean
        return combined(offset, (factor, y), (known.scale, v), *terms), products


class Rectifier:
    """The ReLU behind a residual sum."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._output: Tensor | None = None

    def forward(self, x: Forward) -> Forward:
        """max(x, 0), in place; the tangent where x is positive."""
        tangent = None if x.tangent is None else _masked(x.tangent, x.value)
        output = _rectified(x.value, self._record)
        buffer = self._record.buffer
        keep = buffer.keep if self._record.keep and buffer is not None else restrided
        output, tangent = keep(output), None if tangent is None else keep(tangent)
        self._output = output if self._record.keep else None
        return Forward(output, tangent)

    def backward(self, g: Backward) -> Backward:
        """Gradients where the output is positive."""
        output = self._output
        assert output is not None
        self._output = None
        return each(g, lambda gradient: _masked(gradient, output, into=gradient))


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
