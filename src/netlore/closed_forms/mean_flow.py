"""The mean of a signal behind every part of a plan whose weights are all positive: a fold, without torch.

In the mean over weights all channels of a signal are equal, so that one image stands for all of them. Images have
borders, or lie on a torus, where all pixels are equal too and one number is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from netlore.analysis import Floats
from netlore.closed_forms.mean_weights import MeanWeight, gain
from netlore.errors import InvalidInput
from netlore.space.plan import Chain, Graph, Layer, Plan, Repeat, Size, Sum, Switch


@dataclass(frozen=True)
class Signal:
    """x and its derivative x' along all weights, of n networks; in the mean all channels are equal.

    Attributes:
        x: Shape (n, H, W) or (1, H, W), to be multiplied by exp(log_scale).
        along: x' without `length` x, likewise.
        log_scale: Of shape (n, 1, 1), or a number.
        length: Layers with weights since the last sum: each adds x to x'.
        width: Channels.
    """

    x: Floats
    along: Floats
    log_scale: Any = 0.0
    length: int = 0
    width: Size = 1

    @staticmethod
    def of_image(side: int) -> Signal:
        """An image of ones, before any layer."""
        ones = np.ones((1, side, side))
        return Signal(ones, np.zeros_like(ones))

    def settled(self) -> Floats:
        """x'."""
        found: Floats = self.along + self.length * self.x
        return found if self.length else self.along

    def log_total(self) -> Floats:
        """ln of x' of one pixel, added up over the channels; shape (n,) or (1,)."""
        with np.errstate(divide="ignore"):  # minus infinity where nothing flows
            found: Floats = np.log(column(self.width) * self.settled()) + self.log_scale
            flat: Floats = np.ravel(found)
            return flat

    def log_of_channel(self) -> Floats:
        """ln of x of one pixel and channel; shape (n,) or (1,)."""
        with np.errstate(divide="ignore"):
            found: Floats = np.log(self.x) + self.log_scale
            flat: Floats = np.ravel(found)
            return flat


Pixels = Callable[[Layer, Floats], Floats]
"""What a layer makes of an image in which weights do not count: of a convolution the mean over all its taps."""


def on_image(layer: Layer, x: Floats) -> Floats:
    """Taps beyond the border of an image see nothing; shape (n, H, W) to (n, H', W')."""
    match layer.kind:
        case "convolution":
            return _by_kernel(layer, lambda kernel: _windows(x, kernel, layer) / kernel**2)
        case "avg_pool":
            seen = np.ones((1, *x.shape[1:]))
            return _by_kernel(layer, lambda kernel: _windows(x, kernel, layer) / _windows(seen, kernel, layer))
        case "global_pool":
            return np.asarray(x.mean(axis=(1, 2), keepdims=True))
        case "zero":
            return np.zeros_like(x[:, :: int(layer.stride), :: int(layer.stride)])
        case "shift":
            return np.pad(x[:, 1:, 1:], ((0, 0), (0, 1), (0, 1)))
        case _:
            return x


def on_torus(layer: Layer, x: Floats) -> Floats:
    """All pixels are one, and all taps see it; shape (n, 1, 1)."""
    return np.zeros_like(x) if layer.kind == "zero" else x


def _by_kernel(layer: Layer, seen: Callable[[int], Floats]) -> Floats:
    """What each network sees by its own kernel."""
    if np.ndim(layer.kernel) == 0:
        return seen(int(layer.kernel))
    kernels = np.asarray(layer.kernel)
    first, *others = (int(one) for one in np.unique(kernels))
    found = seen(first)
    for kernel in others:
        found = np.where(column(kernels == kernel), seen(kernel), found)
    return found


