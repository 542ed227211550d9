"""Trained networks for the tests: every batch norm has statistics of its own, as after a training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from netlore.export import TrainedNetwork
from netlore.networks import build
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.families import FAMILIES, Family
from netlore.space.families.anynet import anynet_architecture
from netlore.space.plan import Plan

# Every kind of block: with and without a projection, with groups and an inner width of its own.
SMALL = anynet_architecture((2, 1, 3), (64, 8, 8), (8, 4, 8), (1, 2, 1))
TINY = families.architecture("resnet", {"d1": 1, "d2": 1, "d3": 2, "w1": 4, "w2": 4, "w3": 8})


def trained(architecture: Architecture = TINY, classes: int = 4, **values: Any) -> TrainedNetwork:
    """A network with random weights and statistics."""
    generator = torch.Generator().manual_seed(1)
    module = build(architecture, classes)
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for tensor, low, high in (
                (layer.weight.data, 0.5, 1.0),
                (layer.bias.data, -0.5, 0.5),
                (layer.running_mean, -0.5, 0.5),
                (layer.running_var, 0.5, 2.0),
            ):
                assert tensor is not None
                tensor.copy_(low + (high - low) * torch.rand(tensor.shape, generator=generator))
    given: dict[str, Any] = {
        "architecture": architecture,
        "weights": module.state_dict(),
        "class_names": tuple(f"class {number}" for number in range(classes)),
        "resolution": 12,
        "mean": (0.4914, 0.4822, 0.4465),
        "std": (0.247, 0.2435, 0.2616),
        "facts": {"name": "small", "data": "digits", "error": "3.2 %"},
    }
    return TrainedNetwork(**(given | values))


def images(count: int = 3, resolution: int = 12) -> Tensor:
    """Random images, normalised."""
    generator = torch.Generator().manual_seed(2)
    return torch.randn(count, 3, resolution, resolution, generator=generator)


@torch.no_grad()
def logits_of(network: TrainedNetwork, given: Tensor) -> Tensor:
    """What the network's module says, in evaluation mode."""
    module = build(network.architecture, network.num_classes)
    module.load_state_dict(network.weights)
    logits: Tensor = module.eval()(given)
    return logits


class PlanFamily:
    """A family of one network, whatever its plan."""

    name = "of-one"
    hyperparameters = ("kernel_1", "gate")

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def check(self, values: Any) -> None:
        """Every value will do."""

    def plan(self, values: Any, num_classes: int, channels: int) -> Plan:
        """The plan."""
        return self._plan


@contextmanager
def registered(family: Family) -> Iterator[Architecture]:
    """While it lasts, the family is known; gives its architecture."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(FAMILIES._objects, family.name, family)
        yield families.architecture(family.name, dict.fromkeys(family.hyperparameters, 7))
