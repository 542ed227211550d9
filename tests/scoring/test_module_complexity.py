"""FLOPs, parameters and activations of modules: those of plans, and what can be counted by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.scoring.module_complexity import module_complexity
from tests.scoring.cases import nothing_changes


@pytest.mark.parametrize("name", ["baseline/resnet-20", "baseline/resnext-29-4x4", "paper/cifar10/jacov"])
def test_networks_of_plans_have_the_complexity_of_their_plan(name: str) -> None:
    architecture = nl.named(name)
    network = nl.build(architecture, num_classes=10)
    with nothing_changes(network):
        found = module_complexity(network, torch.ones(1, 3, 32, 32))
    assert found == nl.complexity(architecture, num_classes=10).as_dict()


def test_attention_counts_its_products() -> None:
    layer = nn.MultiheadAttention(8, 2, batch_first=True)

    class Attended(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: Tensor) -> Tensor:
            attended: Tensor = self.layer(x, x, x)[0]
            return attended

    found = module_complexity(Attended(), torch.ones(1, 5, 8))
    # Four projections of 5 tokens with biases, and for each of two heads 5 x 5 products of 4 numbers, twice.
    assert found["flops"] == 4 * 5 * (8 * 8 + 8) + 2 * 2 * 5 * 5 * 4
    assert found["params"] == 4 * (8 * 8 + 8)


def test_biases_of_convolutions_and_linear_layers_count() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Flatten(), nn.Linear(4 * 25, 2))
    found = module_complexity(network, torch.ones(1, 3, 5, 5))
    assert found == {"params": 108 + 4 + 202, "flops": 25 * (108 + 4) + 202, "activations": 4 * 25 + 2}


def test_what_does_not_run_on_one_image_has_parameters_alone() -> None:
    assert module_complexity(nn.Linear(7, 3), torch.ones(1, 6)) == {"params": 24}
