"""Convolutions, the pool and the classifier."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.scoring.planned.units.batch_norm import Norm
from netlore.scoring.planned.units.grouped_convolution import convolve, convolve_back, merged, weight_gradient
from netlore.scoring.planned.units.signals import Backward, Forward, PlannedLayer, Record


class Convolution:
    """A convolution without bias.

    Args:
        layer: Its weight and shape.
        record: What to write down.
        source: The norm before it, if its output can be made again there; else the input is kept.
        first: Whether its input is the images, which do not depend on any weight.
    """

    def __init__(self, layer: PlannedLayer, record: Record, source: Norm | None, first: bool) -> None:
        self._layer, self._record, self._source, self._first = layer, record, source, first
        self._wide = merged(layer.weight, layer.groups)
        self._x: Forward | None = None
        self._y: Tensor | None = None

    def forward(self, x: Forward) -> Forward:
        """y = conv(x, W) and t = conv(x', W); the norm behind adds what is missing from t to y' = t + y."""
        wide, groups = self._wide
        y = convolve(x.value, wide, self._layer.stride[0], groups)
        tangent = None if x.tangent is None else convolve(x.tangent, wide, self._layer.stride[0], groups)
        if self._record.keep:
            self._x = x if self._source is None else None
            self._y = y if self._record.saliency else None
            self._shape = x.value.shape
        else:
            self._record.excess -= y.nbytes * (2 if self._record.tangents else 1)
        return Forward(y, tangent)

    def backward(self, g: Backward) -> Backward:
        """Gradients of the weight, written down, and of the input."""
        if g.loss is not None:
            if self._y is not None:
                self._record.channel_saliency[self._layer] = [_over_positions(self._y, g.loss)]
            if self._record.gradients:
                self._take(g.loss, g.tangent)
        if g.limit is not None:
            self._record.limit_hessian_weight[self._layer] = self._weight_gradient(g.limit, self._inputs().value)
        self._x = self._y = None
        if self._first:
            # Only the Jacobian asks for a gradient of the images.
            g = Backward(None, None, g.total, None)
        return g.each(self._back)

    def _back(self, gradient: Tensor) -> Tensor:
        wide, groups = self._wide
        return convolve_back(gradient, self._shape, wide, self._layer.stride[0], groups)

    def _inputs(self) -> Forward:
        x = self._x if self._source is None else self._source.output()
        assert x is not None
        return x

    def _weight_gradient(self, gradient: Tensor, x: Tensor) -> Tensor:
        layer = self._layer
        return weight_gradient(gradient, x, layer.weight, layer.stride[0], layer.groups)

    def _take(self, loss: Tensor, tangent: Tensor | None) -> None:
        x = self._inputs()
        gradient = self._weight_gradient(loss, x.value)
        along = None
        if tangent is not None:
            along = self._weight_gradient(tangent, x.value)
            if x.tangent is not None:
                along += self._weight_gradient(loss, x.tangent)
            # The norm behind handed over the tangent of its gradient plus the gradient itself.
            along -= gradient
        self._record.take(self._layer, gradient, along)


class Pool:
    """The mean over all positions."""

    def forward(self, x: Forward) -> Forward:
        """(N, C, H, W) to (N, C)."""
        self._shape = x.value.shape
        tangent = None if x.tangent is None else x.tangent.mean(dim=(2, 3))
        return Forward(x.value.mean(dim=(2, 3)), tangent)

    def backward(self, g: Backward) -> Backward:
        """The gradient, spread over the positions."""
        return g.each(self._spread)

    def _spread(self, gradient: Tensor) -> Tensor:
        spread = (gradient / (self._shape[2] * self._shape[3]))[:, :, None, None].expand(self._shape)
        return spread.contiguous(memory_format=torch.channels_last)


class Linear:
    """The classifier; its bias is zero before training."""

    def __init__(self, layer: PlannedLayer, record: Record) -> None:
        self._layer, self._record = layer, record

    def forward(self, x: Forward) -> Forward:
        """z = x W^T, z' = x' W^T + z."""
        z = x.value @ self._layer.weight.T
        self._x, self._z = x, z
        return Forward(z, None if x.tangent is None else x.tangent @ self._layer.weight.T + z)

    def backward(self, g: Backward) -> Backward:
        """Gradients of the weight, written down, and of the input."""
        x, weight = self._x, self._layer.weight
        if g.loss is not None:
            if self._record.saliency:
                self._record.channel_saliency[self._layer] = [self._z * g.loss]
            if self._record.gradients:
                along = None
                if g.tangent is not None and x.tangent is not None:
                    along = g.tangent.T @ x.value + g.loss.T @ x.tangent
                self._record.take(self._layer, g.loss.T @ x.value, along)
        if g.limit is not None:
            self._record.limit_hessian_weight[self._layer] = g.limit.T @ x.value
        back = g.each(lambda gradient: gradient @ weight)
        if back.loss is not None and back.tangent is not None:
            back.tangent.add_(back.loss)
        return back


def _over_positions(value: Tensor, gradient: Tensor) -> Tensor:
    """sum over positions of value * gradient, (N, C, H, W) to (N, C)."""
    product = (value * gradient).permute(0, 2, 3, 1).flatten(1, 2)
    return product.sum(dim=1)
