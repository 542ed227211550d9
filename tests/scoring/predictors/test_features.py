"""Predictors of features: each against a slow definition of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.networks import build_plan
from netlore.scoring.engine import PlanEngine
from netlore.scoring.examination import examine
from netlore.scoring.predictor import resolve
from tests.oracles.features import ORACLES
from tests.scoring.cases import ARCHITECTURES, CLASSES, images_and_labels, plan_of, seeded
from tests.scoring.kinds.seen import blocks

BATCH = images_and_labels(resolution=8)


def without_norms() -> nn.Module:
    """Convolutions with biases, two strides."""
    return seeded(
        lambda: nn.Sequential(
            *(nn.Conv2d(3, 5, 3, padding=1), nn.ReLU(), nn.Conv2d(5, 6, 2, stride=2), nn.ReLU(inplace=True)),
            *(nn.Conv2d(6, 4, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, CLASSES)),
        )
    )


def score(name: str, network: nn.Module, batch: tuple[Tensor, Tensor] = BATCH) -> nl.Score:
    """In float64."""
    return nl.probe(network, *batch, name, "float64")[name]


@pytest.mark.parametrize("make", [blocks, without_norms])
@pytest.mark.parametrize("name", ORACLES)
def test_equal_to_the_definition(name: str, make: Callable[[], nn.Module]) -> None:
    found = score(name, make())
    if name.startswith("zen") and make is without_norms:
        assert found.status == "degenerate" and "no batch norm follows the last convolution" in found.reason
        return
    assert found.value == pytest.approx(ORACLES[name](make(), BATCH), rel=1e-9), found.reason


@pytest.mark.parametrize("name", ORACLES)
def test_equal_to_the_definition_on_a_plan(name: str) -> None:
    plan = plan_of(ARCHITECTURES[0])
    (found,) = examine(PlanEngine(plan, 7, torch.device("cpu")), *BATCH, resolve(name), torch.float64).values()
    assert found.value == pytest.approx(ORACLES[name](build_plan(plan, seed=7), BATCH), rel=1e-9), found.reason
