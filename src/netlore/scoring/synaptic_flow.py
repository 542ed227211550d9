"""Synaptic flow of any network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.func import functional_call

from netlore.scoring.layers import borrowed, copied, layers_of, weight_names

_BatchNorm = nn.modules.batchnorm._BatchNorm


def log_synaptic_flow(network: nn.Module, image_shape: tuple[int, ...]) -> Tensor:
    """ln sum |W dR/dW| over all convolutions and linear layers that take part, a float64 scalar.

    R is the sum of the logits for one image of ones, in evaluation mode, with parameters and buffers replaced by
    their absolute values and batch norms skipped, in float64.

    Args:
        network: Any module; it is left as it was.
        image_shape: Shape of one image, (C, H, W).
    """
    layers = layers_of(network)
    names = weight_names(network, layers)
    state = {name: copied(p, torch.float64).abs_() for name, p in network.named_parameters()}
    weights = {name: state[name].requires_grad_(True) for name in dict.fromkeys(names.values())}
    buffers = {name: copied(b, torch.float64).abs_() if b.is_floating_point() else b.clone() for name, b in network.named_buffers()}
    device = next(iter(state.values())).device
    ones = torch.ones((1, *image_shape), dtype=torch.float64, device=device)
    with borrowed(network, training=False), without_batch_norm(network), torch.enable_grad():
        total = functional_call(network, {**state, **buffers}, (ones,)).sum()
        found = torch.autograd.grad(total, list(weights.values()), allow_unused=True)
    gradients = dict(zip(weights, found, strict=True))
    with torch.no_grad():
        flows = [
            (weights[name] * gradient).abs().sum()
            for name in names.values()
            if (gradient := gradients[name]) is not None
        ]
        return torch.stack(flows).sum().log()


@contextmanager
def without_batch_norm(network: nn.Module) -> Iterator[None]:
    """Inside, every batch-norm module returns its input."""
    modules = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    own = [(module, module.__dict__.get("forward")) for module in modules]
    for module in modules:
        module.forward = _identity  # type: ignore[method-assign]
    try:
        yield
    finally:
        for module, forward in own:
            del module.__dict__["forward"]
            if forward is not None:
                module.__dict__["forward"] = forward


def _identity(x: Tensor) -> Tensor:
    return x
