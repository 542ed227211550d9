"""Networks and labels that cannot be scored are refused in one line, whatever the predictor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from torch import Tensor, nn

import netlore as nl
from netlore.errors import InvalidInput
from tests.scoring.cases import CLASSES, images_and_labels, small_network


@pytest.mark.parametrize(
    ("last", "shown"),
    [
        (lambda x: (), "tuple"),
        (lambda x: x.sum(dim=1), r"\(\d,\)"),
        (lambda x: x[:0], r"\(0, 4\)"),
        (lambda x: {"scores": x}, "dict"),
    ],
)
@pytest.mark.parametrize("predictor", ["snip", "logdet", "synflow", "jacov"])
def test_what_is_no_logits_is_refused(last: Callable[[Tensor], object], shown: str, predictor: str) -> None:
    class Wrapped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = small_network()

        def forward(self, x: Tensor) -> object:
            return last(self.body(x))

    with pytest.raises(InvalidInput, match=f"returned {shown} for . images") as caught:
        nl.probe(Wrapped(), *images_and_labels(resolution=6), predictors=predictor)
    assert "\n" not in str(caught.value)


def test_logits_of_positions_want_labels_of_positions() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 1))
    images, labels = images_and_labels(resolution=6)
    with pytest.raises(InvalidInput, match=r"give whole numbers of shape \(4, 6, 6\)"):
        nl.probe(network, images, labels, predictors="snip")
    dense = labels[:, None, None].expand(-1, 6, 6)
    assert nl.probe(network, images, dense, predictors="snip")["snip"].status == "ok"


@pytest.mark.parametrize("label", [-1, CLASSES, 200])
@pytest.mark.parametrize("predictor", ["snip", "logdet"])
def test_labels_outside_the_classes_are_refused(label: int, predictor: str) -> None:
    images, labels = images_and_labels(resolution=6)
    labels[2] = label
    with pytest.raises(InvalidInput, match=f"label {label} is outside the network's 4 classes; .* 0 to 3"):
        nl.probe(small_network(), images, labels, predictors=predictor)


def test_computed_weights_are_refused_for_predictors_of_weights_alone() -> None:
    network = small_network()
    nn.utils.parametrizations.weight_norm(network[3])
    found = nl.probe(network, *images_and_labels(resolution=6), predictors=("snip", "synflow", "jacov"))
    assert found["jacov"].status == "ok"
    for name in ("snip", "synflow"):
        assert found[name].status == "degenerate"
        assert found[name].reason.startswith("the weight of layer '3' is computed from other parameters")
