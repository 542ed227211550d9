"""The operations of a plan's network, each with its passes written out.

A pass over the batch moves several signals at once:

- forward: the activations x and, for GraSP, their tangent x' along the weights, d/de x((1 + e) W) at e = 0;
- backward: the loss gradient g = dL/dx, for GraSP its tangent g' along the weights, and for the Jacobian the
  gradient j of the sum of all logits.

Along its own weights a convolution needs no second convolution: y' = conv(x', W) + y, and backwards
(dL/dx)' = conv^T(g', W) + dL/dx. Batch norm with batch statistics (weight 1, bias 0; h = (y - mean) r, r the
inverse deviation) has the symmetric Jacobian J v = r (v - mean(v) - h mean(h v)), which is torch's fused backward
kernel; so h' = J y', backwards J g, and the tangent of that is

    J g' - r (q J g + c h' + e h),    q = mean(h y'),  c = mean(h g),  e = mean(h' g),

means over batch and positions, per channel. No second derivative is ever formed by autograd. Activations are
channels last throughout. What can be made again from what is kept is not kept: of a convolution and its batch
norm, that is the convolution's output and, for GraSP, h'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from netlore.scoring.activation_codes import ActivationCodes
from netlore.scoring.grouped import convolve, convolve_back, merged, weight_gradient

_EPSILON = 1e-5  # torch's default for batch norm
_aten = torch.ops.aten


class Forward(NamedTuple):
    """Activations and, if wanted, their tangent along the weights."""

    value: Tensor
    tangent: Tensor | None


class Backward(NamedTuple):
    """Gradients with respect to the same activations; None where not wanted."""

    loss: Tensor | None
    tangent: Tensor | None
    total: Tensor | None

    def each(self, apply: Callable[[Tensor], Tensor]) -> Backward:
        """The same linear map on every gradient."""
        return Backward(*(None if gradient is None else apply(gradient) for gradient in self))


@dataclass(eq=False)
class PlannedLayer:
    """A convolution or linear layer of a plan's network: the key under which its evidence is kept.

    Attributes:
        weight: Shape (C_out, C_in / groups, k, k), or (classes, C_in).
        stride: Stride of a convolution.
        groups: Its groups.
    """

    weight: Tensor
    stride: int = 1
    groups: int = 1


@dataclass
class Record:
    """What the passes are to write down, and what they wrote.

    Attributes:
        keep: Whether a backward pass will follow.
        gradients: Whether weight gradients are wanted.
        saliency: Whether channel saliency is wanted.
        codes: Where activation codes are taken down; None if not wanted.
        frugal: Whether residual blocks run forward again instead of keeping what they need.
        loss_gradient: dL/dW by layer.
        channel_saliency: Sum over positions of a * dL/da, by layer.
        curvature: Sum over layers of <dL/dW, its tangent>, which is W^T H dL/dW.
    """

    keep: bool
    gradients: bool
    saliency: bool
    codes: ActivationCodes | None
    frugal: bool = False
    loss_gradient: dict[PlannedLayer, Tensor] = field(default_factory=dict)
    channel_saliency: dict[PlannedLayer, list[Tensor]] = field(default_factory=dict)
    curvature: list[Tensor] = field(default_factory=list)

    @contextmanager
    def paused(self, keep: bool) -> Iterator[None]:
        """Inside, forward passes keep what they are told to; codes are taken down in the first one only."""
        before = self.keep, self.codes
        self.keep, self.codes = keep, None if keep else self.codes
        try:
            yield
        finally:
            self.keep, self.codes = before

    def take(self, layer: PlannedLayer, gradient: Tensor, tangent: Tensor | None) -> None:
        """Keep a weight gradient, and its product with its tangent."""
        self.loss_gradient[layer] = gradient
        if tangent is not None:
            self.curvature.append((gradient * tangent).sum(dtype=torch.float64))


class Unit(Protocol):
    """An operation; it keeps what its backward pass needs and lets go of it there."""

    def forward(self, x: Forward) -> Forward:
        """Activations behind it."""

    def backward(self, g: Backward) -> Backward:
        """Gradients before it, from those behind it."""


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
        """y = conv(x, W), y' = conv(x', W) + y."""
        wide, groups = self._wide
        y = convolve(x.value, wide, self._layer.stride, groups)
        tangent = None
        if x.tangent is not None:
            tangent = y.clone() if self._first else convolve(x.tangent, wide, self._layer.stride, groups).add_(y)
        if self._record.keep:
            self._x = x if self._source is None else None
            self._y = y if self._record.saliency else None
            self._shape = x.value.shape
        return Forward(y, tangent)

    def backward(self, g: Backward) -> Backward:
        """Gradients of the weight, written down, and of the input."""
        if g.loss is not None:
            if self._y is not None:
                self._record.channel_saliency[self._layer] = [_over_positions(self._y, g.loss)]
            if self._record.gradients:
                self._take(g.loss, g.tangent)
        self._x = self._y = None
        if self._first:
            # Only the Jacobian asks for a gradient of the images.
            g = Backward(None, None, g.total)
        back = g.each(self._back)
        if back.loss is not None and back.tangent is not None:
            back.tangent.add_(back.loss)
        return back

    def _back(self, gradient: Tensor) -> Tensor:
        wide, groups = self._wide
        return convolve_back(gradient, self._shape, wide, self._layer.stride, groups)

    def _take(self, loss: Tensor, tangent: Tensor | None) -> None:
        x = self._x if self._source is None else self._source.output()
        assert x is not None
        layer = self._layer
        gradient = weight_gradient(loss, x.value, layer.weight, layer.stride, layer.groups)
        along = None
        if tangent is not None:
            along = weight_gradient(tangent, x.value, layer.weight, layer.stride, layer.groups)
            if x.tangent is not None and not self._first:
                along += weight_gradient(loss, x.tangent, layer.weight, layer.stride, layer.groups)
        self._record.take(layer, gradient, along)


class Norm:
    """Batch norm with batch statistics, weight 1 and bias 0, and the ReLU behind it, if there is one."""

    def __init__(self, record: Record, relu: bool) -> None:
        self._record, self.rectifies = record, relu
        self._y: Tensor | None = None
        self._h: Tensor | None = None
        self._h_tangent: Tensor | None = None

    def forward(self, x: Forward) -> Forward:
        """h = (y - mean) r, h' = J y', both masked by the ReLU."""
        y = x.value
        self._ones = y.new_ones(y.shape[1])
        h, self._mean, self._scale = torch.native_batch_norm(y, None, None, None, None, True, 0.0, _EPSILON)
        tangent = None
        if x.tangent is not None:
            tangent, self._q = self._jacobian(x.tangent, y)
        if self._record.keep:
            self._y, self._h_tangent = y, tangent
        if not self.rectifies:
            return Forward(h, tangent)
        masked = None if tangent is None else _masked(tangent, h)
        return Forward(_rectified(h, self._record), masked)

    def backward(self, g: Backward) -> Backward:
        """J on every gradient behind the ReLU's mask, and the tangent's further terms."""
        y = self._y
        assert y is not None
        if self.rectifies:
            h = self._normalised()
            g = g.each(lambda gradient: _masked(gradient, h))
        loss, c = (None, None) if g.loss is None else self._jacobian(g.loss, y)
        total = None if g.total is None else self._jacobian(g.total, y)[0]
        tangent = None
        if g.loss is not None and g.tangent is not None and loss is not None and c is not None:
            tangent = self._jacobian(g.tangent, y)[0]
            tangent = self._with_terms(tangent, g.loss, loss, c)
        self._y = self._h = self._h_tangent = None
        return Backward(loss, tangent, total)

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

    def _with_terms(self, tangent: Tensor, loss: Tensor, back: Tensor, c: Tensor) -> Tensor:
        h, h_tangent = self._normalised(), self._h_tangent
        assert h_tangent is not None
        e = _channel_products(h_tangent, loss) / (loss.numel() // loss.shape[1])
        for source, factor in ((back, self._q), (h_tangent, c), (h, e)):
            # In place where the layout allows: a convolution of one channel may leave the channels-last layout.
            tangent = _flat_map(
                lambda target, source, factor: target.addcmul_(source, factor),
                tangent,
                -self._scale * factor,
                with_=source,
            )
        return tangent


class Rectifier:
    """The ReLU behind a residual sum."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._output: Tensor | None = None

    def forward(self, x: Forward) -> Forward:
        """max(x, 0), in place; the tangent where x is positive."""
        tangent = None if x.tangent is None else _masked(x.tangent, x.value)
        output = _rectified(x.value, self._record)
        self._output = output if self._record.keep else None
        return Forward(output, tangent)

    def backward(self, g: Backward) -> Backward:
        """Gradients where the output is positive."""
        output = self._output
        assert output is not None
        self._output = None
        return g.each(lambda gradient: _masked(gradient, output))


