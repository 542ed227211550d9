"""Conventions of others: how benchmarks' own tables count complexity, where they do not count as netlore does.

Each is a rule for `netlore.space.totals.total`, which adds it up over a plan: what one layer counts for, from the
positions of its input and of its output.

>>> from netlore.space.families import plan_of
>>> from netlore.space.families.anynet_imagenet import anynet_imagenet_architecture
>>> from netlore.space.totals import total
>>> widths, groups = (256, 512, 1024, 2048), (64, 128, 256, 512)
>>> made = anynet_imagenet_architecture((3, 4, 6, 3), widths, groups, (0.25,) * 4, "resnet-imagenet")
>>> total(plan_of(made.family, made.values, 1000, 3), 224, as_pycls)
Complexity(flops=4089185256, params=25557032, activations=11315688)
"""

from __future__ import annotations

from netlore.space.layer import Extent, Layer, Size
from netlore.space.totals import Complexity, usual

_POOLS = ("avg_pool", "max_pool")


def as_pycls(layer: Layer, before: Extent, after: Extent) -> Complexity:
    """As netlore, but that the outputs of a pool with a window are activations, as in ResNet's stem."""
    pooled = layer.w_out * after.positions if layer.kind in _POOLS else 0
    return usual(layer, before, after) + Complexity(0, 0, pooled)


def as_tensorwatch(layer: Layer, before: Extent, after: Extent) -> Complexity:
    """FLOPs as scores of NASLib and NAS-Bench-Suite-Zero have them, in millions, by the package tensorwatch.

    They are multiply-adds of convolutions, and of linear layers without biases; for each output 2 of a batch norm,
    1 of a ReLU, and kernel * kernel of a pool. The mean of an image of side r counts (r + 1)^2 for each channel.
    """
    outputs = layer.w_out * after.positions
    flops = {
        "convolution": layer.flops(after),
        "linear": layer.w_in * layer.w_out,
        "batch_norm": 2 * outputs,
        "relu": outputs,
        "avg_pool": layer.kernel**2 * outputs,
        "global_pool": layer.w_in * (before.side + 1) ** 2,
    }
    return _counted(flops, layer, after)


def as_thop(layer: Layer, before: Extent, after: Extent) -> Complexity:
    """FLOPs as `macs_m` of Accel-NAS-Bench has them, in millions, by the package thop.

    They are multiply-adds of convolutions and linear layers without biases, and 4 for each output of a batch norm.
    The mean of an image of n positions counts n + 1 for each channel. Activation functions count nothing.
    """
    outputs, mean = layer.w_out * after.positions, layer.w_in * (before.positions + 1)
    flops = _products(layer, after) | {"batch_norm": 4 * outputs, "squeeze": mean, "global_pool": mean}
    return _counted(flops, layer, after)


def as_nas_bench_macro(layer: Layer, before: Extent, after: Extent) -> Complexity:
    """FLOPs as NAS-Bench-Macro has them: multiply-adds of convolutions and linear layers without biases."""
    return _counted(_products(layer, after), layer, after)


def _products(layer: Layer, after: Extent) -> dict[str, Size]:
    """Multiply-adds without biases."""
    weights = layer.params - (layer.w_out if layer.has_bias else 0)
    return {"convolution": weights * after.positions, "linear": weights}


def _counted(flops: dict[str, Size], layer: Layer, after: Extent) -> Complexity:
    return Complexity(flops.get(layer.kind, 0), layer.params, layer.activations(after))
