"""Whether images have the same logits one by one as together, and how a network's layers are called."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from netlore.errors import InvalidInput
from netlore.scoring.chunks.separability import refusal
from netlore.scoring.passes.layers import Layer, checked_logits, copied, layers_of, layout_of, restored_after
from netlore.scoring.passes.relu_codes import ActivationCodes
from netlore.scoring.predictor import Degenerate

_AT_MOST = 4
"""So many images are compared, together and one by one."""

_ROUNDING = {torch.float64: 1e-9, torch.float32: 1e-4}
"""What logits may differ by, beside the largest of them."""

_STIR = 1e-3
"""Weights are changed by such a part of themselves; those that are zero by so much."""


@dataclass(frozen=True)
class Call:
    """A call of a layer or a ReLU.

    Attributes:
        rows: First dimension of its output for one image.
        follows: Whether n images give n times as many; otherwise they give as many.
    """

    rows: int
    follows: bool

    def rows_for(self, images: int) -> int:
        """First dimension of its output for so many images."""
        return self.rows * images if self.follows else self.rows


@dataclass(frozen=True)
class Pattern:
    """The calls that a forward pass makes, whatever the images.

    Attributes:
        layers: Those of each layer, in order; None if they are not the same for all images.
        rectifiers: Those of ReLUs, in order; None as above.
    """

    layers: Mapping[Layer, tuple[Call, ...]] | None
    rectifiers: tuple[Call, ...] | None


def pattern_of(network: nn.Module, images: Tensor, chunk_size: int) -> Pattern:
    """See how a network is called, having made sure that images have the same logits one by one as together.

    At most `chunk_size` images are shown at once, but never less than two, for one proves nothing. It is done in
    float64 if the network can be evaluated in it, with the weights stirred a little: a classifier that starts at
    zero would hide everything before it.

    Args:
        network: The network; it is left as it was.
        images: The batch, in the precision of the passes, shape (N, ...).
        chunk_size: k < N.

    Raises:
        Inseparable: They differ by more than rounding, or the network draws random numbers.
        Degenerate: The logits are not finite, so that nothing can be told.
    """
    chosen = _unlike(images, max(2, min(_AT_MOST, chunk_size)))
    try:
        found = _pattern(network, chosen.double())
    except (InvalidInput, MemoryError, torch.OutOfMemoryError):
        raise
    except Exception:
        if images.dtype == torch.float64:
            raise
        # Some networks cannot be evaluated in another precision than theirs.
        found = _pattern(network, chosen)
    if isinstance(found, str):
        raise refusal(len(images), chunk_size, found)
    return found


def _unlike(images: Tensor, count: int) -> Tensor:
    """The first image and, if there are any, others than it, since equal ones would not disturb each other."""
    others = (images != images[0]).reshape(len(images), -1).any(dim=1).nonzero().flatten()[: count - 1]
    return images[:count] if len(others) == 0 else torch.cat([images[:1], images[others]])


def _pattern(network: nn.Module, images: Tensor) -> Pattern | str:
    """The pattern, or in words why there is none."""
    together = _trace(network, images)
    alone = [_trace(network, image[None]) for image in images]
    if any(trace.drew for trace in (together, *alone)):
        return "the network draws random numbers for all images at once"
    if not bool(together.logits.isfinite().all()):
        raise Degenerate(
            "the logits are not finite, so nothing tells whether the batch may be evaluated in chunks"
        )
    difference = (together.logits - torch.cat([trace.logits for trace in alone])).abs().max()
    if not bool(difference <= _ROUNDING[images.dtype] * together.logits.abs().max()):
        return "the network's logits for an image change with the images beside it"
    layers = {
        layer: _calls(len(images), rows, [trace.layers.get(layer, []) for trace in alone])
        for layer, rows in together.layers.items()
    }
    alike = {layer: calls for layer, calls in layers.items() if calls is not None}
    rectifiers = _calls(len(images), together.rectifiers, [trace.rectifiers for trace in alone])
    return Pattern(alike if len(alike) == len(layers) else None, rectifiers)


def _calls(images: int, together: Sequence[int], alone: Sequence[Sequence[int]]) -> tuple[Call, ...] | None:
    """Calls from the first dimensions of their outputs; None if they obey no rule."""
    if any(rows != alone[0] for rows in alone) or len(together) != len(alone[0]):
        return None
    calls = tuple(Call(one, one != many) for one, many in zip(alone[0], together, strict=True))
    lawful = all(call.rows_for(images) == many for call, many in zip(calls, together, strict=True))
    return calls if lawful else None


@dataclass(frozen=True)
class _Trace:
    """A forward pass: logits, first dimensions of the outputs of layers and ReLUs, whether it drew numbers."""

    logits: Tensor
    layers: dict[Layer, list[int]]
    rectifiers: list[int]
    drew: bool


class _Lengths(ActivationCodes):
    """Takes down nothing but first dimensions, 0 for scalars."""

    def __init__(self) -> None:
        super().__init__(0)
        self.lengths: list[int] = []

    def add(self, output: Tensor) -> None:
        """Take down that of a rectifier's output."""
        self.lengths.append(len(output) if output.ndim else 0)


def _trace(network: nn.Module, images: Tensor) -> _Trace:
    layers, lengths = layers_of(network), _Lengths()
    rows: dict[Layer, list[int]] = {}

    def note(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        assert isinstance(layer, Layer)
        rows.setdefault(layer, []).append(len(output))

    layout = layout_of(layers)
    state = _stirred(network, images.dtype, layout)
    state |= {name: copied(buffer, images.dtype, layout) for name, buffer in network.named_buffers()}
    hooks = [layer.register_forward_hook(note) for layer in layers]
    try:
        with restored_after(network, True, state), torch.no_grad(), lengths:
            before = _generators(images.device)
            output = network(copied(images, images.dtype, layout))
            drew = before != _generators(images.device)
    finally:
        for hook in hooks:
            hook.remove()
    return _Trace(checked_logits(output, len(images)), rows, lengths.lengths, drew)


def _stirred(network: nn.Module, dtype: torch.dtype, layout: torch.memory_format) -> dict[str, Tensor]:
    """Copies of the parameters, moved a little; always the same way."""
    generator = torch.Generator().manual_seed(0)
    state = {name: copied(parameter, dtype, layout) for name, parameter in network.named_parameters()}
    for tensor in filter(torch.is_floating_point, state.values()):
        size = torch.where(tensor == 0, 1.0, tensor.abs())
        tensor += _STIR * size * torch.randn(tensor.shape, generator=generator).to(size)
    return state


def _generators(device: torch.device) -> tuple[object, ...]:
    """Where the global random generators stand."""
    numpy = np.random.get_state(legacy=True)  # noqa: NPY002 - this is the one that networks draw from
    assert isinstance(numpy, tuple)
    states = [torch.get_rng_state()]
    if device.type == "cuda":
        states.append(torch.cuda.get_rng_state(device))
    return random.getstate(), numpy[1].tobytes(), *numpy[2:], *(state.numpy().tobytes() for state in states)
