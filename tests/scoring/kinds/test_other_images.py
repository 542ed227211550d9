"""Networks that take images of the batch's number and size alone."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from tests.scoring.cases import images_and_labels


class Failing(nn.Module):
    """Takes no image but those of the batch."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.layer, self.error = nn.Linear(108, 4), error

    def forward(self, x: Tensor) -> Tensor:
        """Logits of four images of 6x6 pixels."""
        if x.shape != (4, 3, 6, 6):
            raise self.error
        logits: Tensor = self.layer(x.flatten(1))
        return logits


@pytest.mark.parametrize(
    ("view", "error", "status"),
    [
        (nl.View(), ValueError("no"), "ok"),
        (nl.View(inputs="normal", images=2), ValueError("no"), "degenerate"),
        (nl.View(inputs="normal", resolution=5), ValueError("no"), "degenerate"),
        (nl.View(inputs="normal", images=2), MemoryError("all is full"), "out_of_memory"),
    ],
)
def test_networks_that_take_no_other_images_have_no_score(view: nl.View, error: Exception, status: str) -> None:
    kind = nl.part_gradients(1, view=view)
    one = nl.predictor("one", needs=kind, source="a test")(lambda probe: torch.ones(len(probe[kind])))
    found = nl.probe(Failing(error), *images_and_labels(resolution=6), one)["one"]
    assert found.status == status
    if status == "degenerate":
        assert found.reason == f"the network does not compute with {view.conditions.inputs}: no"
