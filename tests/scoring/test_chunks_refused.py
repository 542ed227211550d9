"""Chunks that would change a score are refused in one line, and nothing is left changed."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import netlore as nl
from netlore.errors import InvalidInput
from netlore.scoring.engine import PlanSubject
from netlore.scoring.examine import examine
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
from tests.scoring.separable import OF_IMAGES, N, Noisy, Wrapped, perceptron


def stochastic_depth(x: Tensor) -> Tensor:
    """Leaves out images as residual branches are; it hardly ever happens."""
    return x * (torch.rand(len(x), 1) < 0.999).to(x)


def _centred_on_nothing() -> nn.Module:
    """A classifier of zeros hides what its logits are made of, and what is done to them."""
    network = Wrapped(lambda x: x, last=lambda z: z - z.mean(dim=0))
    nn.init.zeros_(network.classifier.weight)
    nn.init.zeros_(network.classifier.bias)
    return network


BATCH_NORMS = "the network's batch norms look at all images at once"
DROPS = "the network's dropout draws for all images at once"
DRAWS = "the network draws random numbers for all images at once"
CHANGES = "the network's logits for an image change with the images beside it"
UNLIKE = "the network's layers are not called alike for all images"

MIXING: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "batch norm": (small_network, BATCH_NORMS),
    "batch norm without statistics": (
        lambda: Wrapped(nn.BatchNorm1d(8, track_running_stats=False).eval()),
        BATCH_NORMS,
    ),
    "dropout": (Noisy, DROPS),
    "alpha dropout": (lambda: Wrapped(nn.AlphaDropout(0.1)), DROPS),
    "randomised ReLU": (lambda: Wrapped(nn.RReLU()), DROPS),
    "dropout as a function": (lambda: Wrapped(lambda x: F.dropout(x, 1e-9)), DRAWS),
    "stochastic depth": (lambda: Wrapped(stochastic_depth), DRAWS),
    "a factor of Python's": (lambda: Wrapped(lambda x: x * random.random()), DRAWS),
    "centred": (lambda: Wrapped(lambda x: x - x.mean(dim=0)), CHANGES),
    "hardly centred": (lambda: Wrapped(lambda x: x - 1e-6 * x.mean(dim=0)), CHANGES),
    "centred without a gradient": (lambda: Wrapped(lambda x: x - x.mean(dim=0).detach()), CHANGES),
    "the image before": (lambda: Wrapped(lambda x: x + x.roll(1, dims=0)), CHANGES),
    "the number of images": (lambda: Wrapped(lambda x: x * len(x)), CHANGES),
    "centred logits of zero": (_centred_on_nothing, CHANGES),
}


@pytest.mark.parametrize("chunk_size", [1, 3])
@pytest.mark.parametrize("kind", MIXING)
def test_networks_that_look_at_all_images_are_refused_and_left_alone(kind: str, chunk_size: int) -> None:
    build, why = MIXING[kind]
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


@pytest.mark.parametrize("kind", MIXING)
def test_synaptic_flow_does_not_look_at_the_batch(kind: str) -> None:
    network, (images, labels) = seeded(MIXING[kind][0]), images_and_labels(N, resolution=6)
    names = ("synflow", "log_synflow")
    whole = nl.probe(network, images, labels, names)
    chunks = nl.probe(network, images, labels, names, chunk_size=2)
    assert [score.value for score in chunks.values()] == [score.value for score in whole.values()]


def test_equal_images_do_not_hide_that_the_network_looks_at_all() -> None:
    network, (images, labels) = seeded(MIXING["centred"][0]), images_and_labels(N, resolution=6)
    images[:6] = images[0]
    with pytest.raises(InvalidInput, match=CHANGES):
        nl.probe(network, images, labels, "snip", chunk_size=2)
    images[6] = images[0]
    whole = nl.probe(network, images, labels, "snip", "float64")["snip"]
    assert nl.probe(network, images, labels, "snip", "float64", 2)["snip"].value == pytest.approx(whole.value)


def test_logits_that_are_not_finite_tell_nothing() -> None:
    network = seeded(perceptron)
    with torch.no_grad():
        network[1].weight.fill_(float("nan"))
    scores = nl.probe(network, *images_and_labels(N, resolution=6), NAMES, chunk_size=3)
    assert {scores[name].status for name in OF_IMAGES} == {"degenerate"}
    assert "the logits are not finite" in scores["logdet"].reason
    assert scores["synflow"].status == "nonfinite"


def test_what_a_network_raises_is_its_status() -> None:
    def fails(x: Tensor) -> Tensor:
        raise ValueError("in the middle\nof it")

    network = seeded(Wrapped, fails)
    with nothing_changes(network):
        scores = nl.probe(network, *images_and_labels(N, resolution=6), NAMES, chunk_size=3)
    assert {(score.status, score.reason) for score in scores.values()} == {("error", "in the middle")}


class OnlySingle(nn.Module):
    """Multiplies with a constant in float32, which float64 does not allow."""

    def __init__(self, mixes: bool) -> None:
        super().__init__()
        self.first, self.mixes = nn.Linear(108, 8), mixes
        self.matrix = torch.linspace(-1, 1, 8 * CLASSES).reshape(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """A layer and the matrix."""
        x = torch.relu(self.first(x.flatten(1)))
        return (x - x.mean(dim=0) if self.mixes else x) @ self.matrix


def test_networks_that_know_no_float64_are_compared_in_float32() -> None:
    images, labels = images_and_labels(N, resolution=6)
    names = ("snip", "fisher", "jacov", "logdet")
    whole = nl.probe(seeded(OnlySingle, False), images, labels, names)
    chunks = nl.probe(seeded(OnlySingle, False), images, labels, names, chunk_size=3)
    for name in names:
        assert chunks[name].value == pytest.approx(whole[name].value, rel=1e-4), name
    with pytest.raises(InvalidInput, match=CHANGES):
        nl.probe(seeded(OnlySingle, True), images, labels, "snip", chunk_size=3)


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
    subject = PlanSubject(plan_of(architecture), 0, torch.device("cpu"))
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
