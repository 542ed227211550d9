"""The passes of a module: fused and alone, and networks that are unlike netlore's own."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.networks import build_plan
from tests.oracles.networks import ZOO, Entry, batch
from tests.scoring.cases import (
    ARCHITECTURES,
    CLASSES,
    NAMES,
    expected,
    images_and_labels,
    plan_of,
    seeded,
    size,
    small_network,
)


def assert_fused_is_alone(network: nn.Module, images: Tensor, labels: Tensor, dtype: str) -> None:
    """Every predictor has the same value, status and reason in company as alone."""
    fused = nl.probe(network, images, labels, predictors=NAMES, dtype=dtype)
    for name in NAMES:
        alone = nl.probe(network, images, labels, predictors=name, dtype=dtype)[name]
        assert (alone.value, alone.status, alone.reason) == (
            fused[name].value,
            fused[name].status,
            fused[name].reason,
        ), name


def assert_as_expected(network: nn.Module, images: Tensor, labels: Tensor, names: tuple[str, ...] = NAMES) -> None:
    """Every predictor equals its oracle, and fused equals alone."""
    scores = nl.probe(network, images, labels, predictors=names, dtype="float64")
    for name in names:
        value = expected(name, network, images, labels)
        tolerance = 1e-9 * size(name, value, network, images, labels)
        assert float(scores[name]) == pytest.approx(value, rel=0, abs=tolerance), name
    assert_fused_is_alone(network, images, labels, "float64")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("entry", ZOO, ids=[entry[0] for entry in ZOO])
def test_fused_is_alone_bit_for_bit_on_the_zoo(entry: Entry, dtype: str) -> None:
    _, build, shape, classes = entry
    assert_fused_is_alone(build(), *batch(shape, classes, 5, seed=0), dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_fused_is_alone_bit_for_bit_on_netlores_own_networks(architecture: nl.Architecture, dtype: str) -> None:
    assert_fused_is_alone(build_plan(plan_of(architecture), seed=7), *images_and_labels(), dtype)


def test_a_pass_without_gradients_rounds_as_one_with_them() -> None:
    # Some of many activations are so near zero that other kernels of batch norm give them the other code.
    task = nl.task("noise", batch_size=16)
    cell = "|nor_conv_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|nor_conv_3x3~0|nor_conv_1x1~1|skip_connect~2|"
    network = nl.build(nl.nats_topology_architecture(cell), task.num_classes)
    assert_fused_is_alone(network, task.images, task.labels, "float32")


@pytest.mark.parametrize("pair", [(a, b) for a in NAMES for b in NAMES if a < b], ids="+".join)
def test_fused_is_alone_for_every_pair_on_a_partly_frozen_network(pair: tuple[str, str]) -> None:
    # What asks for gradients differs from pair to pair; with a frozen backbone it may be too little.
    network = small_network()
    network[:5].requires_grad_(False)
    images, labels = images_and_labels(resolution=6)
    fused = nl.probe(network, images, labels, predictors=pair, dtype="float64")
    for name in pair:
        assert fused[name].status == "ok"
        assert fused[name].value == nl.probe(network, images, labels, predictors=name, dtype="float64")[name].value


def test_frozen_layers_count_like_trainable_ones() -> None:
    network = small_network()
    network[:5].requires_grad_(False)
    assert_as_expected(network, *images_and_labels(resolution=6))


def test_with_nothing_trainable_only_the_norm_of_the_trainable_gradient_is_undefined() -> None:
    network = small_network().requires_grad_(False)
    images, labels = images_and_labels(resolution=6)
    assert_as_expected(network, images, labels, tuple(name for name in NAMES if name != "grad_norm_l2"))
    for predictors in ("grad_norm_l2", NAMES):
        score = nl.probe(network, images, labels, predictors=predictors)["grad_norm_l2"]
        assert score.status == "degenerate"


class ConstantInside(nn.Module):
    """A layer that sees a learned constant, not the images, as position embeddings do."""

    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.linspace(-1, 1, 5))
        self.of_token = nn.Linear(5, 8)
        self.of_images = nn.Linear(3 * 6 * 6, 8)
        self.classifier = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Both, added, a ReLU, the classifier."""
        hidden = self.of_images(x.flatten(1)) + self.of_token(self.token[None])
        logits: Tensor = self.classifier(torch.relu(hidden))
        return logits


def test_layers_that_do_not_see_the_images_count() -> None:
    names = tuple(name for name in NAMES if name != "logdet")  # the oracle knows no functions
    assert_as_expected(seeded(ConstantInside), *images_and_labels(resolution=6), names)


