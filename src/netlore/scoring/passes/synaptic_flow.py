"""Synaptic flow of any network."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.func import functional_call

from netlore.scoring.passes.layers import borrowed, checked_logits, copied, layers_of, layout_of, weight_names

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
    with borrowed(network, training=False), without_batch_norm(network), torch.enable_grad():
        total = checked_logits(functional_call(network, state, (ones,)), images=1).sum()
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


@contextmanager
def without_batch_norm(network: nn.Module) -> Iterator[None]:
    """Inside, every batch-norm module returns its input."""
    modules = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    own = [(module, module.__dict__.get("forward")) for module in modules]
    for module in modules:
        module.forward = _identity  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        for module, forward in own:
            del module.__dict__["forward"]
            if forward is not None:
                module.__dict__["forward"] = forward


def _identity(x: Tensor) -> Tensor:
    return x
