"""Positions within images, wherever a network keeps them."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from tests.scoring.cases import CLASSES, NAMES, images_and_labels, seeded


class Windows(nn.Module):
    """Four patches of each image, as an axis of their own or folded into the batch."""

    def __init__(self, folded: bool) -> None:
        super().__init__()
        self.folded, self.each, self.head = folded, nn.Linear(27, 8), nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Patches, a layer and its ReLU, their mean, logits."""
        patches = x.unfold(2, 3, 3).unfold(3, 3, 3).permute(0, 2, 3, 1, 4, 5).reshape(len(x), 4, 27)
        if self.folded:
            hidden = torch.relu(self.each(patches.reshape(-1, 27))).view(len(x), 4, 8)
        else:
            hidden = torch.relu(self.each(patches))
        logits: Tensor = self.head(hidden.mean(dim=1))
        return logits


def test_positions_that_are_folded_into_the_batch_belong_to_their_images() -> None:
    images, labels = images_and_labels(resolution=6)
    folded, apart = (nl.probe(seeded(Windows, one), images, labels, NAMES, "float64") for one in (True, False))
    for name in NAMES:
        assert float(folded[name]) == pytest.approx(float(apart[name]), rel=1e-12), name


class Attention(nn.Module):
    """Attention over patches, by torch's module or written out."""

    def __init__(self, torchs: bool) -> None:
        super().__init__()
        self.torchs, self.mix, self.head = (
            torchs,
            nn.MultiheadAttention(27, 3, batch_first=True),
            nn.Linear(27, CLASSES),
        )
        self.into, self.out = nn.Linear(27, 81), nn.Linear(27, 27)

    def forward(self, x: Tensor) -> Tensor:
        """Patches, attention, their mean, logits."""
        patches = x.unfold(2, 3, 3).unfold(3, 3, 3).permute(0, 2, 3, 1, 4, 5).reshape(len(x), 4, 27)
        if self.torchs:
            mixed = self.mix(patches, patches, patches, need_weights=False)[0]
        else:
            q, k, v = self.into(patches).view(len(x), 4, 3, 3, 9).permute(2, 0, 3, 1, 4)
            weights = (q @ k.transpose(2, 3) / 3).softmax(dim=3)
            mixed = self.out((weights @ v).transpose(1, 2).reshape(len(x), 4, 27))
        logits: Tensor = self.head(torch.relu(mixed).mean(dim=1))
        return logits


def test_attention_counts_as_the_linear_layers_that_it_is() -> None:
    images, labels = images_and_labels(resolution=6)
    by_torch, written_out = seeded(Attention, True), seeded(Attention, False)
    written_out.into.weight, written_out.into.bias = by_torch.mix.in_proj_weight, by_torch.mix.in_proj_bias
    written_out.out, written_out.head = by_torch.mix.out_proj, by_torch.head
    del by_torch.into, by_torch.out, written_out.mix
    names = [name for name in NAMES if name != "grad_norm_l2"]
    one, other = (nl.probe(network, images, labels, names, "float64") for network in (by_torch, written_out))
    for name in names:
        assert float(one[name]) == pytest.approx(float(other[name]), rel=1e-9), name
