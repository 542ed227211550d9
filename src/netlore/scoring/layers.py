"""The layers whose weights predictors look at, and how a network is borrowed for a pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from netlore.errors import InvalidInput

Layer = nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.Linear


def layers_of(network: nn.Module) -> list[Layer]:
    """Every convolution and linear layer, in registration order.

    Raises:
        InvalidInput: A layer's weight is computed from other parameters.
    """
    found: list[Layer] = [module for module in network.modules() if isinstance(module, Layer)]
    parameters = {id(parameter) for parameter in network.parameters()}
    for layer in found:
        if id(layer.weight) not in parameters:
            raise InvalidInput(
                f"the weight of {layer} is computed from other parameters; remove its parametrization first."
            )
    return found


def weight_names(network: nn.Module, layers: list[Layer]) -> dict[Layer, str]:
    """The parameter name of each layer's weight; layers that share a weight share the name."""
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    return {layer: names[id(layer.weight)] for layer in layers}


@contextmanager
def borrowed(network: nn.Module, training: bool) -> Iterator[None]:
    """Put a network into training or evaluation mode and give it back as it was; random generators as well.

    Dropout draws from the global generator; inside, that one starts from a fixed seed, so that scores repeat.
    """
    modes = [(module, module.training) for module in network.modules()]
    devices = {parameter.device for parameter in network.parameters() if parameter.device.type == "cuda"}
    with torch.random.fork_rng(devices=list(devices), enabled=True):
        torch.manual_seed(0)
        network.train(training)
        try:
            yield
        finally:
            for module, mode in modes:
                module.training = mode


def copied(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    """A detached copy in that precision; whole numbers and flags keep their type.

    Kernels of 2-d convolutions are laid out channels last, where torch's CPU kernels for grouped convolutions are
    several times faster.
    """
    target = dtype if tensor.is_floating_point() else tensor.dtype
    layout = torch.channels_last if tensor.ndim == 4 else torch.preserve_format
    return tensor.detach().to(target, copy=True, memory_format=layout)
