"""Chunks that would change a score are refused in one line, and nothing is left changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.errors import InvalidInput
from netlore.scoring.engine import PlanEngine
from netlore.scoring.examination import examine
from netlore.scoring.predictor import resolve
from tests.scoring.cases import (
    ARCHITECTURES,
    CLASSES,
    NAMES,
    images_and_labels,
    nothing_changes,
    plan_of,
    seeded,
    small_network,
)
from tests.scoring.separable import OF_IMAGES, N, Noisy, Wrapped, assert_same_scores, perceptron


class Centred(nn.Sequential):
    """A type of its own."""


def hooked(network: nn.Module) -> nn.Module:
    """With a hook that nobody knows."""
    network.register_forward_hook(lambda *_: None)
    return network


class Folding(nn.Module):
    """Promises to act on each image alone, but a layer or a ReLU has not one row per image."""

    acts_on_each_image = True

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.layer, self.classifier = nn.Linear(54, 8), nn.Linear(16, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Two halves of each image."""
        halves = self.layer(x.reshape(-1, 54) if self.kind == "layer" else x.reshape(len(x), 2, 54))
        halves = torch.relu(halves.reshape(-1, 8)) if self.kind == "ReLU" else halves
        logits: Tensor = self.classifier(halves.reshape(len(x), 16))
        return logits


BATCH_NORMS = "the network's batch norms look at all images at once"
DROPS = "the network's dropout draws for all images at once"
HOOKED = "a module of type Linear has a hook or a forward of its own"

COUPLED: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "batch norm": (small_network, BATCH_NORMS),
    "batch norm without statistics": (
        lambda: Wrapped(nn.BatchNorm1d(8, track_running_stats=False).eval()),
        BATCH_NORMS,
    ),
    "dropout": (Noisy, DROPS),
    "alpha dropout": (lambda: Wrapped(nn.AlphaDropout(0.1)), DROPS),
    "randomised ReLU": (lambda: Wrapped(nn.RReLU()), DROPS),
    "another type": (
        lambda: Centred(nn.Flatten(), nn.Linear(108, CLASSES)),
        "modules of type Centred are not known to act on each image alone",
    ),
    "flattened from the first dimension": (
        lambda: nn.Sequential(
            nn.Flatten(), nn.Linear(108, CLASSES), nn.Flatten(0), nn.Unflatten(0, (-1, CLASSES))
        ),
        "modules of type Flatten are not known to act on each image alone",
    ),
    "a hook": (lambda: nn.Sequential(nn.Flatten(), hooked(nn.Linear(108, CLASSES))), HOOKED),
}


@pytest.mark.parametrize("chunk_size", [1, 3])
@pytest.mark.parametrize("kind", COUPLED)
def test_networks_that_look_at_all_images_are_refused_and_left_alone(kind: str, chunk_size: int) -> None:
    build, why = COUPLED[kind]
    network, (images, labels) = seeded(build).eval(), images_and_labels(N, resolution=6)
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    for name in OF_IMAGES:
        with nothing_changes(network), pytest.raises(InvalidInput) as caught:
            nl.probe(network, images, labels, (name, "synflow"), chunk_size=chunk_size)
        assert str(caught.value) == (
            f"{name} on a batch of 7 cannot be evaluated in chunks of {chunk_size}: {why}; "
            f"use a batch of {chunk_size} image{'s' if chunk_size > 1 else ''}, or no chunks."
        )


@pytest.mark.parametrize("kind", COUPLED)
def test_synaptic_flow_does_not_look_at_the_batch(kind: str) -> None:
    network, (images, labels) = seeded(COUPLED[kind][0]), images_and_labels(N, resolution=6)
    names = ("synflow", "log_synflow")
    whole = nl.probe(network, images, labels, names)
    chunks = nl.probe(network, images, labels, names, chunk_size=2)
    assert [score.value for score in chunks.values()] == [score.value for score in whole.values()]


def test_a_promise_that_is_not_kept_is_refused_where_rows_count() -> None:
    network, (images, labels) = seeded(Folding, "ReLU"), images_and_labels(N, resolution=6)
    with nothing_changes(network), pytest.raises(InvalidInput, match=r"logdet on a ReLU's output .* no chunks"):
        nl.probe(network, images, labels, "logdet", chunk_size=3)
    assert_same_scores(network, 3, ("snip", "grasp_l1", "jacov", "grad_norm_l2", "fisher_parameter", "fisher"))


