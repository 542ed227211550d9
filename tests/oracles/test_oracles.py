"""The oracles against hand-worked values and against each other."""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from . import bootstrap, predictors
from .networks import BY_HAND, BY_HAND_VALUES, ZOO, Entry, batch, by_hand_batch

Predictor = Callable[[nn.Module, Tensor, Tensor], float]
PREDICTORS: dict[str, Predictor] = {name: getattr(predictors, name) for name in BY_HAND_VALUES}
NAMES = [entry[0] for entry in ZOO]


def prepared(entry: Entry, n: int = 5, seed: int = 0) -> tuple[nn.Module, Tensor, Tensor]:
    """Returns the entry's network and a batch for it."""
    _, build, shape, classes = entry
    return build(), *batch(shape, classes, n, seed)


@pytest.mark.parametrize("name", BY_HAND_VALUES)
def test_worked_by_hand(name: str) -> None:
    value = PREDICTORS[name](BY_HAND[1](), *by_hand_batch())
    assert value == pytest.approx(BY_HAND_VALUES[name], rel=1e-9)


def test_other_ways_to_the_values_worked_by_hand() -> None:
    network, (images, labels) = BY_HAND[1](), by_hand_batch()
    assert predictors.grasp_by_full_hessian(network, images, labels) == pytest.approx(-33 / 16, rel=1e-12)
    assert predictors.grasp_by_difference(network, images, labels) == pytest.approx(-33 / 16, rel=1e-6)
    assert predictors.logdet_exact(network, images, labels) == math.log(5)


@pytest.mark.parametrize("entry", ZOO, ids=NAMES)
def test_grasp_agrees_with_the_difference(entry: Entry) -> None:
    network, images, labels = prepared(entry, seed=1)
    size = predictors.grasp_l1(network, images, labels)
    expected = predictors.grasp(network, images, labels)
    assert predictors.grasp_by_difference(network, images, labels) == pytest.approx(expected, abs=1e-6 * size)


@pytest.mark.parametrize("seed", range(2))
def test_grasp_agrees_with_the_full_hessian(seed: int) -> None:
    network, images, labels = prepared(ZOO[NAMES.index("tiny")], seed=seed)
    size = predictors.grasp_l1(network, images, labels)
    expected = predictors.grasp(network, images, labels)
    assert predictors.grasp_by_full_hessian(network, images, labels) == pytest.approx(expected, abs=1e-12 * size)


@pytest.mark.parametrize("entry", ZOO, ids=NAMES)
def test_everything_is_finite_and_leaves_no_trace(entry: Entry) -> None:
    random_state = torch.random.get_rng_state()
    network, images, labels = prepared(entry)
    network.eval()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    for name, predictor in PREDICTORS.items():
        assert math.isfinite(predictor(network, images, labels)), name
    assert not any(module.training for module in network.modules())
    assert all(parameter.grad is None for parameter in network.parameters())
    for name, tensor in network.state_dict().items():
        assert tensor.dtype == before[name].dtype and torch.equal(tensor, before[name])
    assert torch.equal(torch.random.get_rng_state(), random_state)


@pytest.mark.parametrize("entry", ZOO, ids=NAMES)
@pytest.mark.parametrize("n", [2, 12])
def test_logdet_is_well_defined_on_the_zoo(entry: Entry, n: int) -> None:
    network, images, labels = prepared(entry, n=n, seed=1)
    exact = predictors.logdet_exact(network, images, labels)
    assert math.isfinite(exact)
    assert predictors.logdet(network, images, labels) == pytest.approx(exact, rel=1e-9, abs=1e-9)


def test_the_same_code_twice_has_no_determinant() -> None:
    network, images, labels = prepared(ZOO[NAMES.index("mlp")])
    images[1] = images[0]
    assert predictors.logdet_exact(network, images, labels) == -math.inf


@pytest.mark.parametrize("entry", ZOO, ids=NAMES)
def test_builders_repeat_themselves(entry: Entry) -> None:
    first = entry[1]().state_dict()
    torch.rand(1)
    second = entry[1]().state_dict()
    assert list(first) == list(second)
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 3), (2, 1), (2, 5), (3, 3), (4, 4), (6, 2), (5, 5)])
def test_best_of_resample_agrees_with_enumeration(n: int, m: int) -> None:
    counted = bootstrap.best_of_resample_distribution(n, m)
    assert counted == bootstrap.best_of_resample_by_enumeration(n, m)
    assert sum(counted) == 1


def test_best_of_resample_at_full_size() -> None:
    weights = bootstrap.best_of_resample_distribution(500, 125)
    assert sum(weights) == 1
    assert weights[0] == 1 - Fraction(499, 500) ** 125
    assert sum(weights[:14]) < Fraction(975, 1000) <= sum(weights[:15])


def test_resampling_comes_close_to_the_exact_interval() -> None:
    rng = np.random.default_rng(3)
    values = rng.integers(1, 9, size=40).astype(float).tolist()
    scores = rng.integers(0, 15, size=40).astype(float).tolist()
    values = [value + score / 4 for value, score in zip(values, scores, strict=True)]
    exact = bootstrap.exact_interval(values, scores, 10)
    assert bootstrap.monte_carlo_interval(values, scores, 10, 4000, rng) == exact
    assert set(exact) <= set(values)


def test_points_are_never_interpolated() -> None:
    half = [Fraction(1, 2), Fraction(1, 2)]
    assert bootstrap.inverted_cdf([2.0, 1.0], half, Fraction(1, 2)) == 1.0
    assert bootstrap.inverted_cdf([2.0, 1.0], half, Fraction(501, 1000)) == 2.0
    assert bootstrap.exact_interval([8.0, 2.0], [1.0, 1.0], 1) == (2.0, 2.0, 8.0)


def test_the_earlier_of_two_equal_scores_is_the_better() -> None:
    assert bootstrap.ranking([1.0, 3.0, 3.0, 2.0, 3.0]) == [1, 2, 4, 3, 0]
    rng = np.random.default_rng(0)
    assert bootstrap.monte_carlo_interval([5.0, 7.0], [1.0, 1.0], 50, 100, rng) == (5.0, 5.0, 5.0)
