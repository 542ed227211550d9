"""A score is a finite number, or a status with its reason in one line; never a magic value."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.errors import InvalidInput, NetloreError
from netlore.scoring.passes import autograd
from netlore.scoring.probe import Probe
from tests.oracles import predictors as oracles
from tests.scoring.cases import NAMES, images_and_labels, nothing_changes, seeded, small_network

OF_WEIGHTS = tuple(name for name in NAMES if name != "logdet")


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("name", OF_WEIGHTS)
def test_weights_that_are_not_finite_give_no_score(name: str, value: float) -> None:
    network = small_network()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(value)
    score = nl.probe(network, *images_and_labels(resolution=6), predictors=name)[name]
    assert score.status == "nonfinite"
    assert score.value is None
    of_batch = "the network's outputs for the batch are not all finite"
    assert score.reason == of_batch or (name.endswith("synflow") and score.reason.startswith("the formula gave"))


def test_a_network_whose_activations_are_not_numbers_has_no_codes() -> None:
    network = small_network()
    with torch.no_grad():
        network[0].weight.fill_(math.nan)
    score = nl.probe(network, *images_and_labels(resolution=6), predictors="logdet")["logdet"]
    assert score.status == "nonfinite"


def test_an_overflow_is_not_finite() -> None:
    network = nn.Sequential(nn.Flatten(), *(nn.Linear(4, 4) for _ in range(3))).double()
    with torch.no_grad():
        for layer in network[1:]:
            layer.weight.fill_(1e120)
    images, labels = torch.ones(2, 1, 2, 2), torch.tensor([0, 1])
    scores = nl.probe(network, images, labels, predictors=("synflow", "snip"))
    assert scores["synflow"].status == "nonfinite"
    assert scores["synflow"].reason == "the formula gave inf"
    assert scores["snip"].status == "nonfinite"


def test_equal_images_have_equal_codes_and_no_determinant() -> None:
    images, labels = images_and_labels(resolution=6)
    images[3] = images[1]
    score = nl.probe(small_network(), images, labels, predictors="logdet")["logdet"]
    assert score.status == "degenerate"
    assert score.reason == "images have equal or dependent activation codes, so the kernel matrix is singular"


def test_different_codes_may_be_dependent() -> None:
    # Codes 00, 01, 10, 11: (00) + (11) = (01) + (10), so the kernel is singular, which rounding hides.
    network = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU())
    with torch.no_grad():
        network[0].weight.copy_(torch.eye(2))
    images = torch.tensor([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    labels = torch.tensor([0, 1, 0, 1])
    assert oracles.logdet_exact(network, images, labels) == -math.inf
    assert nl.probe(network, images, labels, predictors="logdet")["logdet"].status == "degenerate"
    assert nl.probe(network, images[:3], labels[:3], predictors="logdet")["logdet"].status == "ok"


def test_many_images_and_few_units_have_no_determinant() -> None:
    # The kernel's rank is at most units + 1.
    network = seeded(lambda: nn.Sequential(nn.Flatten(), nn.Linear(108, 9), nn.ReLU(), nn.Linear(9, 4)))
    images, labels = images_and_labels(n=16, resolution=6)
    assert nl.probe(network, images, labels, predictors="logdet")["logdet"].status == "degenerate"
    assert nl.probe(network, images[:6], labels[:6], predictors="logdet")["logdet"].status == "ok"


def test_without_a_relu_there_are_no_codes() -> None:
    network = nn.Sequential(nn.Flatten(), seeded(nn.Linear, 108, 4))
    score = nl.probe(network, *images_and_labels(resolution=6), predictors="logdet")["logdet"]
    assert (score.status, score.reason) == (
        "degenerate",
        "the network calls no ReLU, so images have no activation codes",
    )


class Deaf(nn.Module):
    """Returns the same logits for every image, or for every image but the first."""

    def __init__(self, hears_one: bool) -> None:
        super().__init__()
        self.layer = nn.Linear(108, 4)
        self.hears_one = hears_one

    def forward(self, x: Tensor) -> Tensor:
        """Silenced images."""
        keep = torch.zeros(len(x), 1, dtype=x.dtype)
        keep[0] = float(self.hears_one)
        logits: Tensor = self.layer(x.flatten(1) * keep)
        return logits


@pytest.mark.parametrize("hears_one", [False, True])
def test_images_without_influence_have_no_correlations(hears_one: bool) -> None:
    score = nl.probe(seeded(Deaf, hears_one), *images_and_labels(resolution=6), predictors="jacov")["jacov"]
    assert score.status == "degenerate"
    assert "does not depend on some image" in score.reason


def test_a_network_without_layers_has_nothing_to_add_up() -> None:
    network = nn.Sequential(nn.BatchNorm2d(3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    images, labels = images_and_labels(resolution=6, classes=3)
    scores = nl.probe(network, images, labels, predictors=NAMES)
    for name in ("grad_norm", "snip", "grasp", "grasp_l1", "fisher", "fisher_parameter"):
        assert scores[name].status == "degenerate", name
        assert nl.probe(network, images, labels, predictors=name)[name].reason == scores[name].reason
    assert scores["synflow"].status == "degenerate"
    assert scores["logdet"].status == scores["grad_norm_l2"].status == "ok"


class Raising(nn.Module):
    """Raises what it is given."""

    acts_on_each_image = True

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.layer = nn.Linear(108, 4)
        self.error = error

    def forward(self, x: Tensor) -> Tensor:
        """The error."""
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (RuntimeError("first line\nsecond line"), "error", "first line"),
        (RuntimeError("\n\n  first line\nsecond"), "error", "first line"),
        (ValueError(), "error", "ValueError"),
        (KeyError("x"), "error", "KeyError: 'x'"),
        (SystemExit("no more"), "error", "SystemExit: no more"),
        (MemoryError(), "out_of_memory", "MemoryError"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried"), "out_of_memory", "CUDA out of memory. Tried"),
        (
            ValueError("can't allocate memory for a guess"),
            "error",
            "ValueError: can't allocate memory for a guess",
        ),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
            "out_of_memory",
            "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes",
        ),
    ],
)
@pytest.mark.parametrize("predictors", ["snip", "synflow", NAMES])
def test_what_a_network_raises_is_its_status(
    error: BaseException, status: str, reason: str, predictors: str | tuple[str, ...]
) -> None:
    network = Raising(error)
    with nothing_changes(network):
        scores = nl.probe(network, *images_and_labels(resolution=6), predictors=predictors)
    for name, score in scores.items():
        remedy = "; use chunk_size, such as 2" if status == "out_of_memory" and "synflow" not in name else ""
        assert (score.status, score.reason, score.value) == (status, reason + remedy, None)


def test_an_interruption_is_not_a_score() -> None:
    network = Raising(KeyboardInterrupt())
    with nothing_changes(network), pytest.raises(KeyboardInterrupt):
        nl.probe(network, *images_and_labels(resolution=6), predictors=("snip", "synflow"))


def test_running_out_of_memory_in_one_pass_spares_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(*_: object) -> Tensor:
        raise torch.OutOfMemoryError("no room for the Hessian")

    monkeypatch.setattr(autograd, "change_along", too_large)
    scores = nl.probe(small_network(), *images_and_labels(resolution=6), predictors=NAMES)
    assert scores["grasp_l1"].status == "out_of_memory"
    assert {score.status for name, score in scores.items() if name != "grasp_l1"} == {"ok"}


@nl.predictor("two_numbers", needs=nl.Evidence.SYNAPTIC_FLOW, source="a test")
def two_numbers(probe: Probe) -> Tensor:
    """Not a scalar."""
    return torch.stack([probe.log_synaptic_flow] * 2)


def test_a_predictor_that_gives_no_scalar_has_an_error_for_its_status() -> None:
    scores = nl.probe(small_network(), *images_and_labels(resolution=6), predictors=(two_numbers, "snip"))
    assert scores["two_numbers"].status == "error"
    assert scores["snip"].status == "ok"


def test_a_score_without_a_value_is_no_float() -> None:
    network = Raising(RuntimeError("why"))
    score = nl.probe(network, *images_and_labels(resolution=6), predictors="snip")["snip"]
    with pytest.raises(NetloreError, match=r"no score \(error: why"):
        float(score)


def test_scores_take_time() -> None:
    score = nl.probe(small_network(), *images_and_labels(resolution=6), predictors="snip")["snip"]
    assert float(score) > 0.0
    assert score.seconds > 0.0
    assert score.reason == ""


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(InvalidInput, match="dtype 'float16' is not known; choose one of float32, float64"):
        nl.probe(small_network(), *images_and_labels(resolution=6), dtype="float16")
