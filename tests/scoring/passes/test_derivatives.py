"""Derivatives are zero where there is nothing to differentiate; layers of every dimension count."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import netlore as nl
from netlore.scoring.passes.derivatives import gradients_of, over_positions
from tests.scoring.cases import CLASSES, expected, images_and_labels, seeded, size


def test_what_a_value_does_not_depend_on_has_a_gradient_of_zero() -> None:
    x, y = torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)
    of_x, of_y = gradients_of([(2 * x).sum()], [x, y], keep=False)
    assert of_x.tolist() == [2.0, 2.0]
    assert of_y.tolist() == [0.0, 0.0, 0.0]
    assert gradients_of([torch.ones(())], [x], keep=False)[0].tolist() == [0.0, 0.0]
    assert gradients_of([x.sum()], [], keep=False) == []


def test_gradients_can_be_differentiated_again() -> None:
    x = torch.tensor([3.0], requires_grad=True)
    (first,) = gradients_of([(x**3).sum()], [x], keep=False, twice=True)
    (second,) = gradients_of([first.sum()], [x], keep=False)
    assert (first.item(), second.item()) == (27.0, 18.0)


def test_sums_over_positions() -> None:
    value = torch.arange(12.0).reshape(1, 2, 2, 3)
    assert over_positions(value, torch.ones_like(value)).tolist() == [[15.0, 51.0]]
    assert over_positions(torch.tensor([[2.0, 3.0]]), torch.tensor([[4.0, 5.0]])).tolist() == [[8.0, 15.0]]


class Sequence1d(nn.Module):
    """Convolutions of other dimensions, and a linear layer on sequences, whose channels come last."""

    def __init__(self) -> None:
        super().__init__()
        self.solid = nn.Conv3d(1, 2, 3, padding=1)
        self.line = nn.Conv1d(6, 5, 3, padding=1)
        self.each = nn.Linear(36, 7)
        self.classifier = nn.Linear(35, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, 6, 6) as one volume, then as a sequence of six channels."""
        solid = torch.relu(self.solid(x[:, None])).flatten(1, 2).flatten(2)
        line = torch.relu(self.line(solid))
        logits: Tensor = self.classifier(torch.relu(self.each(line)).flatten(1))
        return logits


@pytest.mark.parametrize("name", ["grad_norm", "snip", "grasp", "synflow", "fisher", "fisher_parameter"])
def test_convolutions_of_one_and_three_dimensions_count(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.oracles import predictors as oracles

    # The oracle has them as an argument; its formulas hold for any number of positions.
    layers = (nn.Conv1d, nn.Conv3d, nn.Linear)
    monkeypatch.setattr(oracles, "_layers", lambda net: [m for m in net.modules() if isinstance(m, layers)])

    def fisher(network: nn.Module, images: Tensor, labels: Tensor) -> float:
        total, calls = 0.0, []
        twin = oracles._copy_in_training_mode(network)

        def remember(layer: nn.Module, _: object, output: Tensor) -> Tensor:
            nothing = torch.zeros_like(output, requires_grad=True)
            calls.append((layer, output.detach().clone(), nothing))
            return output + nothing

        for layer in oracles._layers(twin):
            layer.register_forward_hook(remember)
        loss = F.cross_entropy(twin(images.double()), labels)
        for layer, value, nothing in calls:
            product = value * torch.autograd.grad(loss, nothing, retain_graph=True)[0]
            product = product.movedim(-1, 1) if isinstance(layer, nn.Linear) else product
            per_channel = product.reshape(*product.shape[:2], -1).sum(dim=2)
            total += float(layer.weight[0].numel() * 0.5 * (per_channel**2).mean(dim=0).sum())
        return total

    network, (images, labels) = seeded(Sequence1d), images_and_labels(resolution=6)
    value = fisher(network, images, labels) if name == "fisher" else expected(name, network, images, labels)
    score = float(nl.probe(network, images, labels, predictors=name, dtype="float64")[name])
    assert score == pytest.approx(value, rel=0, abs=1e-9 * size(name, value, network, images, labels))