def _windows(x: Floats, kernel: int, layer: Layer) -> Floats:
    """Sums over square windows; shape (n, H, W) to (n, H', W')."""
    pads, stride = kernel // 2 if layer.padding is None else int(layer.padding), int(layer.stride)
    if (kernel, pads, stride) == (1, 0, 1):
        return x
    if pads:
        x = np.pad(x, ((0, 0), (pads, pads), (pads, pads)))
    down, right = ((side - kernel) // stride * stride + 1 for side in x.shape[1:])
    rows = reduce(np.add, (x[:, i : i + down : stride] for i in range(kernel)))
    return np.asarray(reduce(np.add, (rows[:, :, i : i + right : stride] for i in range(kernel))))


def column(values: ArrayLike) -> Any:
    """One number for each network, in front of its pixels."""
    found = np.asarray(values)
    return found.reshape(-1, 1, 1) if found.ndim else found


@dataclass(frozen=True)
class Fold:
    """A fold over a plan.

    Attributes:
        mean_weight: The mean absolute value of a layer's weights.
        pixels: What a layer does to pixels.
    """

    mean_weight: MeanWeight
    pixels: Pixels

    def run(self, plan: Plan, signal: Signal) -> Signal:
        """The signal behind a part.

        Raises:
            InvalidInput: The part is not linear in signals.
        """
        match plan:
            case Layer():
                return self.layer(plan, signal)
            case Chain(parts):
                return reduce(lambda before, part: self.run(part, before), parts, signal)
            case Sum(branch, shortcut):
                return _sum([self.run(branch, signal), self.run(shortcut, signal)])
            case Repeat(part, times):
                return self.repeat(part, times, signal)
            case Switch(index, options):
                first, *others = (int(one) for one in np.unique(index))
                found = self.run(options[first], signal)
                for number in others:
                    found = _chosen(np.equal(index, number), self.run(options[number], signal), found)
                return found
            case Graph(nodes):
                signals = [signal]
                for incoming in nodes:
                    signals.append(_sum([self.run(part, signals[source]) for source, part in incoming]))
                return signals[-1]
            case _:
                raise InvalidInput(
                    f"a network with a {type(plan).__name__.lower()} has no mean flow in closed form; choose one "
                    "of layers in sequence, sums and cells."
                )

    def layer(self, layer: Layer, signal: Signal) -> Signal:
        """Gains go into the scale, so that signals stay near one."""
        if layer.kind not in _LINEAR:
            raise InvalidInput(
                f"a layer of the kind {layer.kind} has no mean flow in closed form; choose networks of "
                f"{', '.join(_LINEAR)}."
            )
        x, along = (self.pixels(layer, one) for one in (signal.x, signal.along))
        log_scale, length = signal.log_scale, signal.length
        if layer.kind in ("convolution", "linear"):
            log_scale = log_scale + np.log(column(gain(layer, self.mean_weight)))
            length += 1
        return Signal(x, along, log_scale - (_NOTHING if layer.kind == "zero" else 0), length, layer.w_out)

    def repeat(self, part: Plan, times: Size, signal: Signal) -> Signal:
        """As often as the deepest network needs, and each network as often as it has to."""
        for number in range(int(np.max(times))):
            further = self.run(part, signal)
            active = np.less(number, times)
            signal = further if np.all(active) else _chosen(active, further, signal)
        return signal


_LINEAR = ("convolution", "batch_norm", "relu", "global_pool", "linear", "avg_pool", "zero", "shift")
# Of nothing: on so small a scale that no sum takes it for its own.
_NOTHING = 1e6


def _sum(parts: Sequence[Signal]) -> Signal:
    log_scale = reduce(np.maximum, (part.log_scale for part in parts))
    scales = [np.exp(part.log_scale - log_scale) for part in parts]
    x = reduce(np.add, (scale * part.x for scale, part in zip(scales, parts, strict=True)))
    along = reduce(np.add, (scale * part.settled() for scale, part in zip(scales, parts, strict=True)))
    peak = x.max(axis=(1, 2), keepdims=True).clip(min=1e-300)
    return Signal(x / peak, along / peak, log_scale + np.log(peak), width=parts[0].width)


def _chosen(which: Any, one: Signal, other: Signal) -> Signal:
    """The first signal for some networks, the second for all others."""
    choose = column(which)
    return Signal(
        np.where(choose, one.x, other.x),
        np.where(choose, one.settled(), other.settled()),
        np.where(choose, one.log_scale, other.log_scale),
        width=one.width,
    )
