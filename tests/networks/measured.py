"""Complexity of a module as it runs, measured without knowing its plan."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from netlore.space.complexity import Complexity

_BATCH = 2


def measured(network: nn.Module, resolution: int = 32, channels: int = 3) -> Complexity:
    """FLOPs by torch's counter, parameters by the module's own list, activations by forward hooks."""
    sizes: list[int] = []
    biases: list[int] = []

    def write(layer: nn.Module, _: object, output: torch.Tensor) -> None:
        sizes.append(output.numel())
        biases.append(output.numel() if layer.bias is not None else 0)

    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    hooks = [layer.register_forward_hook(write) for layer in layers]
    # Evaluation mode: batch norm refuses to take statistics of a single position.
    network.eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(_BATCH, channels, resolution, resolution))
    network.train()
    for hook in hooks:
        hook.remove()
    # torch counts a multiply-add as two operations and leaves biases out.
    return Complexity(
        counter.get_total_flops() // (2 * _BATCH) + sum(biases) // _BATCH,
        sum(parameter.numel() for parameter in network.parameters()),
        sum(sizes) // _BATCH,
    )
