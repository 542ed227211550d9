"""grasp_limit: what grasp tends to as batch norm's epsilon tends to zero."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.networks import build_plan
from tests.scoring.cases import ARCHITECTURES, images_and_labels, plan_of, seeded


def with_epsilon(network: nn.Module, epsilon: float) -> nn.Module:
    """The same network with another epsilon in every batch norm."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eps = epsilon
    return network


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_the_double_backward_tends_to_it_as_epsilon_tends_to_zero(architecture: nl.Architecture) -> None:
    images, labels = images_and_labels(n=6)
    network = build_plan(plan_of(architecture), 7)
    distances = []
    for epsilon in (1e-4, 1e-5, 1e-6, 1e-7, 1e-8):
        scores = nl.probe(
            with_epsilon(network, epsilon), images, labels, ("grasp", "grasp_limit", "grasp_l1"), "float64"
        )
        distances.append(abs(float(scores["grasp"]) - float(scores["grasp_limit"])) / float(scores["grasp_l1"]))
    # In proportion to epsilon, once it is small compared with the variances.
    for before, after in pairwise(distances[1:]):
        assert after < 0.2 * before
    assert distances[-1] < 1e-4


def test_the_bias_of_the_classifier_takes_no_part() -> None:
    # With one more constant in every logit nothing changes: the softmax does not see it, and z - b leaves it out.
    images, labels = images_and_labels(n=6)
    network = build_plan(plan_of(ARCHITECTURES[0]), 7)
    before = nl.probe(network, images, labels, "grasp_limit", "float64")["grasp_limit"]
    classifier = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
    with torch.no_grad():
        classifier.bias.add_(3.0)
    after = nl.probe(network, images, labels, "grasp_limit", "float64")["grasp_limit"]
    assert float(after) == pytest.approx(float(before), rel=1e-9)
    assert float(before) != 0.0


class Scaled(nn.Module):
    """A classifier whose output is not the logits."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3 * 9 * 9, 4)

    def forward(self, x: Tensor) -> Tensor:
        """Twice what the linear layer gives."""
        out: Tensor = 2.0 * self.linear(x.flatten(1))
        return out


def test_logits_that_no_linear_layer_returns_have_no_such_limit() -> None:
    score = nl.probe(seeded(Scaled), *images_and_labels(), "grasp_limit")["grasp_limit"]
    assert score.status == "degenerate"
    assert score.reason == "the logits are not what a linear layer returns, so grasp has no such limit"


def test_listening_for_fisher_does_not_hide_the_classifier() -> None:
    images, labels = images_and_labels()
    network = build_plan(plan_of(ARCHITECTURES[0]), 7)
    alone = nl.probe(network, images, labels, "grasp_limit", "float64")
    together = nl.probe(network, images, labels, ("fisher", "grasp_limit"), "float64")
    assert alone["grasp_limit"].value == together["grasp_limit"].value
