"""Synaptic flow of a plan: one forward pass of two images, no modules, no graph.

Every weight of the network of absolute values is positive and batch norm is skipped, so R is multilinear in the
layers' weights and all terms W dR/dW are positive. Their sum is the derivative of R along the weights
themselves, S = d/de R((1 + e) W) at e = 0. With x the signal and x' its derivative along the weights, a chain of
n layers with product P gives

    y = P x,        y' = P x' + n P x,

and a sum of paths adds both. So (x, x') run through the layers as a batch of two images, and S is the last x'.
All of it is linear in (x, x'), so the n P x of n layers in series may be added as late as one likes, once.
Nothing is subtracted anywhere: the result is as exact as R itself.

Signals are kept in a padded layout, (channels, 2, H + 2, W + 2) with a border of zeros, flattened per channel.
There a shift of the image is an offset in memory, and a 3x3 convolution is nine matrix products of plain slices.
Whatever they leave in the border is erased afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import torch
import torch.nn.functional as F
from torch import Tensor

from netlore.networks.initialisation import initial_weights
from netlore.space.outline import flattened
from netlore.space.plan import Chain, Graph, Join, Layer, Plan, Product, Repeat, Sum, Switch, paths

_LINEAR = ("convolution", "batch_norm", "relu", "global_pool", "linear", "avg_pool", "zero", "shift")
_NO_SCALE, _TINY = 1e6, 1e-300
# Up to this group width sums of scaled channels beat tiny matrix products.
_NARROW = 2
# Layers in series before the signal is rescaled; one multiplies it by some hundred at most.
_STRETCH = 16


Nodes = Sequence[Sequence[tuple[int, Plan]]]


@dataclass
class _Signal:
    """x and x' of shape (C, 2, H + 2, W + 2), to be multiplied by exp(log_scale); a pooled signal is (C, 2)."""

    values: Tensor
    log_scale: Tensor


def is_linear(plan: Plan) -> bool:
    """Whether `log_synaptic_flow_of_plan` can examine a plan: of positive numbers, all its layers make linear
    functions without a constant, since biases begin at zero."""
    return all(
        part.kind in _LINEAR and (part.kind == "linear" or not part.has_bias)
        if isinstance(part, Layer)
        else not isinstance(part, Product) and all(is_linear(path) for _, path in paths(part))
        for part in flattened([plan])
    )


@torch.no_grad()
def log_synaptic_flow_of_plan(
    plan: Plan, seed: int, image_shape: Sequence[int], device: torch.device | None = None
) -> Tensor:
    """ln S of the network that `networks.build_plan` and `initialise` would make, as a float64 scalar.

    It is minus infinity where nothing flows. No depth overflows: the signal is rescaled after each sum, and every
    few layers where there is none.

    Args:
        plan: A plan of integers that `is_linear`.
        seed: The network's seed.
        image_shape: Channels, height and width of the image of ones.
        device: Where to compute; None is the CPU.
    """
    weights = (weight.double().abs_() for _, weight in initial_weights(plan, seed, device))
    channels, height, width = image_shape
    image = torch.zeros(channels, 2, height + 2, width + 2, dtype=torch.float64, device=device)
    image[:, 0, 1:-1, 1:-1] = 1.0
    out, length = _run(plan, _Signal(image, image.new_zeros(())), weights)
    total = out.values.sum(dim=0)
    return (total[1] + length * total[0]).log() + out.log_scale


def _run(plan: Plan, signal: _Signal, weights: Iterator[Tensor]) -> tuple[_Signal, int]:
    """The signal behind a part, still without the n P x of n layers in series."""
    match plan:
        case Layer():
            return _layer(plan, signal, weights)
        case Chain(parts):
            return _series(parts, signal, weights)
        case Repeat(part, times):
            return _series((part,) * int(times), signal, weights)
        case Sum(branch, shortcut):
            return _sum([_settled(*_run(path, signal, weights)) for path in (branch, shortcut)]), 0
        case Switch():
            return _run(plan.chosen, signal, weights)
        case Graph(nodes):
            return _graph(nodes, signal, weights), 0
        case Join(paths_of_one):
            return _join([_settled(*_run(path, signal, weights)) for path in paths_of_one]), 0
        case Product():
            raise ValueError("gates are not linear")


