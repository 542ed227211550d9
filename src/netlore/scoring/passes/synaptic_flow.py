"""Synaptic flow of any network."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from netlore.scoring.passes.layers import (
    checked_logits,
    copied,
    layers_of,
    layout_of,
    restored_after,
    weight_names,
)

_BatchNorm = nn.modules.batchnorm._BatchNorm


def log_synaptic_flow(network: nn.Module, image_shape: tuple[int, ...]) -> Tensor:
    """ln sum |W dR/dW| over all convolutions and linear layers, a float64 scalar; minus infinity if nothing flows.

    R is the sum of the logits for one image of ones, in evaluation mode, with parameters and buffers replaced by
    their absolute values and batch norms skipped, in float64.

    Args:
        network: Any module; it is left as it was.
        image_shape: Shape of one image, (C, H, W).

    Raises:
        InvalidInput: The network does not return logits, or a layer's weight is not a parameter.
    """
    layers = layers_of(network)
    names = weight_names(network, layers)
    layout = layout_of(layers)
    state = {name: _positive(p, layout) for name, p in [*network.named_parameters(), *network.named_buffers()]}
    weights = {name: state[name].requires_grad_(True) for name in dict.fromkeys(names.values())}
    device = next(network.parameters()).device
    ones = torch.ones((1, *image_shape), dtype=torch.float64, device=device)
    with restored_after(network, False, state), torch.enable_grad():
        for module in network.modules():
            if isinstance(module, _BatchNorm):
                module.forward = _identity  # type: ignore[method-assign, assignment]
        total = checked_logits(network(ones), images=1).sum()
        reached = bool(weights) and total.requires_grad
        found = torch.autograd.grad(total, list(weights.values()), allow_unused=True) if reached else ()
    gradients = dict(zip(weights, found, strict=False))
    with torch.no_grad():
        flows = [
            (weights[name] * gradient).abs().sum()
            for name in names.values()
            if (gradient := gradients.get(name)) is not None
        ]
        return torch.stack(flows).sum().log() if flows else torch.tensor(-math.inf, dtype=torch.float64)


def _positive(tensor: Tensor, layout: torch.memory_format) -> Tensor:
    copy = copied(tensor, torch.float64, layout)
    return copy.abs_() if copy.is_floating_point() else copy


def _identity(x: Tensor) -> Tensor:
    return x
