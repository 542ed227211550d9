"""Convolutions, the pool and the classifier.

torch's CPU kernels for groups of two or four channels run at a fraction of the speed of those for eight: the
operations on activations merge such groups into ones of eight, with zeros between them. More is multiplied, none
of it changes the result, and it takes a half to a third of the time (`benchmarks/NOTES.md`). Depthwise
convolutions have kernels of their own and stay as they are, and so do weight gradients.
"""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.scoring.evidence import Evidence
from netlore.scoring.planned.units.batch_norm import Norm
from netlore.scoring.planned.units.signals import Backward, Forward, PlannedLayer, Record, each

# Groups narrower than this are merged up to it.
MERGED_WIDTH = 8

_backward = torch.ops.aten.convolution_backward


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


def merged(weight: Tensor, groups: int) -> tuple[Tensor, int]:
    """The weight (C_out, C_in / groups, k, k) and the number of groups to convolve with.

    It has wider groups and computes the same convolution, or is the one given.
    """
    width, count = weight.shape[1], 1
    while width * count * 2 <= MERGED_WIDTH and groups % (count * 2) == 0:
        count *= 2
    if width == 1 or count == 1:
        return weight.contiguous(memory_format=torch.channels_last), groups
    c_out, _, height, breadth = weight.shape
    blocks = weight.new_zeros(groups // count, count, c_out // groups, count, width, height, breadth)
    parts = weight.view(groups // count, count, c_out // groups, width, height, breadth)
    for index in range(count):
        blocks[:, index, :, index] = parts[:, index]
    wide = blocks.view(c_out, count * width, height, breadth)
    return wide.contiguous(memory_format=torch.channels_last), groups // count


def convolve(x: Tensor, weight: Tensor, stride: int, groups: int) -> Tensor:
    """conv(x, W) with padding k // 2."""
    return torch.conv2d(x, weight, stride=stride, padding=weight.shape[2] // 2, groups=groups)


def convolve_back(gradient: Tensor, shape: torch.Size, weight: Tensor, stride: int, groups: int) -> Tensor:
    """conv^T(g, W): the gradient of the input, which has that shape."""
    if stride == 1 and weight.shape[1] == 1 and groups == len(weight) == shape[1]:
        # Depthwise, it is a convolution with the weights turned around, which takes two thirds of the time.
        turned = weight.flip(2, 3).contiguous(memory_format=torch.channels_last)
        return convolve(gradient, turned, 1, groups)
    # Of the input only shape and layout are looked at; memory that is never touched costs nothing.
    like = torch.empty(shape, dtype=gradient.dtype, device=gradient.device, memory_format=torch.channels_last)
    return _adjoint(gradient, like, weight, stride, groups, [True, False, False])[0]


def weight_gradient(gradient: Tensor, x: Tensor, weight: Tensor, stride: int, groups: int) -> Tensor:
    """corr(x, g): the gradient of the weight."""
    if weight.shape[2] == 1 and stride > 1:
        # A kernel of oneDNN for this case writes past its memory where there are fewer than eight input channels
        # (torch 2.14, float32, channels last, AVX2). The pixels that a strided 1x1 sees need no stride.
        x = x[:, :, ::stride, ::stride].contiguous(memory_format=torch.channels_last)
        stride = 1
    if weight.shape[2] == 1 and groups == 1 and weight.shape[0] < weight.shape[1]:
        # The kernel wants many outputs: with x and g in each other's place it is up to five times faster.
        x, gradient, weight = gradient, x, weight.transpose(0, 1)
        return _adjoint(gradient, x, weight, stride, groups, [False, True, False])[1].transpose(0, 1)
    return _adjoint(gradient, x, weight, stride, groups, [False, True, False])[1]


def _adjoint(
    gradient: Tensor, x: Tensor, weight: Tensor, stride: int, groups: int, wanted: list[bool]
) -> tuple[Tensor, Tensor]:
    padding = weight.shape[2] // 2
    found = _backward(
        gradient, x, weight, None, [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], groups, wanted
    )
    return found[0], found[1]
