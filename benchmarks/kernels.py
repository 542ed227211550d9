"""The kernels behind the choices of `netlore.scoring.kernels`, each next to its alternative.

    python benchmarks/kernels.py

One thread, float32, batch 64, channels last; milliseconds, the best of several runs.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import platform
from functools import partial

import torch
from timing import best_seconds
from torch import Tensor

from netlore.scoring.kernels.channelwise import EPSILON, combined, moments, statistics
from netlore.scoring.kernels.convolution import Geometry, convolve, convolve_back, merged, weight_gradient

RUNS = 20
BATCH = 64


def activations(channels: int, resolution: int) -> Tensor:
    """Random activations, channels last."""
    values = torch.randn(BATCH, channels, resolution, resolution)
    return values.contiguous(memory_format=torch.channels_last)


def geometry(kernel: int, groups: int = 1) -> Geometry:
    """Stride 1, the size of the input kept."""
    return Geometry((1, 1), (kernel // 2,) * 2, (1, 1), groups)


def show(name: str, **actions: object) -> None:
    """A row: milliseconds for each way."""
    times = {label: 1e3 * best_seconds(action, RUNS) for label, action in actions.items()}  # type: ignore[arg-type]
    print(f"{name:44} " + "  ".join(f"{label} {value:7.3f}" for label, value in times.items()), flush=True)


def narrow_groups(channels: int, resolution: int, width: int) -> None:
    """3x3 convolutions in narrow groups, as they are and merged, and their adjoints."""
    x, g = activations(channels, resolution), activations(channels, resolution)
    groups = channels // width
    weight = torch.randn(channels, width, 3, 3).contiguous(memory_format=torch.channels_last)
    wide, fewer = merged(weight, groups)
    plain, merged_geometry = geometry(3, groups), geometry(3, fewer)
    name = f"{channels} channels in groups of {width}, {resolution}x{resolution}"
    show(
        name + ": forward",
        plain=partial(convolve, x, weight, plain),
        merged=partial(convolve, x, wide, merged_geometry),
    )
    show(
        name + ": input",
        plain=partial(convolve_back, g, x, weight, plain),
        merged=partial(convolve_back, g, x, wide, merged_geometry),
    )
    show(
        name + ": weight",
        plain=partial(weight_gradient, g, x, weight, plain),
        merged=partial(weight_gradient, g, x, wide, merged_geometry),
    )


def pointwise(channels: int, resolution: int) -> None:
    """A 1x1 convolution and the matrix product that it is."""
    x, weight = activations(channels, resolution), torch.randn(channels, channels, 1, 1)
    rows = x.permute(0, 2, 3, 1).reshape(-1, channels)
    show(
        f"1x1, {channels} channels, {resolution}x{resolution}",
        convolution=partial(torch.conv2d, x, weight),
        product=partial(torch.matmul, rows, weight[:, :, 0, 0].T),
    )


def batch_norm(channels: int, resolution: int) -> None:
    """Batch norm forward, and its Jacobian times v: torch's kernels, and channel arithmetic on rows."""
    y, v = activations(channels, resolution), activations(channels, resolution)
    known, ones = statistics(y), torch.ones(channels)

    def forward_on_rows() -> Tensor:
        found = statistics(y)
        return combined(-found.mean * found.scale, (found.scale, y))

    def jacobian_on_rows() -> Tensor:
        mean, products = moments(v, y, known)
        factor = -known.scale.square() * products
        return combined(-known.scale * mean - factor * known.mean, (factor, y), (known.scale, v))

    name = f"batch norm, {channels} channels, {resolution}x{resolution}"
    show(
        name + ": forward",
        torch=partial(torch.native_batch_norm, y, None, None, None, None, True, 0.0, EPSILON),
        rows=forward_on_rows,
    )
    jacobian = torch.ops.aten.native_batch_norm_backward
    arguments = (v, y, ones, None, None, known.mean, known.scale, True, EPSILON, [True, True, False])
    show(name + ": J v", torch=partial(jacobian, *arguments), rows=jacobian_on_rows)


def codes(units: int) -> None:
    """Products of activation codes, by floats and by whole numbers."""
    on = torch.randn(BATCH, units) > 0
    whole = on.view(torch.int8)

    def by_floats() -> Tensor:
        floats = on.float()
        return floats @ floats.T

    show(f"codes, {units} units", floats=by_floats, integers=partial(torch._int_mm, whole, whole.T))


def narrowing(w_in: int, w_out: int, resolution: int) -> None:
    """The weight gradient of a narrowing 1x1 convolution, as it is and with x and g exchanged."""
    x, g = activations(w_in, resolution), activations(w_out, resolution)
    weight = torch.randn(w_out, w_in, 1, 1)
    kernel = torch.ops.aten.convolution_backward
    rest = (None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, [False, True, False])
    show(
        f"1x1, {w_in} to {w_out} channels, {resolution}x{resolution}: weight",
        plain=partial(kernel, g, x, weight, *rest),
        exchanged=partial(weight_gradient, g, x, weight, geometry(1)),
    )


def depthwise(channels: int, resolution: int) -> None:
    """The input gradient of a depthwise convolution, by its kernel and as a convolution with turned weights."""
    g, weight = activations(channels, resolution), torch.randn(channels, 1, 3, 3)
    kernel = torch.ops.aten.convolution_backward
    rest = (None, [1, 1], [1, 1], [1, 1], False, [0, 0], channels, [True, False, False])
    show(
        f"depthwise, {channels} channels, {resolution}x{resolution}: input",
        plain=partial(kernel, g, g, weight, *rest),
        turned=partial(convolve_back, g, g, weight, geometry(3, channels)),
    )


def main() -> None:
    """Print every row."""
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, {platform.machine()}, one thread, milliseconds")
    for channels, resolution, width in ((32, 32, 2), (64, 16, 4), (128, 8, 2)):
        narrow_groups(channels, resolution, width)
    for channels, resolution in ((8, 32), (64, 16), (128, 8)):
        pointwise(channels, resolution)
    for channels, resolution in ((2, 32), (8, 32), (32, 32), (64, 16)):
        batch_norm(channels, resolution)
        depthwise(channels, resolution)
    for w_in, w_out, resolution in ((64, 16, 32), (64, 8, 32), (128, 64, 16)):
        narrowing(w_in, w_out, resolution)
    for units in (65_536, 4_096):
        codes(units)


if __name__ == "__main__":
    main()
