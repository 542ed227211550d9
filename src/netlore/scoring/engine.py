"""Engines: who computes evidence about a network, a module that somebody built or a plan."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from netlore.errors import InvalidInput
from netlore.networks import build_plan
from netlore.scoring.chunks import ChunkedPass, batch_coupling, batch_coupling_of_plan
from netlore.scoring.evidence import Evidence, Kind, WeightedLayer
from netlore.scoring.inputs import Inputs
from netlore.scoring.module_complexity import module_complexity
from netlore.scoring.module_depth import module_depth
from netlore.scoring.objective import USUAL, Objective
from netlore.scoring.passes.autograd import BatchPass
from netlore.scoring.passes.layers import layers_of
from netlore.scoring.passes.synaptic_flow import log_synaptic_flow
from netlore.scoring.planned.sweep import PlannedPass, is_supported
from netlore.scoring.planned.synaptic_flow import is_linear, log_synaptic_flow_of_plan
from netlore.scoring.planned.units.signals import PlannedLayer
from netlore.space.complexity import complexity_of_plan
from netlore.space.depth import Depth, depth_of
from netlore.space.plan import Plan

Passes = Mapping[Kind[Any], Any]
"""For each kind of evidence the pass `p` that gives it as `p[kind]`, and as `p.note(kind)` what to know of it."""


@dataclass(frozen=True)
class AutogradEngine:
    """Any module, by autograd."""

    network: nn.Module

    def __post_init__(self) -> None:
        object.__setattr__(self, "network", _inside(self.network))
        for name, module in self.network.named_modules():
            if ".quantized." in f"{type(module).__module__}.":
                raise InvalidInput(
                    f"layer {name!r} is quantised, and its weights have no gradients; give the network as it was "
                    "before."
                )
        parameters = list(self.network.parameters())
        if not parameters:
            raise InvalidInput("the network has no parameters, so nothing can be scored; give one with weights.")
        if any(
            isinstance(one, UninitializedParameter | UninitializedBuffer)
            for one in [*parameters, *self.network.buffers()]
        ):
            raise InvalidInput("the network has lazy layers without weights yet; call it once on a batch.")
        if any(parameter.is_meta for parameter in parameters):
            raise InvalidInput("the network is on the meta device, without values; build it on cpu or cuda.")

    @property
    def note(self) -> str:
        """What is to be known of every score."""
        types = {str(p.dtype).removeprefix("torch.") for p in self.network.parameters() if p.is_floating_point()}
        others = sorted(types - {"float32", "float64"})
        return f"parameters in {' and '.join(others)}, computed in full precision" if others else ""

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

    def log_synaptic_flow(self, inputs: Inputs, objective: Objective) -> tuple[Tensor, str]:
        """By a forward and a backward pass of the module; and what is to be known of it."""
        return log_synaptic_flow(self.network, inputs, objective)

    def complexity(self, image: Inputs, dtype: torch.dtype) -> dict[str, int]:
        """Counted while the module looks at one image, in that precision."""
        return module_complexity(self.fresh_network(dtype), image)

    def depth(self, image: Inputs, dtype: torch.dtype, objective: Objective) -> tuple[Depth, str]:
        """Counted in the same way; and what is to be known of it."""
        return module_depth(self.fresh_network(dtype), image, objective)

    def batch_passes(
        self,
        inputs: Inputs,
        targets: Tensor,
        needs: Evidence,
        dtype: torch.dtype = torch.float32,
        objective: Objective = USUAL,
        chunk_size: int | None = None,
    ) -> Passes:
        """Passes of the module, for everything."""
        how = (self.network, inputs, targets, needs, dtype, objective)
        found = BatchPass(*how) if chunk_size is None else ChunkedPass(*how, chunk_size)
        return dict.fromkeys(needs, found)


def _inside(network: nn.Module) -> nn.Module:
    """What is wrapped for several devices or compiled; it computes the same."""
    while True:
        if isinstance(network, nn.DataParallel | nn.parallel.DistributedDataParallel):
            network = network.module
        elif type(network).__name__ == "OptimizedModule":  # of torch._dynamo, whose import takes seconds
            network = network.get_submodule("_orig_mod")
        else:
            return network


@dataclass(frozen=True)
class PlanEngine:
    """The network of a plan and a seed; its module is built only when a pass over the batch needs it."""

    plan: Plan
    seed: int
    device: torch.device
    note = ""

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

    def log_synaptic_flow(self, inputs: Inputs, objective: Objective) -> tuple[Tensor, str]:
        """By one forward pass over the plan, equal to the module's up to rounding, or by the module."""
        if not is_linear(self.plan):
            return AutogradEngine(self.network).log_synaptic_flow(inputs, objective)
        assert isinstance(inputs, Tensor)
        return log_synaptic_flow_of_plan(self.plan, self.seed, inputs.shape[1:], self.device), ""

    def complexity(self, image: Inputs, dtype: torch.dtype) -> dict[str, int]:
        """By arithmetic on the plan, whose images are square; of others by the module."""
        if not isinstance(image, Tensor) or image.shape[-1] != image.shape[-2]:
            return AutogradEngine(self.network).complexity(image, dtype)
        found = complexity_of_plan(self.plan, image.shape[-1])
        return {name: int(value) for name, value in found.as_dict().items()}

    def depth(self, image: Inputs, dtype: torch.dtype, objective: Objective) -> tuple[Depth, str]:
        """By arithmetic on the plan."""
        return depth_of(self.plan), ""

    def batch_passes(
        self,
        inputs: Inputs,
        targets: Tensor,
        needs: Evidence,
        dtype: torch.dtype = torch.float32,
        objective: Objective = USUAL,
        chunk_size: int | None = None,
    ) -> Passes:
        """Passes over the plan for what they can give, and of the module for the rest, if there is any.

        Plans that are supported have batch norms, so in chunks they are left to the module's pass, which refuses.
        """
        planned = Evidence()
        if chunk_size is None and is_supported(self.plan) and objective.is_usual:
            planned = Evidence(*(kind for kind in needs if kind.plan))
        found: dict[Kind[Any], Any] = {}
        if rest := needs - planned:
            found |= AutogradEngine(self.network).batch_passes(inputs, targets, rest, dtype, objective, chunk_size)
        if planned:
            assert isinstance(inputs, Tensor)
            sweep = PlannedPass(self.plan, self.seed, inputs.to(self.device, dtype), targets, planned)
            layers = dict(zip(layers_of(self.network).names, sweep.layers, strict=True)) if rest else {}
            found = {kind: _OfLayers(of_module, layers) for kind, of_module in found.items()}
            found |= dict.fromkeys(planned, sweep)
        return found


Engine = AutogradEngine | PlanEngine


class _OfLayers:
    """The evidence of a module's pass, keyed by the layers of a plan as that of a sweep is."""

    def __init__(self, found: Any, layers: Mapping[WeightedLayer, PlannedLayer]) -> None:
        self._found, self._layers = found, layers

    def __getitem__(self, kind: Kind[Any]) -> Any:
        value = self._found[kind]
        if not isinstance(value, dict):
            return value
        return {self._layers.get(key, key): each for key, each in value.items()}

    def note(self, kind: Kind[Any]) -> str:
        """As in `BatchPass`."""
        return str(self._found.note(kind))

    @property
    def is_finite(self) -> Tensor:
        """As in `BatchPass`."""
        found: Tensor = self._found.is_finite
        return found
