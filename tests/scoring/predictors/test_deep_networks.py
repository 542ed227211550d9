"""Networks as deep as the paper's space has them, 48 blocks: every predictor against its oracle in float64."""

from __future__ import annotations

import pytest
import torch

import netlore as nl
from netlore.networks import build_plan
from netlore.scoring.engine import PlanEngine
from netlore.scoring.examination import examine
from netlore.scoring.predictor import resolve
from tests.scoring.cases import NAMES, expected, images_and_labels, plan_of, size

CPU = torch.device("cpu")
DEEP = [
    nl.anynet_architecture((16, 16, 16), (8, 16, 32), (8, 16, 16), (1, 1, 1)),
    nl.anynet_architecture((16, 16, 16), (2, 4, 8), (1, 1, 2), (4, 2, 1)),
    nl.anynet_architecture((16, 16, 16), (4, 2, 16), (2, 1, 4), (2, 4, 1)),
    nl.named("paper/cifar10/grad_norm"),
]


@pytest.mark.parametrize("architecture", DEEP, ids=str)
def test_equal_to_the_oracle(architecture: nl.Architecture) -> None:
    plan, (images, labels) = plan_of(architecture, 10), images_and_labels(4, 8, classes=10)
    network = build_plan(plan, 7)
    of_plan = examine(PlanEngine(plan, 7, CPU), images, labels, resolve(NAMES), torch.float64)
    of_module = nl.probe(network, images, labels, NAMES, "float64")
    for name in NAMES:
        value = expected(name, network, images, labels)
        tolerance = 1e-9 * size(name, value, network, images, labels)
        assert float(of_plan[name]) == pytest.approx(value, rel=0, abs=tolerance), name
        assert float(of_module[name]) == pytest.approx(value, rel=0, abs=tolerance), name
