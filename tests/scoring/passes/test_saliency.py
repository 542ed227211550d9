"""Outputs of linear maps are kept as they were, whatever overwrites them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import netlore as nl
from tests.scoring.cases import images_and_labels, seeded


class Network(nn.Module):
    """Does something to what a convolution returned."""

    def __init__(self, change: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.first, self.second, self.head = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3), nn.Linear(4, 4)
        self.change = change

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        inside = self.second(self.change(self.first(x)))
        logits: Tensor = self.head(inside.mean(dim=(2, 3)))
        return logits


def _entries(x: Tensor) -> Tensor:
    x[:, :2] *= 2.0
    return x


def _unseen(x: Tensor) -> Tensor:
    torch.autograd.graph.increment_version(x)  # as code that is not torch's says of what it writes
    return x


def _fisher(change: Callable[[Tensor], Tensor]) -> nl.Score:
    network = seeded(lambda: Network(change))
    # With snip the weights have gradients, too, so that the output of the first layer is no root.
    return nl.probe(network, *images_and_labels(resolution=6), ("fisher", "snip"), dtype="float64")["fisher"]


@pytest.mark.parametrize(
    ("over", "beside"),
    [
        (lambda x: F.relu(x, inplace=True), F.relu),
        (lambda x: F.hardtanh(x, 0.0, 1.0, True), lambda x: x.clamp(0.0, 1.0)),
        (lambda x: x.add_(1.0), lambda x: x + 1.0),
        (_entries, lambda x: torch.cat([2.0 * x[:, :2], x[:, 2:]], dim=1)),
    ],
    ids=["relu", "hardtanh", "add_", "entries"],
)
def test_fisher_takes_outputs_before_they_are_overwritten(
    over: Callable[[Tensor], Tensor], beside: Callable[[Tensor], Tensor]
) -> None:
    found, expected = _fisher(over), _fisher(beside)
    assert (found.status, expected.status) == ("ok", "ok")
    assert found.value == pytest.approx(expected.value, rel=1e-12)


def test_what_is_overwritten_where_nobody_sees_it_is_refused() -> None:
    found = _fisher(_unseen)
    assert found.status == "degenerate"
    assert found.reason == "the output of first.weight is overwritten where it cannot be seen"