def test_rows_of_a_layer_that_are_folded_into_the_batch_belong_to_their_images() -> None:
    assert_same_scores(seeded(Folding, "layer"), 3, ("snip", "grasp_l1", "fisher"))


def test_logits_that_are_not_finite_have_no_score() -> None:
    network = seeded(perceptron)
    with torch.no_grad():
        network[1].weight.fill_(float("nan"))
    images, labels = images_and_labels(N, resolution=6)
    whole = nl.probe(network, images, labels, NAMES)
    chunks = nl.probe(network, images, labels, NAMES, chunk_size=3)
    assert {name: score.status for name, score in chunks.items()} == {
        n: score.status for n, score in whole.items()
    }


def test_what_a_network_raises_is_its_status() -> None:
    def fails(x: Tensor) -> Tensor:
        raise ValueError("in the middle\nof it")

    network = seeded(Wrapped, fails)
    with nothing_changes(network):
        scores = nl.probe(network, *images_and_labels(N, resolution=6), NAMES, chunk_size=3)
    assert {(score.status, score.reason) for score in scores.values()} == {("error", "ValueError: in the middle")}


def test_out_of_memory_in_a_chunk_is_not_tried_in_another_precision() -> None:
    dtypes: list[torch.dtype] = []

    def full(x: Tensor) -> Tensor:
        dtypes.append(x.dtype)
        raise torch.OutOfMemoryError("no memory")

    images, labels = images_and_labels(N, resolution=6)
    score = nl.probe(seeded(Wrapped, full), images, labels, "snip", chunk_size=3)["snip"]
    assert (score.status, score.reason) == ("out_of_memory", "no memory; use chunk_size, such as 1")
    assert set(dtypes) == {torch.float32}


@pytest.mark.parametrize("label", [-1, CLASSES])
@pytest.mark.parametrize("name", ["snip", "logdet", "grasp"])
def test_labels_outside_the_classes_are_refused(label: int, name: str) -> None:
    images, labels = images_and_labels(N, resolution=6)
    labels[5] = label
    with pytest.raises(InvalidInput, match=f"label {label} is outside the network's 4 classes"):
        nl.probe(seeded(perceptron), images, labels, name, chunk_size=2)


@pytest.mark.parametrize("chunk_size", [0, -3])
def test_chunks_without_images_are_refused(chunk_size: int) -> None:
    message = rf"^chunk_size = {chunk_size} is not positive; choose 1 or more\.$"
    task = nl.task("noise", batch_size=2)
    for name in ("snip", "synflow"):
        with pytest.raises(InvalidInput, match=message):
            nl.probe(small_network(), *images_and_labels(N, resolution=6), name, chunk_size=chunk_size)
        with pytest.raises(InvalidInput, match=message):
            nl.score([], name, task, chunk_size=chunk_size)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_netlores_own_networks_are_refused_before_anything_is_built_or_stored(architecture, tmp_path) -> None:
    task = nl.task("noise", batch_size=8)
    message = (
        f"snip on a batch of 8 cannot be evaluated in chunks of 3: {BATCH_NORMS}; use a batch of 3 images, or"
    )
    with pytest.raises(InvalidInput, match=message):
        nl.score([architecture], ("synflow", "snip"), task, store=tmp_path / "new", chunk_size=3)
    assert not list(tmp_path.iterdir())
    subject = PlanEngine(plan_of(architecture), 0, torch.device("cpu"))
    with pytest.raises(InvalidInput, match=message):
        examine(subject, task.images, task.labels, resolve("snip"), torch.float32, 3)


def test_a_table_of_synaptic_flow_may_be_asked_for_in_chunks(tmp_path) -> None:
    task = nl.task("noise", batch_size=4)
    whole = nl.score(ARCHITECTURES[:2], "synflow", task)
    chunks = nl.score(ARCHITECTURES[:2], "synflow", task, store=tmp_path, chunk_size=2)
    assert [row.score.value for row in chunks.rows] == [row.score.value for row in whole.rows]
    # A store is for one size of chunks, and one without them is what it always was.
    with pytest.raises(InvalidInput, match="chunk_size is 2 there and null here"):
        nl.score(ARCHITECTURES[:2], "synflow", task, store=tmp_path)
