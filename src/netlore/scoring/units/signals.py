"""What moves through the units, and what is written down on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from netlore.scoring.activation_codes import ActivationCodes


class Forward(NamedTuple):
    """Activations and, if wanted, their tangent along the weights."""

    value: Tensor
    tangent: Tensor | None


class Backward(NamedTuple):
    """Gradients with respect to the same activations; None where not wanted."""

    loss: Tensor | None
    tangent: Tensor | None
    total: Tensor | None

    def each(self, apply: Callable[[Tensor], Tensor]) -> Backward:
        """The same linear map on every gradient."""
        return Backward(*(None if gradient is None else apply(gradient) for gradient in self))


@dataclass(eq=False)
class PlannedLayer:
    """A convolution or linear layer of a plan's network: the key under which its evidence is kept.

    Attributes:
        weight: Shape (C_out, C_in / groups, k, k), or (classes, C_in).
        stride: Stride of a convolution.
        groups: Its groups.
    """

    weight: Tensor
    stride: int = 1
    groups: int = 1


@dataclass
class Record:
    """What the passes are to write down, and what they wrote.

    Attributes:
        keep: Whether a backward pass will follow.
        gradients: Whether weight gradients are wanted.
        saliency: Whether channel saliency is wanted.
        codes: Where activation codes are taken down; None if not wanted.
        frugal: Whether residual blocks run forward again instead of keeping what they need.
        loss_gradient: dL/dW by layer.
        channel_saliency: Sum over positions of a * dL/da, by layer.
        curvature: Sum over layers of <dL/dW, its tangent>, which is W^T H dL/dW.
    """

    keep: bool
    gradients: bool
    saliency: bool
    codes: ActivationCodes | None
    frugal: bool = False
    loss_gradient: dict[PlannedLayer, Tensor] = field(default_factory=dict)
    channel_saliency: dict[PlannedLayer, list[Tensor]] = field(default_factory=dict)
    curvature: list[Tensor] = field(default_factory=list)

    @contextmanager
    def paused(self, keep: bool) -> Iterator[None]:
        """Inside, forward passes keep what they are told to; codes are taken down in the first one only."""
        before = self.keep, self.codes
        self.keep, self.codes = keep, None if keep else self.codes
        try:
            yield
        finally:
            self.keep, self.codes = before

    def take(self, layer: PlannedLayer, gradient: Tensor, tangent: Tensor | None) -> None:
        """Keep a weight gradient, and its product with its tangent."""
        self.loss_gradient[layer] = gradient
        if tangent is not None:
            self.curvature.append((gradient * tangent).sum(dtype=torch.float64))


class Unit(Protocol):
    """An operation; it keeps what its backward pass needs and lets go of it there."""

    def forward(self, x: Forward) -> Forward:
        """Activations behind it."""

    def backward(self, g: Backward) -> Backward:
        """Gradients before it, from those behind it."""


def run_forward(units: list[Unit], x: Forward) -> Forward:
    """Units in order."""
    for unit in units:
        x = unit.forward(x)
    return x


def run_backward(units: list[Unit], g: Backward) -> Backward:
    """Units in reverse order."""
    for unit in reversed(units):
        g = unit.backward(g)
    return g
