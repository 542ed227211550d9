"""What tests of predictors with passes of their own share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.networks import build_plan
from netlore.scoring.engine import PlanEngine
from netlore.scoring.examination import examine
from netlore.scoring.predictor import resolve
from netlore.storage.score_table import Score
from netlore.testing import examples
from tests.scoring.cases import ARCHITECTURES, images_and_labels, plan_of, seeded, small_network

Batches = list[tuple[Tensor, Tensor]]
Oracle = Callable[..., float]

PLAN = plan_of(ARCHITECTURES[0])


def batches_of(resolution: int, n: int = 5) -> Batches:
    """Two batches."""
    return [images_and_labels(n, resolution, seed=seed) for seed in (1, 2)]


def score(name: Any, network: nn.Module, batches: Batches, dtype: str = "float64") -> Score:
    """A module's score."""
    return nl.probe(network, *batches[0], name, dtype=dtype, batches=batches[1:])[getattr(name, "name", name)]


NETWORKS: dict[str, tuple[Callable[[], nn.Module], int]] = {
    "with batch norm": (small_network, 6),
    "without": (lambda: seeded(examples.PlainNetwork), 6),
    "anynet": (lambda: build_plan(PLAN, seed=7), 12),
}
"""Networks, and the resolution of their images."""


def check_against(oracle: Oracle, name: str, case: str, n: int = 5) -> None:
    """A predictor equals its oracle, which takes the network and both batches; an AnyNet also as a plan."""
    build, resolution = NETWORKS[case]
    batches = batches_of(resolution, n)
    expected = oracle(build(), *(pair for batch in batches for pair in batch))
    found = score(name, build(), batches)
    assert found.value == pytest.approx(expected, rel=1e-9), found
    if case == "anynet":
        engine = PlanEngine(PLAN, 7, torch.device("cpu"))
        of_plan = examine(engine, *batches[0], resolve(name), torch.float64, None, batches[1:])
        assert of_plan[name].value == pytest.approx(expected, rel=1e-9)
