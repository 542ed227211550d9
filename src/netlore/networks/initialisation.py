"""Initial weights, as those of the paper's networks."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from netlore.space.outline import flattened
from netlore.space.plan import Layer, Plan, Sum


def initial_weights(plan: Plan, seed: int, device: torch.device | None = None) -> list[tuple[Layer, Tensor]]:
    """The weights of every convolution and classifier of a plan, float32, in the plan's order.

    - convolutions: normal, variance 2 / (k * k * C_out), not divided by the groups;
    - classifier: normal with standard deviation 0.01.

    Args:
        plan: A plan of integers.
        seed: Any integer. The global generator is not touched.
        device: Where the weights are to be; their values do not depend on it. None is the CPU.

    Returns:
        The plan's layers, repeated ones each time, and a weight of shape (C_out, C_in / groups, k, k) or
        (C_out, C_in) for each.

    Source: pycls's initialisation (Radosavovic et al. 2020), which the paper uses.
    """
    layers = list(_weighted(plan))
    shapes = [_shape(layer) for layer in layers]
    sizes = [math.prod(shape) for shape in shapes]
    generator = torch.Generator().manual_seed(seed % 2**63)
    # One draw for all layers: hundreds of small ones cost more than the numbers themselves.
    noise = torch.randn(sum(sizes), generator=generator, dtype=torch.float32).to(device)
    parts = zip(layers, torch.split(noise, sizes), shapes, strict=True)
    return [(layer, part.view(shape).mul_(_deviation(layer))) for layer, part, shape in parts]


@torch.no_grad()
def initialise(network: nn.Module, plan: Plan, seed: int) -> None:
    """Set every parameter and buffer of a plan's network: weights as `initial_weights`, classifier bias 0, batch
    norm weight 1, bias 0, running mean 0, running variance 1."""
    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    for layer, (_, weight) in zip(layers, initial_weights(plan, seed), strict=True):
        layer.weight.copy_(weight)
        if layer.bias is not None:
            layer.bias.zero_()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()


def _weighted(plan: Plan) -> Iterator[Layer]:
    for part in flattened([plan]):
        if isinstance(part, Sum):
            yield from _weighted(part.branch)
            yield from _weighted(part.shortcut)
        elif part.kind in ("convolution", "linear"):
            yield part


def _shape(layer: Layer) -> tuple[int, ...]:
    w_in, w_out = int(layer.w_in), int(layer.w_out)
    if layer.kind == "linear":
        return (w_out, w_in)
    return (w_out, w_in // int(layer.groups), layer.kernel, layer.kernel)


def _deviation(layer: Layer) -> float:
    return 0.01 if layer.kind == "linear" else math.sqrt(2.0 / (layer.kernel**2 * int(layer.w_out)))