class Tied(nn.Module):
    """Two layers with one weight."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
        self.second.weight = self.first.weight
        with torch.no_grad():
            self.first.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 1.0]]))

    def forward(self, x: Tensor) -> Tensor:
        """Both, one after the other."""
        logits: Tensor = self.second(self.first(x))
        return logits


def test_a_weight_that_two_layers_share_counts_once() -> None:
    network, images, labels = Tied(), torch.tensor([[1.0, 0.0]]), torch.tensor([0])
    scores = nl.probe(network, images, labels, predictors=NAMES[:5], dtype="float64")
    # Logits (7, 6): with p the probability of class 1, dL/dlogits = (-p, p), inside (2p, -p). The gradient of the
    # weight is [[-p, -3p], [p, 3p]] + [[2p, 0], [-p, 0]] = [[p, -3p], [0, 3p]].
    p = float(torch.tensor([7.0, 6.0], dtype=torch.float64).softmax(0)[1])
    assert float(scores["grad_norm"]) == pytest.approx(p * 19**0.5, rel=1e-12)
    assert float(scores["snip"]) == pytest.approx(p + 6 * p + 3 * p, rel=1e-12)
    # On ones: hidden (3, 4), logits (11, 13), R = 24; each of the two layers would carry all of it.
    assert float(scores["synflow"]) == pytest.approx(2 * 24, rel=1e-12)
    # Its saliency is that of each call: a = (1, 3) and g = (2p, -p) inside, a = (7, 6) and g = (-p, p) behind.
    calls = (2 * p) ** 2 + (3 * p) ** 2 + (7 * p) ** 2 + (6 * p) ** 2
    assert float(scores["fisher"]) == pytest.approx(0.5 * 2 * calls, rel=1e-12)


class Viewing(nn.Module):
    """Flattens with `view`, which the channels-last layout does not allow, and works in place on its input."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2))
        self.classifier = nn.Linear(4 * 2 * 2, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Shift, features, view, classifier."""
        x -= 0.5
        logits: Tensor = self.classifier(self.features(x).view(len(x), -1))
        return logits


def test_networks_may_view_and_overwrite_their_input() -> None:
    names = tuple(name for name in NAMES if not name.endswith("synflow"))
    images, labels = images_and_labels(resolution=6)
    for name in names:
        twin = images.clone()
        value = expected(name, seeded(Viewing), twin.clone(), labels) if name != "jacov" else None
        score = nl.probe(seeded(Viewing), images, labels, predictors=name, dtype="float64")[name]
        assert score.status == "ok", name
        if value is not None:
            assert float(score) == pytest.approx(value, rel=1e-9), name
        assert torch.equal(images, twin)
    assert_fused_is_alone(seeded(Viewing), images, labels, "float64")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scores_do_not_depend_on_the_callers_memory_layout(dtype: str) -> None:
    images, labels = images_and_labels(resolution=6)
    plain = nl.probe(small_network(), images, labels, predictors=NAMES, dtype=dtype)
    layouts: list[tuple[nn.Module, Tensor]] = [
        (small_network().to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)),
        (small_network(), images.transpose(2, 3).contiguous().transpose(2, 3)),
        (small_network(), images[:, :, None].expand(-1, -1, 2, -1, -1)[:, :, 1]),
    ]
    turned = small_network()
    weight = turned[0].weight
    turned[0].weight = nn.Parameter(weight.detach().permute(3, 2, 1, 0).contiguous().permute(3, 2, 1, 0))
    layouts.append((turned, images))
    for network, other in layouts:
        scores = nl.probe(network, other, labels, predictors=NAMES, dtype=dtype)
        assert [score.value for score in scores.values()] == [score.value for score in plain.values()]


def test_networks_in_other_precisions_are_scored_in_the_precision_asked_for() -> None:
    network, (images, labels) = small_network(), images_and_labels(resolution=6)
    as_double = nl.probe(network.double(), images, labels, predictors=NAMES, dtype="float64")
    as_half = nl.probe(network.half(), images.half(), labels, predictors=NAMES, dtype="float64")
    for name in NAMES:
        assert as_half[name].status == "ok", name
        assert float(as_half[name]) == pytest.approx(float(as_double[name]), rel=0.3), name
    assert network[0].weight.dtype == torch.float16


class Deaf(nn.Module):
    """Its logits depend on neither images nor layers."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(108, CLASSES)
        self.bias = nn.Parameter(torch.arange(4.0))

    def forward(self, x: Tensor) -> Tensor:
        """A constant."""
        return self.bias.expand(len(x), -1)


def test_what_depends_on_no_layer_has_no_score_but_a_reason() -> None:
    network, (images, labels) = seeded(Deaf), images_and_labels(resolution=6)
    scores = nl.probe(network, images, labels, predictors=NAMES, dtype="float64")
    assert float(scores["grad_norm_l2"]) > 0.0
    for name in set(NAMES) - {"grad_norm_l2", "grasp_limit"}:
        assert scores[name].status == "degenerate", name
    assert_fused_is_alone(network, images, labels, "float64")