def _series(parts: tuple[Plan, ...], signal: _Signal, weights: Iterator[Tensor]) -> tuple[_Signal, int]:
    length = rescaled = 0
    for part in parts:
        signal, more = _run(part, signal, weights)
        length += more
        if length - rescaled >= _STRETCH:
            signal, rescaled = _rescaled(signal), length
    return signal, length


def _graph(nodes: Nodes, signal: _Signal, weights: Iterator[Tensor]) -> _Signal:
    signals = [signal]
    for incoming in nodes:
        signals.append(_sum([_settled(*_run(part, signals[source], weights)) for source, part in incoming]))
    return signals[-1]


def _sum(parts: Sequence[_Signal]) -> _Signal:
    """The parts on one scale, the largest of all, added up."""
    log_scale = _largest_scale(parts)
    together = parts[0].values * (parts[0].log_scale - log_scale).exp()
    for part in parts[1:]:
        together.addcmul_(part.values, (part.log_scale - log_scale).exp())
    return _rescaled(_Signal(together, log_scale))


def _join(parts: Sequence[_Signal]) -> _Signal:
    log_scale = _largest_scale(parts)
    return _Signal(torch.cat([part.values * (part.log_scale - log_scale).exp() for part in parts]), log_scale)


def _largest_scale(parts: Sequence[_Signal]) -> Tensor:
    return reduce(torch.maximum, (part.log_scale for part in parts))


def _rescaled(signal: _Signal) -> _Signal:
    """The same signal with largest value 1, if it is not zero everywhere."""
    peak = signal.values.max().clamp_min(_TINY)
    return _Signal(signal.values / peak, signal.log_scale + peak.log())


def _settled(signal: _Signal, length: int) -> _Signal:
    """Add n P x to P x'."""
    if length == 0:
        return signal
    values = signal.values.clone()
    values[:, 1].add_(values[:, 0], alpha=length)
    return _Signal(values, signal.log_scale)


def _layer(layer: Layer, signal: _Signal, weights: Iterator[Tensor]) -> tuple[_Signal, int]:
    match layer.kind:
        case "convolution":
            return _Signal(_convolve(layer, signal, next(weights)), signal.log_scale), 1
        case "linear":
            return _Signal(next(weights) @ signal.values, signal.log_scale), 1
        case "global_pool":
            height, width = signal.values.shape[2:]
            pooled = signal.values.sum(dim=(2, 3)) / ((height - 2) * (width - 2))
            return _Signal(pooled, signal.log_scale), 0
        case "avg_pool":
            sizes = (int(layer.kernel), int(layer.stride), int(layer.pads))
            pooled = F.avg_pool2d(_inside(signal), *sizes, count_include_pad=False)
            return _Signal(_with_border(pooled), signal.log_scale), 0
        case "shift":
            return _Signal(_with_border(F.pad(_inside(signal)[:, :, 1:, 1:], (0, 1, 0, 1))), signal.log_scale), 0
        case "zero":
            kept = _inside(signal)[:1, :, :: int(layer.stride), :: int(layer.stride)]
            # On so small a scale that no sum takes it for its own.
            nothing = torch.zeros_like(kept).expand(int(layer.w_out), -1, -1, -1)
            return _Signal(_with_border(nothing), signal.log_scale - _NO_SCALE), 0
        case _:
            return signal, 0


def _inside(signal: _Signal) -> Tensor:
    """Without the border, (C, 2, H, W)."""
    return signal.values[:, :, 1:-1, 1:-1]


