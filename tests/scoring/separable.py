"""Networks that look at each image by itself, in the ways that chunks are likely to get wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import netlore as nl
from tests.scoring.cases import CLASSES, NAMES, images_and_labels, size

N = 7
OF_IMAGES = tuple(name for name in NAMES if not name.endswith("synflow"))


class Convolutional(nn.Module):
    """GroupNorm, ReLUs of functions, a layer that runs twice; declares that it acts on each image alone."""

    acts_on_each_image = True

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.GroupNorm(2, 6)
        self.shared = nn.Conv2d(6, 6, 3, padding=1, bias=False)
        # As many rows as the chunks below have images; no layer and no ReLU sees it.
        self.token = nn.Parameter(torch.linspace(-1, 1, 18).reshape(3, 6))
        self.classifier = nn.Linear(6, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Stem, the shared layer twice, a learned constant added, the classifier."""
        x = F.relu(self.norm(self.stem(x)))
        x = torch.relu(self.shared(x))
        x = self.shared(x).relu()
        constant = self.token.mean(dim=0)
        logits: Tensor = self.classifier(x.mean(dim=(2, 3)) + constant)
        return logits


def perceptron() -> nn.Module:
    """On flattened images; of two layers with one weight, and with dropout that drops nothing."""
    first, second = nn.Linear(12, 12), nn.Linear(12, 12)
    second.weight = first.weight
    layers = (nn.Flatten(), nn.Linear(108, 12), nn.ReLU(), first, nn.Dropout(0.0), nn.ReLU(inplace=True), second)
    return nn.Sequential(*layers, nn.LeakyReLU(), nn.Linear(12, CLASSES))


class Transformer(nn.Module):
    """Attention over three positions an image."""

    acts_on_each_image = True

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.keys, self.values = nn.Linear(36, 8), nn.Linear(8, 8), nn.Linear(8, 8)
        self.norm, self.classifier = nn.LayerNorm(8), nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Each position looks at those of its image; the mean over positions."""
        x = torch.relu(self.norm(self.embedding(x.flatten(2))))
        looks = torch.einsum("nsc,ntc->nst", x, self.keys(x)).softmax(dim=2)
        x = x + torch.einsum("nst,ntc->nsc", looks, self.values(x))
        logits: Tensor = self.classifier(x.mean(dim=1))
        return logits


SEPARABLE: dict[str, Callable[[], nn.Module]] = {
    "convolutions": Convolutional,
    "perceptron": perceptron,
    "transformer": Transformer,
}


def assert_same_scores(network: nn.Module, chunk_size: int, names: tuple[str, ...] = NAMES) -> None:
    """Chunked and not, every predictor has the same value; relative to its size, for terms of either sign."""
    images, labels = images_and_labels(N, resolution=6)
    whole = nl.probe(network, images, labels, names, "float64")
    chunks = nl.probe(network, images, labels, names, "float64", chunk_size)
    for name in names:
        value = whole[name].value
        assert whole[name].status == chunks[name].status, name
        if value is not None:
            tolerance = 1e-10 * (size(name, value, network, images, labels) if "grasp" in name else abs(value))
            assert float(chunks[name]) == pytest.approx(value, rel=0, abs=tolerance), name


class Wrapped(nn.Module):
    """Two layers with a ReLU, and anything between them and on the logits."""

    acts_on_each_image = True

    def __init__(self, middle: Callable[[Tensor], Tensor], last: Callable[[Tensor], Tensor] = lambda z: z) -> None:
        super().__init__()
        self.first, self.classifier = nn.Linear(108, 8), nn.Linear(8, CLASSES)
        self.middle, self.last = middle, last

    def forward(self, x: Tensor) -> Tensor:
        """Everything in order."""
        return self.last(self.classifier(torch.relu(self.middle(self.first(x.flatten(1))))))


class Noisy(Wrapped):
    """Dropout."""

    def __init__(self) -> None:
        super().__init__(nn.Dropout(0.5))
