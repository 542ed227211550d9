"""Small networks with a batch, on which predictors are checked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netlore.networks import build_plan
from netlore.space.families.resnet import RESNET
from netlore.space.plan import Plan

CLASSES = 4
_SIDE = 6


class PlainNetwork(nn.Module):
    """No batch norm, functions in place of modules, biases, a layer that is called twice and one that is not."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Linear(3, 3)
        self.stem = nn.Conv2d(3, 5, 3, padding=1)
        self.shared = nn.Conv2d(5, 5, 3, padding=1)
        self.classifier = nn.Linear(5 * _SIDE**2, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """From images (N, 3, 6, 6) to logits (N, 4)."""
        x = F.relu(self.stem(x))
        x = torch.relu(self.shared(x) + x)
        logits: Tensor = self.classifier(self.shared(x).relu().flatten(1))
        return logits


def residual_plan() -> Plan:
    """The plan of a small ResNet with projections."""
    return RESNET.plan({"d1": 1, "d2": 1, "d3": 1, "w1": 4, "w2": 4, "w3": 8}, CLASSES, 3)


def residual_network() -> nn.Module:
    """That ResNet, with batch norm and frozen parameters, partly in evaluation mode."""
    network = build_plan(residual_plan(), seed=1)
    network[0].requires_grad_(False)
    network[1].eval()
    return network


def perceptron() -> nn.Module:
    """Linear layers and dropout."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(3 * _SIDE**2, 12), nn.ReLU(), nn.Dropout(0.25), nn.Linear(12, CLASSES)
    )


def networks() -> dict[str, Callable[[], nn.Module]]:
    """Builders by name; each gives the same network every time and leaves the global generator alone."""
    kinds: tuple[Callable[[], nn.Module], ...] = (residual_network, PlainNetwork, perceptron)
    return {kind.__name__: partial(_seeded, kind) for kind in kinds}


def batches(count: int) -> list[tuple[Tensor, Tensor]]:
    """Batches of five images of shape (3, 6, 6) and their labels."""
    generator = torch.Generator().manual_seed(2)
    return [
        (torch.randn(5, 3, _SIDE, _SIDE, generator=generator), torch.tensor([0, 1, 2, 3, 1])) for _ in range(count)
    ]


def _seeded(kind: Callable[[], nn.Module]) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(3)
        return kind()
