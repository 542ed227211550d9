"""Where scores of features have no number, and why; what the published code gives there."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.testing import examples
from tests.scoring.cases import CLASSES, images_and_labels, seeded, small_network
from tests.scoring.kinds.seen import Block, blocks

BATCH = images_and_labels(resolution=8)
BLOCKWISE = ("expressivity", "progressivity", "trainability")


def score(name: str, network: nn.Module, batch: tuple[Tensor, Tensor] = BATCH, dtype: str = "float64") -> nl.Score:
    return nl.probe(network, *batch, name, dtype)[name]


def changed(change: Callable[[Any], object]) -> nn.Module:
    """The usual network after a change without gradients."""
    network = blocks()
    with torch.no_grad():
        change(network)
    return network


class Dead(Block):
    """A block whose output does not depend on what it is given."""

    def forward(self, x: Tensor) -> Tensor:
        """Zeros and a ramp."""
        return super().forward(x) * 0.0 + torch.arange(x.shape[-1])


class Strided(nn.Module):
    """A stride of two."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.act = nn.Conv2d(4, 4, 3, stride=2, padding=1), nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        """Half the positions, rounded up."""
        found: Tensor = self.act(self.conv(x))
        return found


class Squeezed(Block):
    """Channels scaled by what was pooled of them."""

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        return super().forward(x) * x.mean(dim=(2, 3), keepdim=True).sigmoid()


def with_block(kind: type[nn.Module]) -> nn.Module:
    """The usual network with another second block."""
    return changed(lambda network: network.stage.__setitem__(1, seeded(kind)))


def ending_in(*layers: nn.Module) -> nn.Module:
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, CLASSES))


def normed(kind: Callable[[], nn.Module]) -> nn.Module:
    return ending_in(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), kind())


def flat() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 64, 6))


class Functional(nn.Module):
    """A parameter and no layer."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix = nn.Parameter(torch.eye(3, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        """Logits of means."""
        return x.mean(dim=(2, 3)) @ self.matrix


REFUSED = {
    "constant feature": (
        "expressivity",
        lambda: changed(lambda network: [one.zero_() for one in network.stem.parameters()]),
        "the feature of 'stem' is the same for all images and positions",
    ),
    "one feature": ("progressivity", flat, "the network has one feature, so that there is nothing to compare"),
    "one feature, no gradient": ("trainability", flat, "the network has one feature, so that no gradient"),
    "identity": (
        "trainability",
        lambda: changed(lambda network: [one.zero_() for one in network.stage[1].norm.parameters()]),
        "block 'stage.1' is the identity",
    ),
    "dead": ("trainability", lambda: with_block(Dead), "block 'stage.1' does not depend on the one before it"),
    "zen, other norm": (
        "zen",
        lambda: normed(lambda: nn.GroupNorm(2, 4)),
        "features is that of GroupNorm",
    ),
    "zen, no norm last": ("zen", small_network, "no batch norm follows the last convolution"),
    "zen, squeezed": ("zen_as_coded", lambda: with_block(Squeezed), "scaled by what was pooled before"),
    "zen, no pool": ("zen", flat, "the network pools no features"),
    "zen, constant": (
        "zen",
        lambda: ending_in(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), Nothing()),
        "do not depend on",
    ),
    "meco, no positions": (
        "meco",
        lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, CLASSES)),
        "no layer returns channels at several positions",
    ),
    "meco, constants": (
        "meco",
        lambda: nn.Sequential(
            nn.Threshold(100.0, 1.0), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, CLASSES)
        ),
        "every layer with fewer channels than positions has constant ones",
    ),
    "meco, size": ("meco", examples.perceptron, "does not compute with 1 image of N(0, 1) of 64x64 pixels: "),
    "near, no layers": ("near", Functional, "no module with weights and no activation module is called"),
    "intrain, size": ("intrain", flat, "does not compute with 64 images of N(0, 1) of 64x64 pixels: "),
    "intrain, constant": (
        "intrain",
        lambda: changed(lambda network: network.stem.weight.zero_()),
        "a layer returns the same for all images and positions",
    ),
}


class Nothing(nn.Module):
    """Zeros."""

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        return x * 0.0


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_number_says_why(case: str) -> None:
    name, make, reason = REFUSED[case]
    batch = images_and_labels(resolution=6) if make is examples.perceptron else BATCH
    found = score(name, make(), batch)
    assert found.status == "degenerate" and reason in found.reason, found


def test_positions_that_no_stride_leaves_are_refused_by_trainability_alone() -> None:
    batch = images_and_labels(resolution=7)  # the stem leaves 5
    found = nl.probe(with_block(Strided), *batch, BLOCKWISE)
    assert found["expressivity"].status == found["progressivity"].status == "ok"
    reason = "block 'stage.1' makes features of shape (4, 3, 3) of (4, 5, 5), which is no stride"
    assert (found["trainability"].status, found["trainability"].reason) == ("degenerate", reason)
    assert score("trainability", with_block(Strided)).status == "ok"  # 6 to 3


def test_meco_is_saturated_where_channels_are_as_many_as_positions() -> None:
    wide = nn.Sequential(
        nn.Conv2d(3, 16, 8, stride=16), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, CLASSES)
    )
    for name in ("meco", "meco_as_coded"):
        found = score(name, wide)
        assert found.status == "saturated" and "at least as many channels as positions" in found.reason
        assert "larger images or fewer channels would help" in found.reason


@pytest.mark.parametrize("name", [*BLOCKWISE, "meco", "meco_as_coded", "near", "intrain"])
def test_outputs_that_are_not_finite_make_no_score(name: str) -> None:
    found = score(name, changed(lambda network: network.stem.weight.fill_(math.inf)))
    assert found.status == "nonfinite"
