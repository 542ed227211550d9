"""The kernels behind the choices of `netlore.scoring.units`, each beside its alternative.

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

from netlore.scoring.units.grouped import convolve, convolve_back, merged, weight_gradient

RUNS = 20
BATCH = 64


def activations(channels: int, resolution: int) -> Tensor:
    """Random activations, channels last."""
    values = torch.randn(BATCH, channels, resolution, resolution)
    return values.contiguous(memory_format=torch.channels_last)


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
    name = f"{channels} channels in groups of {width}, {resolution}x{resolution}"
    show(
        name + ": forward",
        plain=partial(convolve, x, weight, 1, groups),
        merged=partial(convolve, x, wide, 1, fewer),
    )
    show(
        name + ": input",
        plain=partial(convolve_back, g, x.shape, weight, 1, groups),
        merged=partial(convolve_back, g, x.shape, wide, 1, fewer),
    )
    show(
        name + ": weight",
        plain=partial(weight_gradient, g, x, weight, 1, groups),
        merged=partial(weight_gradient, g, x, wide, 1, fewer),
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


def channel_vector(channels: int, resolution: int) -> None:
    """x += s * v with a vector over the channels, as it is and repeated to 512 values."""
    x, s, v = activations(channels, resolution), activations(channels, resolution), torch.randn(channels)
    copies = max(1, 512 // channels)
    flat = [tensor.permute(0, 2, 3, 1).reshape(-1, channels * copies) for tensor in (x, s)]
    show(
        f"x += s * v, {channels} channels, {resolution}x{resolution}",
        plain=partial(x.addcmul_, s, v.view(1, -1, 1, 1), value=1e-9),
        repeated=partial(flat[0].addcmul_, flat[1], v.repeat(copies), value=1e-9),
    )


def main() -> None:
    """Print every row."""
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, {platform.machine()}, one thread, milliseconds")
    for channels, resolution, width in ((32, 32, 2), (64, 16, 4), (128, 8, 2)):
        narrow_groups(channels, resolution, width)
    for channels, resolution in ((8, 32), (64, 16), (128, 8)):
        pointwise(channels, resolution)
        channel_vector(channels, resolution)


if __name__ == "__main__":
    main()
