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
OF_ATTENTION = ("Transformer",)
"""Networks for what is about attention alone."""
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


class Transformer(nn.Module):
    """Patches in rows, a layer of torch's with two heads, and a classifier of the mean."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 2, stride=2)
        self.layer = nn.TransformerEncoderLayer(8, 2, 12, dropout=0.0, activation="gelu", batch_first=True)
        self.classifier = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """From images (N, 3, 6, 6) to logits (N, 4)."""
        rows = self.patches(x).flatten(2).transpose(1, 2)
        logits: Tensor = self.classifier(self.layer(rows).mean(dim=1))
        return logits


def networks() -> dict[str, Callable[[], nn.Module]]:
    """Builders by name; each gives the same network every time and leaves the global generator alone."""
    kinds: tuple[Callable[[], nn.Module], ...] = (residual_network, PlainNetwork, perceptron, Transformer)
    return {kind.__name__: partial(_seeded, kind) for kind in kinds}


def usual() -> list[str]:
    """Names of networks that are not there for attention."""
    return [name for name in networks() if name not in OF_ATTENTION]


def batches(count: int) -> list[tuple[Tensor, Tensor]]:
    """Batches of 16 images of shape (3, 6, 6) and their labels, four of each class."""
    generator = torch.Generator().manual_seed(2)
    return [
        (torch.randn(16, 3, _SIDE, _SIDE, generator=generator), torch.arange(16) % CLASSES) for _ in range(count)
    ]


def _seeded(kind: Callable[[], nn.Module]) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(3)
        return kind()
