"""What a network takes to hold: the bytes of its weights, and the most activations that are alive at once.

All three measures are columns of a table only where they are asked for, by a budget for example.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from netlore.space.complexity import measure
from netlore.space.layer import Extent
from netlore.space.liveness import peak_activations
from netlore.space.plan import Chain, Layer, Plan, Repeat, Size, Switch, paths, whole
from netlore.space.totals import added_up

FLOAT32 = 4  # bytes


@measure("weight_bytes", label="Weights in bytes", unit="bytes of weights", additive=True, always=False)
def weight_bytes(plan: Plan, resolution: int) -> Size:
    """4 bytes for each number that inference in float32 needs, as an ONNX file of `netlore export` has them.

    These are the parameters, and a mean and a variance for each channel of a batch norm. One right behind a
    convolution is folded into it: of its 4 w_out numbers the w_out of a bias are left, or none where the
    convolution has a bias already. A convolution of 3 to 8 channels, kernel 3, with its batch norm has
    4 (216 + 8) = 896 bytes.
    """
    return FLOAT32 * (added_up(plan, resolution, _numbers) - _folded(plan))


def _numbers(layer: Layer, before: Extent, after: Extent) -> Size:
    return layer.params + 2 * layer.w_out * (layer.kind == "batch_norm")


@measure("peak_memory", label="Peak memory in bytes", unit="bytes of peak memory", always=False)
def peak_memory(plan: Plan, resolution: int) -> Size:
    """4 bytes for each activation that is alive where there are most, of one image in float32; see `liveness`."""
    return FLOAT32 * peak_activations(plan, resolution)


@measure(
    "peak_memory_int8",
    label="Peak memory in bytes (int8)",
    unit="bytes of peak memory in int8",
    always=False,
)
def peak_memory_int8(plan: Plan, resolution: int) -> Size:
    """One byte for each of the same activations, as a quantised network of a microcontroller has them."""
    return peak_activations(plan, resolution)


def _folded(plan: Plan) -> Size:
    """Numbers of batch norms that the convolutions before them take over."""
    match plan:
        case Layer():
            return 0
        case Chain():
            parts = [*_in_series(plan)]
            found: Size = sum((_folded(part) for part in parts), start=0)
            for one, norm in pairwise(parts):
                if isinstance(one, Layer) and isinstance(norm, Layer) and norm.kind == "batch_norm":
                    found = found + norm.w_out * (3 + one.has_bias) * (one.kind == "convolution")
            return found
        case Repeat(part, times):
            return _folded(part) * times
        case Switch(index, options):
            return sum((_folded(one) * whole(np.equal(index, i)) for i, one in enumerate(options)), start=0)
        case _:
            return sum((_folded(part) for _, part in paths(plan)), start=0)


def _in_series(plan: Plan) -> Iterator[Plan]:
    """The parts of chains within chains."""
    if not isinstance(plan, Chain):
        yield plan
        return
    for part in plan.parts:
        yield from _in_series(part)
