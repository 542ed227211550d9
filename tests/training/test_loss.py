"""The loss of a step, image by image, and what no network has to learn for."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.optimize import minimize
from sklearn.utils.class_weight import compute_class_weight

from netlore.training.loss import chance_loss, class_weights, shown_class, training_loss
from netlore.training.recipe import recipe

LABELS = torch.tensor([0] * 7 + [1] * 2 + [3] * 1)


def test_class_weights_are_scikit_learn_s_for_classes_that_have_images() -> None:
    found = class_weights(LABELS, 5)
    expected = compute_class_weight("balanced", classes=np.asarray([0, 1, 3]), y=LABELS.numpy())
    assert found[[0, 1, 3]].tolist() == pytest.approx(expected.tolist())
    assert found[[2, 4]].tolist() == [0, 0]
    assert float(found[LABELS].mean()) == pytest.approx(1)


def test_without_weights_it_is_torch_s_cross_entropy_to_the_last_bit() -> None:
    logits = torch.randn(10, 5, generator=torch.Generator().manual_seed(0))
    expected = F.cross_entropy(logits, LABELS, label_smoothing=0.1)
    assert torch.equal(training_loss(logits, LABELS, recipe("quick"), None), expected)


def one_loss(logits: torch.Tensor, label: int, smoothing: float) -> float:
    shares = [smoothing / len(logits) + (1 - smoothing) * (place == label) for place in range(len(logits))]
    return -sum(share * float(one) for share, one in zip(shares, logits.log_softmax(0), strict=True))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_weights_multiply_the_loss_of_each_image(smoothing: float) -> None:
    logits = torch.randn(10, 5, generator=torch.Generator().manual_seed(0))
    weights, asked = class_weights(LABELS, 5), recipe("quick").changed({"label_smoothing": smoothing})
    losses = [
        float(weights[label]) * one_loss(one, int(label), smoothing)
        for one, label in zip(logits, LABELS, strict=True)
    ]
    assert float(training_loss(logits, LABELS, asked, weights)) == pytest.approx(sum(losses) / 10, rel=1e-5)
    other = LABELS.roll(3)
    mixed = 0.3 * F.one_hot(LABELS, 5) + 0.7 * F.one_hot(other, 5)
    more = [
        float(weights[label]) * one_loss(one, int(label), smoothing)
        for one, label in zip(logits, other, strict=True)
    ]
    expected = (0.3 * sum(losses) + 0.7 * sum(more)) / 10
    assert float(training_loss(logits, mixed, asked, weights)) == pytest.approx(expected, rel=1e-5)
    # Without weights as well.
    alone = [
        one_loss(logits[i], int(LABELS[i]), smoothing) * 0.3 + one_loss(logits[i], int(other[i]), smoothing) * 0.7
        for i in range(10)
    ]
    assert float(training_loss(logits, mixed, asked, None)) == pytest.approx(sum(alone) / 10, rel=1e-5)


def test_the_class_of_a_mixed_image_is_that_of_the_larger_share() -> None:
    assert shown_class(torch.tensor([[0.3, 0.7], [1.0, 0.0]])).tolist() == [1, 0]
    assert shown_class(torch.tensor([4, 2])).tolist() == [4, 2]


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_loss_of_chance_is_the_lowest_of_constant_answers(smoothing: float, weighted: bool) -> None:
    asked = recipe("quick").changed(
        {"label_smoothing": smoothing, "class_weights": "balanced" if weighted else "none"}
    )
    weights = class_weights(LABELS, 5) if weighted else None

    def loss(logits: np.ndarray) -> float:
        return float(training_loss(torch.from_numpy(logits).expand(10, 5), LABELS, asked, weights))

    lowest = minimize(loss, np.zeros(5), method="Powell").fun
    assert chance_loss(LABELS, 5, asked) == pytest.approx(lowest, abs=2e-3)


def test_balanced_sampling_shows_all_classes_that_have_images_equally_often() -> None:
    asked = recipe("quick").changed({"label_smoothing": 0.0, "sampling": "balanced"})
    assert chance_loss(LABELS, 5, asked) == pytest.approx(math.log(3))
    assert chance_loss(LABELS, 5, asked.changed({"sampling": "uniform"})) == pytest.approx(
        -sum(share * math.log(share) for share in (0.7, 0.2, 0.1))
    )
