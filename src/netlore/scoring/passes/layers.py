"""The layers whose weights predictors look at, and how a network is borrowed for a pass."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from netlore.errors import InvalidInput
from netlore.networks.layers import Classifier, Convolution

Layer = nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.Linear


def layers_of(network: nn.Module) -> list[Layer]:
    """Every convolution and linear layer, in registration order.

    Raises:
        InvalidInput: A layer's weight is computed from other parameters.
    """
    parameters = {id(parameter) for parameter in network.parameters()}
    found: list[Layer] = []
    for name, module in network.named_modules():
        if not isinstance(module, Layer):
            continue
        if id(module.weight) not in parameters:
            raise InvalidInput(
                f"the weight of layer {name!r} is computed from other parameters; remove its parametrization."
            )
        found.append(module)
    return found


def weight_names(network: nn.Module, layers: list[Layer]) -> dict[Layer, str]:
    """The parameter name of each layer's weight; layers that share a weight share the name."""
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    return {layer: names[id(layer.weight)] for layer in layers}


def layout_of(layers: list[Layer]) -> torch.memory_format:
    """How images and kernels of a network are laid out in memory.

    Channels last for netlore's own networks: torch's CPU kernels for grouped convolutions are several times faster
    there. Other networks may ask for the standard layout, with `view` for example; they always get that one, since
    in float32 scores of deep networks depend on it.
    """
    own = all(isinstance(layer, Convolution | Classifier) for layer in layers)
    return torch.channels_last if own else torch.contiguous_format


def copied(tensor: Tensor, dtype: torch.dtype, layout: torch.memory_format) -> Tensor:
    """A detached copy in that precision and, if 4-dimensional, layout; whole numbers and flags keep their type."""
    target = dtype if tensor.is_floating_point() else tensor.dtype
    of_kernels = layout if tensor.ndim == 4 else torch.contiguous_format
    return tensor.detach().to(target, copy=True, memory_format=of_kernels)


@contextmanager
def borrowed(network: nn.Module, training: bool) -> Iterator[None]:
    """Put a network into training or evaluation mode and give it back as it was; random generators as well.

    Dropout and its like draw from global generators; inside, those start from a fixed seed, so that scores repeat.
    """
    modes = [(module, module.training) for module in network.modules()]
    with _seeded({parameter.device for parameter in network.parameters()}):
        network.train(training)
        try:
            yield
        finally:
            for module, mode in modes:
                module.training = mode


@contextmanager
def _seeded(devices: set[torch.device]) -> Iterator[None]:
    """Inside, the global generators of torch, numpy and Python stand at a fixed seed."""
    cuda = [device for device in devices if device.type == "cuda"]
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - this is the one that networks draw from
    with torch.random.fork_rng(devices=cuda):
        # Not `torch.manual_seed`, which would also seed devices that nobody puts back.
        torch.default_generator.manual_seed(0)
        for device in cuda:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(0)
        random.seed(0)
        np.random.seed(0)  # noqa: NPY002
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)  # noqa: NPY002


def checked_logits(output: object, images: int) -> Tensor:
    """A network's output, if it is what a classifier returns for so many images.

    Raises:
        InvalidInput: It is not of shape (images, classes).
    """
    if isinstance(output, Tensor) and output.ndim == 2 and len(output) == images:
        return output
    shape = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
    raise InvalidInput(
        f"the network returned {shape} for {images} images; it must return logits of shape (images, classes)."
    )


def check_labels(found: tuple[int, int], classes: int) -> None:
    """Refuse a batch whose lowest and highest label are not classes of the network.

    Raises:
        InvalidInput: One is not.
    """
    low, high = found
    if low < 0 or high >= classes:
        raise InvalidInput(
            f"label {low if low < 0 else high} is outside the network's {classes} classes; "
            f"labels must be 0 to {classes - 1}."
        )
