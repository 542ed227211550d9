"""Batches in chunks: the same scores up to rounding, from few images at a time."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.errors import UndeclaredEvidence
from netlore.scoring.chunks import ChunkedPass
from netlore.scoring.engine import AutogradEngine, PlanEngine
from netlore.scoring.evidence import OF_THE_BATCH, Evidence
from netlore.scoring.examination import examine
from netlore.scoring.objective import USUAL
from netlore.scoring.passes.autograd import BatchPass
from netlore.scoring.predictor import resolve
from netlore.scoring.probe import Probe
from netlore.space.plan import Chain, Layer, head, relu
from tests.scoring.cases import CLASSES, NAMES, images_and_labels, nothing_changes, seeded, small_network
from tests.scoring.separable import (
    OF_IMAGES,
    SEPARABLE,
    Convolutional,
    N,
    Noisy,
    assert_same_scores,
    perceptron,
)


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 6])
@pytest.mark.parametrize("kind", SEPARABLE)
def test_scores_are_those_of_the_whole_batch(kind: str, chunk_size: int) -> None:
    assert_same_scores(seeded(SEPARABLE[kind]), chunk_size)


def test_all_predictors_have_a_score_on_the_network_with_everything() -> None:
    scores = nl.probe(seeded(Convolutional), *images_and_labels(N, resolution=6), NAMES, "float64", 3)
    assert {score.status for score in scores.values()} == {"ok"}


@pytest.mark.parametrize("chunk_size", [N, N + 1, 1000])
def test_chunks_no_smaller_than_the_batch_change_no_bit(chunk_size: int) -> None:
    for network in (seeded(Convolutional), small_network(), seeded(Noisy)):
        images, labels = images_and_labels(N, resolution=6)
        whole = nl.probe(network, images, labels, NAMES)
        chunks = nl.probe(network, images, labels, NAMES, chunk_size=chunk_size)
        assert [(s.value, s.status, s.reason) for s in whole.values()] == [
            (s.value, s.status, s.reason) for s in chunks.values()
        ]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fused_is_alone_bit_for_bit(dtype: str) -> None:
    network, (images, labels) = seeded(Convolutional), images_and_labels(N, resolution=6)
    fused = nl.probe(network, images, labels, NAMES, dtype, 3)
    for name in NAMES:
        assert nl.probe(network, images, labels, name, dtype, 3)[name].value == fused[name].value, name


def evidence_of(network: nn.Module, chunk_size: int | None) -> BatchPass | ChunkedPass:
    images, labels = images_and_labels(N, resolution=6)
    if chunk_size is None:
        return BatchPass(network, images, labels, OF_THE_BATCH, torch.float64)
    return ChunkedPass(network, images, labels, OF_THE_BATCH, torch.float64, USUAL, chunk_size)


@pytest.mark.parametrize("kind", SEPARABLE)
def test_all_evidence_is_that_of_the_whole_batch(kind: str) -> None:
    network = seeded(SEPARABLE[kind])
    whole, chunks = evidence_of(network, None), evidence_of(network, 3)
    for evidence in OF_THE_BATCH - Evidence.ACTIVATION_KERNEL:
        torch.testing.assert_close(chunks[evidence], whole[evidence], rtol=1e-10, atol=1e-12)
    assert torch.equal(chunks[Evidence.ACTIVATION_KERNEL], whole[Evidence.ACTIVATION_KERNEL])


def test_every_kind_of_evidence_of_the_batch_says_how_it_is_joined() -> None:
    assert all(kind.join is not None for kind in OF_THE_BATCH)


def test_frozen_layers_count_like_trainable_ones() -> None:
    network = seeded(Convolutional)
    network.shared.requires_grad_(False)
    network.stem.requires_grad_(False)
    assert_same_scores(network, 3)


# Memory


class Counting(Convolutional):
    """Writes down how many images it is shown."""

    seen: list[int]

    def forward(self, x: Tensor) -> Tensor:
        """As ever."""
        type(self).seen.append(len(x))
        return super().forward(x)


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 6])
def test_no_forward_pass_sees_more_images_than_a_chunk(chunk_size: int) -> None:
    Counting.seen = []
    nl.probe(seeded(Counting), *images_and_labels(N, resolution=6), OF_IMAGES, chunk_size=chunk_size)
    assert max(Counting.seen) == chunk_size


def test_evidence_is_computed_once_in_two_sweeps() -> None:
    network, (images, labels) = seeded(Counting), images_and_labels(N, resolution=6)
    Counting.seen = []
    nl.probe(network, images, labels, [name for name in OF_IMAGES if not name.startswith("grasp")], chunk_size=3)
    assert Counting.seen == [3, 3, 1]
    Counting.seen = []
    nl.probe(network, images, labels, OF_IMAGES, chunk_size=3)
    assert Counting.seen == [3, 3, 1, 3, 3, 1]


@pytest.mark.parametrize("chunk_size", [1, 3])
def test_nothing_changes(chunk_size: int) -> None:
    network = seeded(Convolutional).eval()
    network.norm.train()
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    with nothing_changes(network):
        nl.probe(network, *images_and_labels(N, resolution=6), NAMES, chunk_size=chunk_size)


class Frozen(nn.Module):
    """Keeps its batch norm in evaluation mode."""

    acts_on_each_image = True

    def __init__(self) -> None:
        super().__init__()
        self.body = small_network()

    def train(self, mode: bool = True) -> Frozen:
        """All but the batch norm."""
        super().train(mode)
        self.body[1].eval()
        return self

    def forward(self, x: Tensor) -> Tensor:
        """The network."""
        logits: Tensor = self.body(x)
        return logits


def test_batch_norms_that_stay_in_evaluation_mode_are_harmless() -> None:
    assert_same_scores(Frozen(), 3)


def test_reading_what_was_not_declared_fails() -> None:
    subject = AutogradEngine(seeded(perceptron))
    probe = Probe(subject, *images_and_labels(N, resolution=6), Evidence.HESSIAN_GRADIENT, chunk_size=3)
    assert len(probe.hessian_gradient) == 3
    for name in ("loss_gradient", "curvature", "channel_saliency", "activation_kernel", "relu_count"):
        with pytest.raises(UndeclaredEvidence):
            getattr(probe, name)


def test_a_network_without_layers_has_nothing_to_add_up() -> None:
    network = nn.Sequential(nn.GroupNorm(1, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    images, labels = images_and_labels(N, resolution=6, classes=3)
    whole = nl.probe(network, images, labels, NAMES)
    chunks = nl.probe(network, images, labels, NAMES, chunk_size=3)
    for name in NAMES:
        assert (chunks[name].status, chunks[name].reason) == (whole[name].status, whole[name].reason), name


# Plans


def test_a_plan_without_batch_norms_may_be_evaluated_in_chunks() -> None:
    bare = Layer("convolution", 3, 4, 3)
    plan = Chain((bare, relu(4), Layer("convolution", 4, 4, 3), relu(4), head(4, CLASSES)))
    subject = PlanEngine(plan, 3, torch.device("cpu"))
    images, labels = images_and_labels(N)
    whole = examine(subject, images, labels, resolve(NAMES), torch.float64)
    chunks = examine(subject, images, labels, resolve(NAMES), torch.float64, 3)
    for name in NAMES:
        assert chunks[name].value == pytest.approx(whole[name].value, rel=1e-10), name
