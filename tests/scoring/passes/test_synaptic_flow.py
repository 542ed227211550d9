"""Synaptic flow of any module; its values are compared with the oracle in `predictors`."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from netlore.scoring.objective import Objective
from netlore.scoring.passes.synaptic_flow import log_synaptic_flow
from tests.scoring.cases import small_network


def flow(network: nn.Module, *shape: int) -> float:
    """ln S for an image of that shape."""
    return float(log_synaptic_flow(network, torch.zeros(1, *shape), Objective())[0])


def test_worked_by_hand() -> None:
    # |V| (1, 1) = (3, 4, 3), |W| (3, 4, 3) = (14, 7): R = 21, which each of the two layers carries whole.
    network = nn.Sequential(nn.Linear(2, 3, bias=False), nn.ReLU(), nn.Linear(3, 2, bias=False))
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor([[2.0, 1.0], [-1.0, 3.0], [1.0, 2.0]]))
        network[2].weight.copy_(torch.tensor([[1.0, 2.0, -1.0], [0.0, 1.0, 1.0]]))
    assert flow(network, 2) == pytest.approx(math.log(42), rel=1e-14)


def test_batch_norms_are_skipped_inside_only() -> None:
    norm = nn.BatchNorm1d(2)
    with torch.no_grad():
        norm.weight.fill_(5.0)
    layer = nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 2.0]]))
    assert flow(nn.Sequential(norm, layer), 2) == pytest.approx(math.log(3), rel=1e-14)
    assert "forward" not in norm.__dict__


def test_without_layers_nothing_flows() -> None:
    network = nn.Sequential(nn.BatchNorm2d(3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert flow(network, 3, 4, 4) == -math.inf


def test_the_precision_of_the_network_does_not_matter() -> None:
    network = small_network()
    single = flow(network, 3, 6, 6)
    assert flow(network.double(), 3, 6, 6) == single
