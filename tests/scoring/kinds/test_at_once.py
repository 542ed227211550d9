"""Gradients of single images by one pass of all equal those by a pass for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.networks import build_plan
from netlore.scoring.kinds import at_once, gradients
from tests.scoring.cases import ARCHITECTURES, images_and_labels, plan_of, seeded, small_network
from tests.scoring.kinds.seen import Blocks, close, found_by


class Twice(nn.Module):
    """A convolution in groups that is called twice, strides, dilation, in-place activations; no batch norm."""

    acts_on_each_image = True

    def __init__(self, elsewhere: bool = False) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 1, stride=2, bias=False)
        self.shared = nn.Conv2d(4, 4, 3, padding=2, groups=2, dilation=2)
        self.head, self.unused = nn.Linear(4, 4), nn.Linear(2, 2)
        self.elsewhere = elsewhere

    def forward(self, x: Tensor) -> Tensor:
        """From images to logits."""
        x = self.shared(self.stem(x)).relu_()
        logits: Tensor = self.head(self.shared(x).mean(dim=(2, 3)))
        return logits + self.head.weight.sum() if self.elsewhere else logits


class Padded(nn.Module):
    """A convolution that pads with what torch finds out, and positions behind a linear layer."""

    acts_on_each_image = True

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.head = nn.Conv2d(3, 4, 3, padding="same"), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        """From images to logits."""
        logits: Tensor = self.head(self.stem(x).flatten(2).transpose(1, 2)).mean(dim=1)
        return logits


def anynet() -> nn.Module:
    return build_plan(plan_of(ARCHITECTURES[0]), seed=7)


CASES = [
    (small_network, True, True),
    (anynet, True, True),
    (lambda: seeded(Twice), True, True),
    (lambda: seeded(Twice), False, True),
    (lambda: seeded(Twice, True), True, False),
    (lambda: seeded(Padded), False, False),
    (lambda: seeded(Blocks), True, False),
]


@pytest.mark.parametrize(("build", "apart", "known"), CASES)
@pytest.mark.parametrize("kept", [1, 2**21])
def test_both_ways_are_equal(
    build: Callable[[], nn.Module], apart: bool, known: bool, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = list[bool]()

    def watched(*given: Any) -> bool:
        ways.append(at_once.gradients_at_once(*given))
        return ways[-1]

    monkeypatch.setattr(at_once, "_KEPT", kept)
    monkeypatch.setattr(gradients, "gradients_at_once", watched)
    kinds = nl.image_gradients("loss", apart), nl.gradient_kernel("outputs", apart)
    batch = images_and_labels(resolution=12)
    found = [found_by(kind, build(), batch)[0] for kind in kinds]
    assert ways == [known, known]
    monkeypatch.setattr(gradients, "gradients_at_once", lambda *given: False)
    sums, kernel = (found_by(kind, build(), batch)[0] for kind in kinds)
    for part in ("total", "absolute", "squares", "signs"):
        for name, one in getattr(sums, part).items():
            close(getattr(found[0], part)[name], one)
    close(found[0].norms, sums.norms)
    close(found[1], kernel)
    assert float(torch.stack([one.abs().sum() for one in sums.signs.values()]).sum()) > 0
