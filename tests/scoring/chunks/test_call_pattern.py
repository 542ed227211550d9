"""How a network calls its layers and ReLUs decides how chunks are joined, and whether they can be."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.errors import InvalidInput
from netlore.scoring.chunks.call_pattern import Call, pattern_of
from netlore.scoring.engine import ModuleSubject
from netlore.scoring.evidence import Evidence
from netlore.scoring.probe import Probe
from tests.scoring.cases import CLASSES, images_and_labels, seeded
from tests.scoring.separable import Convolutional, N, Windows, assert_same_scores

UNLIKE = "the network's layers are not called alike for all images"


def test_how_layers_are_called_is_told_by_two_sizes_of_batches() -> None:
    def pattern(network: nn.Module) -> Any:
        return pattern_of(network, images_and_labels(N, resolution=6)[0].double(), 3)

    convolutional = seeded(Convolutional)
    layers = pattern(convolutional).layers
    assert layers[convolutional.shared] == (Call(1, True), Call(1, True))
    assert layers[convolutional.of_token] == (Call(3, False),)
    assert pattern(convolutional).rectifiers == (*[Call(1, True)] * 3, Call(3, False))
    windows = seeded(Windows)
    assert pattern(windows).layers[windows.of_window] == (Call(4, True),)
    assert Call(4, True).rows_for(3) == 12 and Call(3, False).rows_for(5) == 3


class Rows(nn.Module):
    """A layer sees only those images that are bright, or a ReLU is called only if one is."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.first, self.second = nn.Linear(108, 8), nn.Linear(8, 8)
        self.classifier = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Either."""
        x = self.first(x.flatten(1))
        bright = x.sum(dim=1) > 0
        if self.kind == "layer":
            return self.classifier(x.index_put((bright,), self.second(x[bright])))
        rectified = torch.cat(
            [torch.relu(row) if light else row.clamp(min=0) for row, light in zip(x[:, None], bright, strict=True)]
        )
        return self.classifier(self.second(rectified))


@pytest.mark.parametrize(("kind", "name"), [("layer", "fisher"), ("relu", "logdet")])
@pytest.mark.parametrize("chunk_size", [1, 3])
def test_where_calls_depend_on_the_images_only_what_counts_them_is_refused(
    kind: str, name: str, chunk_size: int
) -> None:
    network, (images, labels) = seeded(Rows, kind), images_and_labels(N, resolution=6)
    with pytest.raises(InvalidInput, match=f"{name} on a batch of 7 .*{UNLIKE}"):
        nl.probe(network, images, labels, name, chunk_size=chunk_size)
    assert_same_scores(network, chunk_size, ("snip", "grasp_l1", "jacov", "grad_norm_l2", "fisher_parameter"))


class Constant(nn.Module):
    """Rectifies a parameter of so many rows."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.layer, self.classifier = nn.Linear(108, 16), nn.Linear(16, CLASSES)
        self.gain = nn.Parameter(torch.ones(rows, 1))

    def forward(self, x: Tensor) -> Tensor:
        """One ReLU on a parameter, one on the batch."""
        hidden = torch.relu(self.layer(x.flatten(1))) * torch.relu(self.gain).sum()
        logits: Tensor = self.classifier(hidden)
        return logits


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_rectified_parameter_as_long_as_a_chunk_is_no_activation(rows: int) -> None:
    images, labels = images_and_labels(6, resolution=6)
    subject = ModuleSubject(seeded(Constant, rows))
    for chunk_size in (1, 2, 3):
        probe = Probe(subject, images, labels, Evidence.ACTIVATION_KERNEL, chunk_size=chunk_size)
        whole = Probe(subject, images, labels, Evidence.ACTIVATION_KERNEL)
        assert probe.relu_count == whole.relu_count == 16
        assert torch.equal(probe.activation_kernel, whole.activation_kernel)


def test_a_rectified_parameter_as_long_as_the_batch_is_refused() -> None:
    images, labels = images_and_labels(6, resolution=6)
    with pytest.raises(InvalidInput, match="a ReLU's output has 6 rows however many images there are"):
        nl.probe(seeded(Constant, 6), images, labels, "logdet", chunk_size=2)
