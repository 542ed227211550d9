"""Networks and labels that cannot be scored are refused in one line, whatever the predictor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from torch import Tensor, nn

import netlore as nl
from netlore.errors import InvalidInput
from tests.scoring.cases import CLASSES, images_and_labels, small_network


def _tuple(x: Tensor) -> object:
    return x, x


@pytest.mark.parametrize(
    ("last", "shown"),
    [
        (_tuple, "tuple"),
        (lambda x: x[:, :, None], r"\(\d, 4, 1\)"),
        (lambda x: x.sum(dim=1), r"\(\d,\)"),
        (lambda x: x[:0], r"\(0, 4\)"),
        (lambda x: {"logits": x}, "dict"),
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


@pytest.mark.parametrize("label", [-1, CLASSES, 200])
@pytest.mark.parametrize("predictor", ["snip", "logdet"])
def test_labels_outside_the_classes_are_refused(label: int, predictor: str) -> None:
    images, labels = images_and_labels(resolution=6)
    labels[2] = label
    with pytest.raises(InvalidInput, match=f"label {label} is outside the network's 4 classes; .* 0 to 3"):
        nl.probe(small_network(), images, labels, predictors=predictor)


def test_computed_weights_are_refused_in_one_line() -> None:
    network = small_network()
    nn.utils.parametrizations.weight_norm(network[3])
    for predictor in ("snip", "synflow"):
        with pytest.raises(InvalidInput, match="layer '3' is computed from other parameters") as caught:
            nl.probe(network, *images_and_labels(resolution=6), predictors=predictor)
        assert "\n" not in str(caught.value)
