"""How tests look at evidence of the kinds."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from netlore.scoring.engine import AutogradEngine
from netlore.scoring.evidence import Kind
from netlore.scoring.probe import Probe
from tests.scoring.cases import CLASSES, images_and_labels, nothing_changes, seeded

T = TypeVar("T")


class Blocks(nn.Module):
    """A stem, a stage of two blocks with a shortcut, batch norm and biases, in-place ReLU, a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3)
        self.stage = nn.Sequential(Block(), Block())
        self.head = nn.Linear(4, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """From images (N, 3, R, R) to logits."""
        logits: Tensor = self.head(self.stage(torch.relu_(self.stem(x))).relu_().mean(dim=(2, 3)))
        return logits


class Block(nn.Module):
    """A convolution beside a shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        found: Tensor = x + self.norm(self.conv(x)).relu()
        return found


def blocks() -> nn.Module:
    """That network."""
    return seeded(Blocks)


def found_by(kind: Kind[T], network: nn.Module, *batches: Any, dtype: Any = torch.float64, **named: Any) -> T:
    """What a kind gives for a module, which stays as it is."""
    first, *further = batches or (images_and_labels(resolution=6),)
    with nothing_changes(network):
        return Probe(AutogradEngine(network), *first, kind, dtype, batches=further, **named)[kind]


def twin(network: nn.Module) -> nn.Module:
    """A copy in float64, in training mode."""
    return deepcopy(network).double().train()


def close(found: Tensor, expected: Tensor) -> None:
    """Equal at 1e-9."""
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)
