"""What the outputs of layers span: how alike their channels are, how many directions they fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from netlore.errors import Degenerate
from netlore.scoring.evidence import Kind
from netlore.scoring.kinds.gradients import Named, weights_of
from netlore.scoring.kinds.outputs import covariance, seeing
from netlore.scoring.kinds.view import AS_GIVEN, Draw, View, made
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.passes.derivatives import gradients_of
from netlore.scoring.passes.layers import layers_of


class Likeness(NamedTuple):
    """How alike the channels of an output are over positions.

    Attributes:
        channels, positions: The shape of the matrix of rows whose correlations are looked at.
        constant: Channels that are the same everywhere, and so have no correlations.
        least: The smallest eigenvalue of the correlations of the others, a float64 scalar.
    """

    channels: int
    positions: int
    constant: int
    least: Tensor


@dataclass(frozen=True, eq=False)
class LayerTraces:
    """Of outputs of convolutions and linear layers, and of the gradient behind them.

    Attributes:
        trace: tr C of each call, float64 (calls,), C the covariance of channels over images and positions.
        of_square: tr C^2 likewise.
        gradients: dL/dW by the parameters' names.
    """

    trace: Tensor
    of_square: Tensor
    gradients: Named


def channel_likeness(every: bool = False, view: View = AS_GIVEN) -> Kind[list[list[Likeness]]]:
    """How alike the channels of outputs are over the positions of the first image, as modules return them; a list
    for each draw.

    Args:
        every: Whether all modules count, also those made of others, and the rows of what the first image gives are
            its first axis, whatever that is; else modules that are made of no others and are no identity, and
            channels are told from positions.
        view: What the network is shown, with which weights.
    """
    return made(_channel_likeness, view, "one forward pass", every=every)


def channel_squares(view: View = AS_GIVEN) -> Kind[list[Named]]:
    """What modules with a `weight` and activation modules return, float64 (C, C), by their names; a mapping for
    each draw.

    There is a row of C channels for each position of each image; C consecutive ones are taken from a start that
    is drawn at random, or all where there are fewer. The first call of a module counts.
    """
    return made(_channel_squares, view, "one forward pass")


def layer_traces(view: View = AS_GIVEN) -> Kind[list[LayerTraces]]:
    """Traces of the covariances of what convolutions and linear layers return, and the gradient of the loss, see
    `LayerTraces`; one for each draw.
    """
    return made(_layer_traces, view, "one forward pass and one backward pass (gradient of the loss)")


@torch.no_grad()
def _channel_likeness(own: OwnPass, view: View, every: bool) -> list[list[Likeness]]:
    """How alike the channels of outputs are over the positions of the first image."""
    return [_likenesses(own, draw, every) for draw in view.drawn(own)]


def _likenesses(own: OwnPass, draw: Draw, every: bool) -> list[Likeness]:
    found: list[Likeness] = []

    def see(name: str, module: nn.Module, output: Tensor) -> None:
        rows = output[0].reshape(len(output[0]), -1) if every else channels.maps(output[:1])[0]
        found.append(_likeness(rows))

    with seeing(draw.network, _is_any if every else _is_leaf, see) as channels:
        own.outputs(draw.network, draw.inputs)
    return found


def _likeness(rows: Tensor) -> Likeness:
    """Of channels (C, positions)."""
    centred = rows.double() - rows.mean(dim=1, keepdim=True, dtype=torch.float64)
    lengths = torch.linalg.vector_norm(centred, dim=1, keepdim=True)
    varies = (rows != rows[:, :1]).any(dim=1)
    channels, positions = rows.shape
    constant = channels - int(varies.sum())
    zero = lengths.new_zeros(())
    if constant == channels or channels - constant >= positions:
        # The rank of correlations over P positions is P - 1 at most.
        return Likeness(channels, positions, constant, zero)
    normed = centred[varies] / lengths[varies]
    if not bool(normed.isfinite().all()):
        return Likeness(channels, positions, constant, torch.full_like(zero, torch.nan))
    return Likeness(channels, positions, constant, torch.linalg.eigvalsh(normed @ normed.T)[0])


@torch.no_grad()
def _channel_squares(own: OwnPass, view: View) -> list[Named]:
    """Consecutive rows of channels of what layers with weights and activations return, as many as channels."""
    return [_squares(own, draw, number) for number, draw in enumerate(view.drawn(own))]


def _squares(own: OwnPass, draw: Draw, number: int) -> Named:
    generator = torch.Generator().manual_seed(2**31 + number)
    found: Named = {}

    def see(name: str, module: nn.Module, output: Tensor) -> None:
        if name not in found:
            # A copy, since what follows may overwrite what it is given.
            found[name] = _consecutive(channels.maps(output), generator).to(torch.float64, copy=True)

    with seeing(draw.network, _has_weight_or_activates, see) as channels:
        own.outputs(draw.network, draw.inputs)
    if not found:
        raise Degenerate("no module with weights and no activation module is called")
    return found


def _consecutive(maps: Tensor, generator: torch.Generator) -> Tensor:
    """C rows of channels, positions of images one after the other, of maps (N, C, P); all if there are fewer."""
    count, channels, positions = maps.shape
    start = int(torch.randint(max(0, count * positions - channels) + 1, (), generator=generator))
    first, last = start // positions, (start + channels - 1) // positions
    rows = maps[first : last + 1].transpose(1, 2).reshape(-1, channels)
    return rows[start - first * positions :][:channels]


def _layer_traces(own: OwnPass, view: View) -> list[LayerTraces]:
    """Traces of the covariances of what convolutions and linear layers return, and the gradient of the loss."""
    return [_traces(own, draw) for draw in view.drawn(own)]


def _traces(own: OwnPass, draw: Draw) -> LayerTraces:
    weights = weights_of(own, draw.network)
    layers = {id(one) for one in layers_of(draw.network).names}
    found: list[Tensor] = []

    def see(name: str, module: nn.Module, output: Tensor) -> None:
        matrix = covariance(channels.maps(output))
        found.append(torch.stack([matrix.trace(), matrix.square().sum()]))

    with seeing(draw.network, lambda one: id(one) in layers, see) as channels:
        loss = own.loss(draw.network, *draw.batches[0])
    if not found:
        raise Degenerate("no convolution and no linear layer is called")
    gradients = gradients_of([loss], list(weights.values()), keep=False)
    trace, of_square = torch.stack(found).T
    return LayerTraces(trace, of_square, dict(zip(weights, gradients, strict=True)))


def _is_any(module: nn.Module) -> bool:
    return True


def _is_leaf(module: nn.Module) -> bool:
    """Whether it is made of no others, and changes what it is given."""
    return not any(True for _ in module.children()) and not isinstance(module, _IDENTITIES)


_IDENTITIES: tuple[Any, ...] = (nn.Identity, nn.Sequential, nn.Dropout)
_ACTIVATIONS: tuple[Any, ...] = tuple(getattr(nn, name) for name in torch.nn.modules.activation.__all__)


def _has_weight_or_activates(module: nn.Module) -> bool:
    return hasattr(module, "weight") or isinstance(module, _ACTIVATIONS)