class Residual:
    """A branch and a shortcut from the same input, added.

    A frugal one keeps nothing but its input, and runs forward again before it runs backward.
    """

    def __init__(self, branch: list[Unit], shortcut: list[Unit], record: Record) -> None:
        self._branch, self._shortcut, self._record = branch, shortcut, record
        self._x: Forward | None = None

    def forward(self, x: Forward) -> Forward:
        """The sum of both paths."""
        if self._record.keep and self._record.frugal:
            self._x = x
            with self._record.paused(keep=False):
                return self._sum(x)
        return self._sum(x)

    def _sum(self, x: Forward) -> Forward:
        long, short = run_forward(self._branch, x), run_forward(self._shortcut, x)
        tangent = None
        if long.tangent is not None and short.tangent is not None:
            tangent = long.tangent + short.tangent
        return Forward(long.value.add_(short.value), tangent)

    def backward(self, g: Backward) -> Backward:
        """The sum of both paths' gradients."""
        if self._x is not None:
            with self._record.paused(keep=True):
                self._sum(self._x)
            self._x = None
        long, short = run_backward(self._branch, g), run_backward(self._shortcut, g)
        return Backward(*(None if a is None or b is None else a.add_(b) for a, b in zip(long, short, strict=True)))


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
        back = g.each(lambda gradient: gradient @ weight)
        if back.loss is not None and back.tangent is not None:
            back.tangent.add_(back.loss)
        return back


