"""Initial weights, as those of the paper's networks."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from netlore.networks.transformer import Tokens
from netlore.space.outline import flattened
from netlore.space.plan import Chain, Layer, Plan, paths

# Of what carries no image: tokens of a transformer (Dosovitskiy et al. 2021), and the paper's classifier.
_TOKENS, _CLASSIFIER = 0.02, 0.01


def initial_weights(plan: Plan, seed: int, device: torch.device | None = None) -> list[tuple[Layer, Tensor]]:
    """The weights of every convolution, linear layer and embedding of a plan, float32, in the plan's order.

    - convolutions: normal, variance 2 / (k * k * C_out), not divided by the groups;
    - linear layers: normal with standard deviation 0.01;
    - class tokens and embeddings of places: normal with standard deviation 0.02.

    Of a plan whose initialisation is `uniform`, those of convolutions and linear layers are uniform between
    -1 / sqrt(fan-in) and 1 / sqrt(fan-in), fan-in = k * k * C_in / groups: torch's own rule, for networks that
    were published with it.

    Args:
        plan: A plan of integers.
        seed: Any integer. The global generator is not touched.
        device: Where the weights are to be; their values do not depend on it. None is the CPU.

    Returns:
        The plan's layers, repeated ones each time, and a weight of shape (C_out, C_in / groups, k, k),
        (C_out, C_in) or (k * k + 2, C_out) for each: in the last one class token, its place, all others.

    Source: pycls's initialisation (Radosavovic et al. 2020), which the paper uses.
    """
    uniform = isinstance(plan, Chain) and plan.initialisation == "uniform"
    layers = list(_weighted(plan))
    shapes = [_shape(layer) for layer in layers]
    sizes = [math.prod(shape) for shape in shapes]
    generator = torch.Generator().manual_seed(seed % 2**63)
    # One draw for all layers: hundreds of small ones cost more than the numbers themselves.
    if uniform:
        noise = torch.rand(sum(sizes), generator=generator, dtype=torch.float32).mul_(2).sub_(1).to(device)
    else:
        noise = torch.randn(sum(sizes), generator=generator, dtype=torch.float32).to(device)
    parts = zip(layers, torch.split(noise, sizes), shapes, strict=True)
    return [(layer, part.view(shape).mul_(_scale(layer, shape, uniform))) for layer, part, shape in parts]


@torch.no_grad()
def initialise(network: nn.Module, plan: Plan, seed: int) -> None:
    """Set every parameter and buffer of a plan's network: weights as `initial_weights`, biases 0, norms weight 1,
    bias 0, running mean 0, running variance 1."""
    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear | Tokens)]
    for layer, (_, weight) in zip(layers, initial_weights(plan, seed), strict=True):
        if isinstance(layer, Tokens):
            layer.class_token.copy_(weight[0])
            layer.places.copy_(weight[1:])
            continue
        layer.weight.copy_(weight)
        if layer.bias is not None:
            layer.bias.zero_()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d | nn.LayerNorm):
            module.reset_parameters()


def _weighted(plan: Plan) -> Iterator[Layer]:
    for part in flattened([plan]):
        if not isinstance(part, Layer):
            for _, path in paths(part):
                yield from _weighted(path)
        elif part.kind in ("convolution", "linear", "tokens"):
            yield part


def _shape(layer: Layer) -> tuple[int, ...]:
    w_in, w_out, kernel = int(layer.w_in), int(layer.w_out), int(layer.kernel)
    if layer.kind == "linear":
        return (w_out, w_in)
    if layer.kind == "tokens":
        return (kernel**2 + 2, w_out)
    return (w_out, w_in // int(layer.groups), kernel, kernel)


def _scale(layer: Layer, shape: tuple[int, ...], uniform: bool) -> float:
    """The standard deviation, or the end of the uniform distribution."""
    if uniform and layer.kind != "tokens":
        return 1 / math.sqrt(math.prod(shape[1:]))
    if layer.kind == "convolution":
        return math.sqrt(2.0 / (int(layer.kernel) ** 2 * int(layer.w_out)))
    return _TOKENS if layer.kind == "tokens" else _CLASSIFIER
