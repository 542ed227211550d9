"""What a probe examines: a module that somebody built, or a plan that netlore builds if it must."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor, nn

from netlore.errors import InvalidInput
from netlore.networks import build_plan
from netlore.scoring.chunks.chunked import ChunkedPass
from netlore.scoring.chunks.separability import mixing_of, mixing_of_plan
from netlore.scoring.evidence import Evidence
from netlore.scoring.passes.autograd import BatchPass
from netlore.scoring.passes.synaptic_flow import log_synaptic_flow
from netlore.scoring.planned.sweep import SUPPORTED, PlannedPass, suits
from netlore.scoring.planned.synaptic_flow import log_synaptic_flow_of_plan
from netlore.space.plan import Plan

BatchEvidence = BatchPass | ChunkedPass | PlannedPass


class Subject(Protocol):
    """A network under examination."""

    @property
    def network(self) -> nn.Module:
        """The network as a module."""

    @property
    def device(self) -> torch.device:
        """Where it computes."""

    @property
    def mixing(self) -> str:
        """What in it is known to need all images at once; empty if nothing. See `separation`."""

    def log_synaptic_flow(self, image_shape: tuple[int, ...]) -> Tensor:
        """ln of its synaptic flow for one image of ones of that shape, float64."""

    def batch_passes(
        self, images: Tensor, labels: Tensor, needs: Evidence, chunk_size: int | None
    ) -> Mapping[Evidence, BatchEvidence]:
        """For each kind of evidence in `needs`, the passes that give it; with all images at once, or fewer."""


@dataclass(frozen=True)
class ModuleSubject:
    """Any module."""

    network: nn.Module

    def __post_init__(self) -> None:
        if next(self.network.parameters(), None) is None:
            raise InvalidInput("the network has no parameters, so nothing can be scored; give one with weights.")

    @property
    def device(self) -> torch.device:
        """The device of the first parameter."""
        return next(self.network.parameters()).device

    @property
    def mixing(self) -> str:
        """As its modules tell."""
        return mixing_of(self.network)

    def log_synaptic_flow(self, image_shape: tuple[int, ...]) -> Tensor:
        """By a forward and a backward pass of the module."""
        return log_synaptic_flow(self.network, image_shape)

    def batch_passes(
        self, images: Tensor, labels: Tensor, needs: Evidence, chunk_size: int | None = None
    ) -> dict[Evidence, BatchEvidence]:
        """Passes of the module, for everything."""
        return dict.fromkeys(needs, _pass_of_module(self.network, images, labels, needs, chunk_size))


@dataclass(frozen=True)
class PlanSubject:
    """The network of a plan and a seed; its module is built only when a pass over the batch needs it."""

    plan: Plan
    seed: int
    device: torch.device

    @cached_property
    def network(self) -> nn.Module:
        """The module, in float32."""
        return build_plan(self.plan, self.seed).to(self.device)

    @property
    def mixing(self) -> str:
        """As the plan tells."""
        return mixing_of_plan(self.plan)

    def log_synaptic_flow(self, image_shape: tuple[int, ...]) -> Tensor:
        """By one forward pass over the plan; equal to the module's up to rounding."""
        channels, resolution = image_shape[0], image_shape[-1]
        return log_synaptic_flow_of_plan(self.plan, self.seed, resolution, channels, self.device)

    def batch_passes(
        self, images: Tensor, labels: Tensor, needs: Evidence, chunk_size: int | None = None
    ) -> dict[Evidence, BatchEvidence]:
        """Passes over the plan for what they can give, and of the module for the rest, if there is any.

        A plan that suits has batch norms, so in chunks it is left to the module's pass, which refuses it.
        """
        planned = needs & SUPPORTED if suits(self.plan) and chunk_size is None else Evidence(0)
        rest = needs & ~planned
        passes: dict[Evidence, BatchEvidence] = {}
        if planned:
            passes |= dict.fromkeys(planned, PlannedPass(self.plan, self.seed, images, labels, planned))
        if rest:
            passes |= dict.fromkeys(rest, _pass_of_module(self.network, images, labels, rest, chunk_size))
        return passes


def _pass_of_module(
    network: nn.Module, images: Tensor, labels: Tensor, needs: Evidence, chunk_size: int | None
) -> BatchPass | ChunkedPass:
    if chunk_size is None:
        return BatchPass(network, images, labels, needs)
    return ChunkedPass(network, images, labels, needs, chunk_size)
