"""Gradients of parts and of images against loops over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import netlore as nl
from netlore.errors import InvalidInput
from netlore.scoring.objective import Objective
from tests.scoring.cases import images_and_labels, seeded
from tests.scoring.kinds.seen import blocks, close, found_by, twin

WEIGHTS = ["stem.weight", "stage.0.conv.weight", "stage.1.conv.weight", "head.weight"]


def gradients(
    network: nn.Module, value: Callable[[nn.Module], Tensor], names: list[str] = WEIGHTS
) -> list[Tensor]:
    """d value / dW in a copy of the network."""
    copy = twin(network)
    weights = [copy.get_parameter(name) for name in names]
    for weight in weights:
        weight.requires_grad_(True)
    return list(torch.autograd.grad(value(copy), weights))


def of_images(of: str, apart: bool) -> list[list[Tensor]]:
    """Per image the gradients of its loss or of its logits' sum."""
    images, labels = images_and_labels(resolution=6)
    found = []
    for n in range(len(labels)):

        def value(network: nn.Module, n: int = n) -> Tensor:
            logits = network(images[n : n + 1].double()) if apart else network(images.double())[n : n + 1]
            return F.cross_entropy(logits, labels[n : n + 1]) if of == "loss" else logits.sum()

        found.append(gradients(blocks(), value))
    return found


def test_gradients_of_parts_are_those_of_calls_on_each() -> None:
    images, labels = images_and_labels(n=5, resolution=6)
    (found,) = found_by(nl.part_gradients(2), blocks(), (images, labels))
    assert list(found) == WEIGHTS
    for i, rows in enumerate((slice(0, 3), slice(3, 5))):

        def value(network: nn.Module, rows: slice = rows) -> Tensor:
            return F.cross_entropy(network(images[rows].double()), labels[rows])

        for name, one in zip(WEIGHTS, gradients(blocks(), value), strict=True):
            close(found[name][i], one)


def test_of_several_batches_each_is_cut() -> None:
    batches = [images_and_labels(resolution=6, seed=seed) for seed in (1, 2)]
    (both,) = found_by(nl.part_gradients(2, batches=2), blocks(), *batches)
    (second,) = found_by(nl.part_gradients(2), blocks(), batches[1])
    assert all(len(one) == 4 for one in both.values())
    for name, one in second.items():
        assert torch.equal(both[name][2:], one)
    with pytest.raises(InvalidInput, match="4 images cannot be cut into 5 parts; give a larger batch"):
        found_by(nl.part_gradients(5), blocks())


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("of", ["loss", "outputs"])
def test_sums_over_images_are_those_of_a_loop(of: Any, apart: bool) -> None:
    (found,) = found_by(nl.image_gradients(of, apart), blocks())
    expected = of_images(of, apart)
    for i, name in enumerate(WEIGHTS):
        each = torch.stack([one[i] for one in expected])
        close(found.total[name], each.sum(dim=0))
        close(found.absolute[name], each.abs().sum(dim=0))
        close(found.squares[name], each.square().sum(dim=0))
        # Signs of rounding errors are of no account.
        sure = each.abs().amin(dim=0) > 1e-12
        assert sure.any() and torch.equal(found.signs[name][sure], each.sign().sum(dim=0)[sure])
    close(found.norms, torch.stack([torch.cat([g.flatten() for g in one]).norm() for one in expected]))


@pytest.mark.parametrize("apart", [False, True])
def test_the_kernel_has_the_products_of_all_pairs(apart: bool) -> None:
    rows = torch.stack([torch.cat([g.flatten() for g in one]) for one in of_images("outputs", apart)])
    (found,) = found_by(nl.gradient_kernel(apart=apart), blocks())
    close(found, rows @ rows.T)


class Several(nn.Module):
    """Two inputs and flags by name, several outputs; attention, whose projections count."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)
        self.head = nn.Linear(4, 2)
        self.position = nn.Parameter(torch.randn(1, 3, 4))

    def forward(self, x: Tensor, ids: Tensor, hidden: Tensor) -> dict[str, Tensor]:
        """A prediction and features."""
        assert hidden.dtype == torch.bool and ids.shape == (1, 3)
        x = x + self.position[:, ids[0]]
        features = self.attention(x, x, x, key_padding_mask=hidden, need_weights=False)[0]
        return {"features": features, "found": self.head(features.mean(dim=1))}


def test_inputs_outputs_and_losses_are_those_of_the_probe() -> None:
    generator = torch.Generator().manual_seed(0)
    inputs = {
        "x": torch.randn(4, 3, 4, generator=generator),
        "ids": torch.arange(3)[None],
        "hidden": torch.tensor([[False, False, True]]).repeat(4, 1),
    }
    targets = torch.randn(4, 2, generator=generator)
    network = seeded(Several)
    names = ["attention.in_proj_weight", "attention.out_proj.weight", "head.weight"]
    objective = Objective("mse", "found")
    (found,) = found_by(nl.part_gradients(2), network, (inputs, targets), objective=objective)
    for i, rows in enumerate((slice(0, 2), slice(2, 4))):

        def value(copy: nn.Module, rows: slice = rows) -> Tensor:
            returned = copy(inputs["x"][rows].double(), inputs["ids"], inputs["hidden"][rows])
            return F.mse_loss(returned["found"], targets[rows].double())

        for name, one in zip(names, gradients(network, value, names), strict=True):
            close(found[name][i], one)
    (of_images,) = found_by(nl.image_gradients(), network, (inputs, targets), objective=objective)
    for name in names:  # nothing couples the images, so they make up the whole
        close(of_images.total[name] / 4, found[name].mean(dim=0))
