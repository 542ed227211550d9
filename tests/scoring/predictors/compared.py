"""How predictors are held against slow definitions: on modules with and without batch norm, and by `nl.score`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.networks import build_plan
from netlore.scoring.engine import PlanEngine
from netlore.scoring.examination import examine
from netlore.scoring.predictor import resolve
from tests.scoring.cases import (
    ARCHITECTURES,
    CLASSES,
    images_and_labels,
    nothing_changes,
    plan_of,
    seeded,
    small_network,
)

Oracle = Callable[[nn.Module, Tensor, Tensor], float]
"""From a network, which it may change, in float64 and training mode, images and labels to the score."""


def without_batch_norm() -> nn.Module:
    """Convolutions with biases, one of them called twice, and a classifier; for images (3, 6, 6)."""
    return seeded(Plain)


class Plain(nn.Module):
    """No normalisation, functions in place of modules."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.again = nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 6, 3, padding=1)
        self.head = nn.Linear(6, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """From images to logits."""
        x = torch.relu(self.again(torch.relu(self.stem(x))))
        logits: Tensor = self.head(torch.relu(self.again(x) + x).mean(dim=(2, 3)))
        return logits


def check(oracles: Mapping[str, Oracle], name: str, n: int = 6) -> None:
    """Hold a predictor against its oracle, at 1e-9, on two modules and on netlore's own network."""
    batch = images_and_labels(n=n, resolution=6)
    for make in (small_network, without_batch_norm):
        network = make()
        with nothing_changes(network):
            found = nl.probe(network, *batch, predictors=name, dtype="float64")[name]
        _compare(float(found), oracles[name](_twin(network), batch[0].double(), batch[1]))
    plan = plan_of(ARCHITECTURES[0])
    of_plan = examine(PlanEngine(plan, 7, torch.device("cpu")), *batch, resolve(name), torch.float64)[name]
    _compare(float(of_plan), oracles[name](_twin(build_plan(plan, seed=7)), batch[0].double(), batch[1]))


def _twin(network: nn.Module) -> nn.Module:
    return deepcopy(network).double().train()


def _compare(found: float, expected: float) -> None:
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)
