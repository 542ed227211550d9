"""Convolutions, the pool and the classifier."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.scoring.evidence import Evidence
from netlore.scoring.kernels.convolution import Geometry, convolve, convolve_back, merged, weight_gradient
from netlore.scoring.planned.units.batch_norm import Norm
from netlore.scoring.planned.units.signals import Backward, Forward, PlannedLayer, Record, each


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
        padding = (layer.weight.shape[2] // 2,) * 2
        self._geometry = Geometry(layer.stride, padding, (1, 1), layer.groups)
        wide, groups = merged(layer.weight, layer.groups)
        self._wide = wide, self._geometry.with_groups(groups)
        self._x: Forward | None = None
        self._y: Tensor | None = None

    def forward(self, x: Forward) -> Forward:
        """y = conv(x, W) and t = conv(x', W); the norm behind adds what is missing from t to y' = t + y."""
        y = convolve(x.value, *self._wide)
        tangent = None if x.tangent is None else convolve(x.tangent, *self._wide)
        if self._record.keep:
            self._x = x if self._source is None else None
            self._y = y if "saliency" in self._record.steps else None
            self._shape = x.value.shape
        else:
            self._record.excess -= y.nbytes * (2 if "tangents" in self._record.steps else 1)
        return Forward(y, tangent)

    def backward(self, g: Backward) -> Backward:
        """Gradients of the weight, written down, and of the input."""
        record, layer = self._record, self._layer
        if self._y is not None:
            record.take(Evidence.CHANNEL_SALIENCY, layer, [_over_positions(self._y, g["loss"])])
        if "weights" in record.steps:
            self._take(g["loss"], g.get("tangent"))
        if "limit" in g:
            found = self._weight_gradient(g["limit"], self._inputs().value)
            record.take(Evidence.LIMIT_HESSIAN_WEIGHT, layer, found)
        self._x = self._y = None
        if self._first:
            # Only the Jacobian asks for a gradient of the images.
            g = {"total": g["total"]} if "total" in g else {}
        return each(g, self._back)

    def _back(self, gradient: Tensor) -> Tensor:
        # Of the input only shape and layout are looked at; memory that is never touched costs nothing.
        like = torch.empty(
            self._shape, dtype=gradient.dtype, device=gradient.device, memory_format=torch.channels_last
        )
        return convolve_back(gradient, like, *self._wide)

    def _inputs(self) -> Forward:
        x = self._x if self._source is None else self._source.output()
        assert x is not None
        return x

    def _weight_gradient(self, gradient: Tensor, x: Tensor) -> Tensor:
        return weight_gradient(gradient, x, self._layer.weight, self._geometry)

    def _take(self, loss: Tensor, tangent: Tensor | None) -> None:
        x = self._inputs()
        gradient = self._weight_gradient(loss, x.value)
        self._record.take(Evidence.LOSS_GRADIENT, self._layer, gradient)
        if tangent is not None:
            along = self._weight_gradient(tangent, x.value)
            if x.tangent is not None:
                along += self._weight_gradient(loss, x.tangent)
            # The norm behind handed over the tangent of its gradient plus the gradient itself.
            along -= gradient
            self._record.take_tangent(gradient, along)


class Pool:
    """The mean over all positions."""

    def forward(self, x: Forward) -> Forward:
        """(N, C, H, W) to (N, C)."""
        self._shape = x.value.shape
        tangent = None if x.tangent is None else x.tangent.mean(dim=(2, 3))
        return Forward(x.value.mean(dim=(2, 3)), tangent)

    def backward(self, g: Backward) -> Backward:
        """The gradient, spread over the positions."""
        return each(g, self._spread)

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
        x, layer, record = self._x, self._layer, self._record
        if "saliency" in record.steps:
            record.take(Evidence.CHANNEL_SALIENCY, layer, [self._z * g["loss"]])
        if "weights" in record.steps:
            gradient = g["loss"].T @ x.value
            record.take(Evidence.LOSS_GRADIENT, layer, gradient)
            if "tangent" in g and x.tangent is not None:
                record.take_tangent(gradient, g["tangent"].T @ x.value + g["loss"].T @ x.tangent)
        if "limit" in g:
            record.take(Evidence.LIMIT_HESSIAN_WEIGHT, layer, g["limit"].T @ x.value)
        back = each(g, lambda gradient: gradient @ layer.weight)
        if "tangent" in back:
            back["tangent"].add_(back["loss"])
        return back


def _over_positions(value: Tensor, gradient: Tensor) -> Tensor:
    """sum over positions of value * gradient, (N, C, H, W) to (N, C)."""
    product = (value * gradient).permute(0, 2, 3, 1).flatten(1, 2)
    return product.sum(dim=1)