def _convolve(layer: Layer, signal: _Signal, weight: Tensor) -> Tensor:
    """A convolution of both images; weight (C_out, C_in / groups, k, k)."""
    kernel, stride, groups = int(layer.kernel), int(layer.stride), int(layer.groups)
    if kernel == 1 and groups == 1 and layer.pads == 0:
        values = _strided(signal.values, stride)
        return (weight[:, :, 0, 0] @ values.flatten(1)).view(-1, *values.shape[1:])
    if kernel not in (1, 3) or layer.padding is not None:
        # Their reach is wider than the border.
        images = _inside(signal).transpose(0, 1)
        out = F.conv2d(images, weight, stride=stride, padding=int(layer.pads), groups=groups)
        return _with_border(out.transpose(0, 1))
    # (k * k, groups, C_out / groups, C_in / groups)
    taps = weight.view(groups, -1, *weight.shape[1:]).permute(3, 4, 0, 1, 2).flatten(0, 1).contiguous()
    if stride == 1:
        return _shifted_products(taps, signal.values, kernel)
    return _gathered_products(taps, signal.values, kernel, stride)


def _shifted_products(taps: Tensor, values: Tensor, kernel: int) -> Tensor:
    """Stride 1: add up products with slices of the flattened signal, then erase the border."""
    side, reach = values.shape[-1], kernel // 2
    groups, length = taps.shape[1], values[0].numel()
    margin = reach * (side + 1)
    flat = values.view(groups, -1, length)
    out = values.new_zeros(groups, taps.shape[2], length)
    inside = out[:, :, margin : length - margin]
    for index, tap in enumerate(taps):
        offset = (index // kernel - reach) * side + index % kernel - reach
        _accumulate(inside, tap, flat[:, :, margin + offset : length - margin + offset])
    out = out.view(-1, *values.shape[1:])
    return _with_border(out[:, :, 1:-1, 1:-1], out)


def _gathered_products(taps: Tensor, values: Tensor, kernel: int, stride: int) -> Tensor:
    """Larger strides: add up products with copies of the pixels that a tap sees."""
    reach, groups = kernel // 2, taps.shape[1]
    height, width = (-(-(side - 2) // stride) for side in values.shape[2:])
    inner = values.new_zeros(groups, taps.shape[2], 2 * height * width)
    down, right = stride * (height - 1) + 1, stride * (width - 1) + 1
    for index, tap in enumerate(taps):
        row, column = 1 + index // kernel - reach, 1 + index % kernel - reach
        seen = values[:, :, row : row + down : stride, column : column + right : stride]
        _accumulate(inner, tap, seen.reshape(groups, -1, 2 * height * width))
    return _with_border(inner.view(-1, 2, height, width))


def _accumulate(out: Tensor, tap: Tensor, values: Tensor) -> None:
    """out += tap @ values for each group; shapes (G, c_out, L), (G, c_out, c_in), (G, c_in, L)."""
    if tap.shape[0] == 1:
        out[0].addmm_(tap[0], values[0])
    elif tap.shape[2] <= _NARROW:
        for i in range(tap.shape[2]):
            out.addcmul_(tap[:, :, i, None], values[:, i : i + 1])
    else:
        out.baddbmm_(tap, values)


def _strided(values: Tensor, stride: int) -> Tensor:
    return values if stride == 1 else _with_border(values[:, :, 1:-1:stride, 1:-1:stride])


def _with_border(inside: Tensor, reuse: Tensor | None = None) -> Tensor:
    """(C, 2, H, W) in a border of zeros; `reuse`, of which it is the inside, keeps its memory."""
    if reuse is None:
        out = inside.new_zeros(*inside.shape[:2], inside.shape[2] + 2, inside.shape[3] + 2)
        out[:, :, 1:-1, 1:-1] = inside
        return out
    reuse[:, :, 0].zero_()
    reuse[:, :, -1].zero_()
    reuse[:, :, :, 0].zero_()
    reuse[:, :, :, -1].zero_()
    return reuse