def run_forward(units: list[Unit], x: Forward) -> Forward:
    """Units in order."""
    for unit in units:
        x = unit.forward(x)
    return x


def run_backward(units: list[Unit], g: Backward) -> Backward:
    """Units in reverse order."""
    for unit in reversed(units):
        g = unit.backward(g)
    return g


def _rectified(h: Tensor, record: Record) -> Tensor:
    output = h.clamp_min_(0)
    if record.codes is not None:
        record.codes.add(output)
    return output


def _masked(gradient: Tensor, output: Tensor) -> Tensor:
    """The gradient where the ReLU's input, or output, is positive; zero elsewhere."""
    masked: Tensor = _aten.threshold_backward(gradient, output, 0)
    return masked


def _over_positions(value: Tensor, gradient: Tensor) -> Tensor:
    """sum over positions of value * gradient, (N, C, H, W) to (N, C)."""
    product = (value * gradient).permute(0, 2, 3, 1).flatten(1, 2)
    return product.sum(dim=1)


def _channel_products(left: Tensor, right: Tensor) -> Tensor:
    """sum over batch and positions of left * right, per channel."""
    return (left * right).permute(0, 2, 3, 1).flatten(0, 2).sum(dim=0)


def _flat_map(
    apply: Callable[..., Tensor], x: Tensor, *vectors: Tensor, with_: Tensor | None = None
) -> Tensor:
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
