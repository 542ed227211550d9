"""Engines: who computes evidence about a network, a module that somebody built or a plan."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from netlore.errors import InvalidInput
from netlore.networks import build_plan
from netlore.scoring.chunks import ChunkedPass, batch_coupling, batch_coupling_of_plan
from netlore.scoring.evidence import Evidence, Kind
from netlore.scoring.passes.autograd import BatchPass
from netlore.scoring.passes.layers import Layer, layers_of
from netlore.scoring.passes.synaptic_flow import log_synaptic_flow
from netlore.scoring.planned.sweep import PlannedPass, is_supported
from netlore.scoring.planned.synaptic_flow import log_synaptic_flow_of_plan
from netlore.scoring.planned.units.signals import PlannedLayer
from netlore.space.plan import Plan

Passes = Mapping[Kind[Any], Any]
"""For each kind of evidence the pass `p` that gives it as `p[kind]`."""


@dataclass(frozen=True)
class AutogradEngine:
    """Any module, by autograd."""

    network: nn.Module

    def __post_init__(self) -> None:
        if next(self.network.parameters(), None) is None:
            raise InvalidInput("the network has no parameters, so nothing can be scored; give one with weights.")

    @property
    def device(self) -> torch.device:
        """The device of the first parameter."""
        return next(self.network.parameters()).device

    @property
    def batch_coupling(self) -> str:
        """By the types of its modules."""
        return batch_coupling(self.network)

    def fresh_network(self, dtype: torch.dtype) -> nn.Module:
        """A deep copy without gradients."""
        network = deepcopy(self.network).to(dtype).train()
        network.zero_grad(set_to_none=True)
        return network

    def log_synaptic_flow(self, image_shape: tuple[int, ...]) -> Tensor:
        """By a forward and a backward pass of the module."""
        return log_synaptic_flow(self.network, image_shape)

    def batch_passes(
        self, images: Tensor, labels: Tensor, needs: Evidence, chunk_size: int | None = None
    ) -> Passes:
        """Passes of the module, for everything."""
        if chunk_size is None:
            return dict.fromkeys(needs, BatchPass(self.network, images, labels, needs))
        return dict.fromkeys(needs, ChunkedPass(self.network, images, labels, needs, chunk_size))


@dataclass(frozen=True)
class PlanEngine:
    """The network of a plan and a seed; its module is built only when a pass over the batch needs it."""

    plan: Plan
    seed: int
    device: torch.device

    @cached_property
    def network(self) -> nn.Module:
        """The module, in float32."""
        return build_plan(self.plan, self.seed).to(self.device)

    @property
    def batch_coupling(self) -> str:
        """By the kinds of its layers."""
        return batch_coupling_of_plan(self.plan)

    def fresh_network(self, dtype: torch.dtype) -> nn.Module:
        """Another one, built in the same way."""
        return build_plan(self.plan, self.seed).to(self.device, dtype)

    def log_synaptic_flow(self, image_shape: tuple[int, ...]) -> Tensor:
        """By one forward pass over the plan; equal to the module's up to rounding."""
        channels, resolution = image_shape[0], image_shape[-1]
        return log_synaptic_flow_of_plan(self.plan, self.seed, resolution, channels, self.device)

    def batch_passes(
        self, images: Tensor, labels: Tensor, needs: Evidence, chunk_size: int | None = None
    ) -> Passes:
        """Passes over the plan for what they can give, and of the module for the rest, if there is any.

        Plans that are supported have batch norms, so in chunks they are left to the module's pass, which refuses.
        """
        planned = Evidence()
        if chunk_size is None and is_supported(self.plan):
            planned = Evidence(*(kind for kind in needs if kind.plan))
        found: dict[Kind[Any], Any] = {}
        if rest := needs - planned:
            found |= AutogradEngine(self.network).batch_passes(images, labels, rest, chunk_size)
        if planned:
            sweep = PlannedPass(self.plan, self.seed, images, labels, planned)
            layers = dict(zip(layers_of(self.network), sweep.layers, strict=True)) if rest else {}
            found = {kind: _OfLayers(of_module, layers) for kind, of_module in found.items()}
            found |= dict.fromkeys(planned, sweep)
        return found


Engine = AutogradEngine | PlanEngine


class _OfLayers:
    """The evidence of a module's pass, keyed by the layers of a plan as that of a sweep is."""

    def __init__(self, found: Any, layers: Mapping[Layer, PlannedLayer]) -> None:
        self._found, self._layers = found, layers

    def __getitem__(self, kind: Kind[Any]) -> Any:
        value = self._found[kind]
        if not isinstance(value, dict):
            return value
        return {self._layers.get(key, key): each for key, each in value.items()}
