"""An examination leaves no trace, and a predictor reads only what it declares."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.errors import InvalidInput, UndeclaredEvidence
from netlore.scoring.engine import AutogradEngine
from netlore.scoring.evidence import KINDS, Evidence, Kind
from netlore.scoring.probe import Probe, sum_over_layers
from tests.scoring.cases import NAMES, images_and_labels, nothing_changes, same, seeded, small_network


def prepared(network: nn.Module) -> nn.Module:
    """Mixed modes, a frozen parameter, a gradient here and none there, hooks, a `forward` of its own."""
    layers = list(network.children())
    layers[1].eval()
    layers[3].eval()
    layers[1].weight.requires_grad_(False)
    layers[0].weight.grad = torch.ones_like(layers[0].weight)
    layers[0].register_forward_hook(lambda *_: None)
    layers[3].weight.register_hook(lambda gradient: gradient)
    # A batch norm whose `forward` somebody replaced, which synaptic flow replaces as well.
    layers[1].forward = layers[1].forward
    return network


@pytest.mark.parametrize("predictors", [NAMES, *((name,) for name in NAMES)], ids="+".join)
def test_the_network_and_its_surroundings_stay_as_they_were(predictors: tuple[str, ...]) -> None:
    network = prepared(small_network())
    own_forward = network[1].__dict__["forward"]
    images, labels = images_and_labels(resolution=6)
    images.requires_grad_(True)
    before = images.detach().clone()
    with nothing_changes(network):
        nl.probe(network, images, labels, predictors=predictors)
    assert network[1].__dict__["forward"] is own_forward
    assert images.grad is None
    assert same(images.detach(), before)


class Failing(nn.Module):
    """Raises in the middle of its forward pass, while asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.body = prepared(small_network())

    def forward(self, x: Tensor) -> Tensor:
        """The first layers, then the error."""
        self.body[:3](x)
        random.random()
        torch.rand(1)
        raise RuntimeError("in the middle\nof the pass")


@pytest.mark.parametrize("name", NAMES)
def test_after_an_error_in_the_forward_pass_as_well(name: str) -> None:
    network = Failing()
    with nothing_changes(network):
        score = nl.probe(network, *images_and_labels(resolution=6), predictors=name)[name]
    assert (score.status, score.reason, score.value) == ("error", "in the middle", None)


@nl.predictor("fails_after_reading", needs=Evidence.LOSS_GRADIENT | Evidence.SYNAPTIC_FLOW, source="a test")
def fails_after_reading(probe: Probe) -> Tensor:
    """Reads and raises."""
    _ = probe.loss_gradient, probe.log_synaptic_flow
    raise ValueError("of the predictor")


def test_after_an_error_in_a_predictor_as_well() -> None:
    network = prepared(small_network())
    with nothing_changes(network):
        scores = nl.probe(
            network, *images_and_labels(resolution=6), predictors=("snip", fails_after_reading, "grasp")
        )
    assert scores["fails_after_reading"].status == "error"
    assert scores["snip"].status == scores["grasp"].status == "ok"


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_the_callers_gradient_mode_does_not_matter(mode: Callable[[], Any]) -> None:
    network, (images, labels) = small_network(), images_and_labels(resolution=6)
    expected = nl.probe(network, images, labels, predictors=NAMES)
    with mode():
        inside = nl.probe(network, images.clone(), labels.clone(), predictors=NAMES)
        again = nl.probe(small_network(), images.clone(), labels.clone(), predictors=NAMES)
        with nothing_changes(network):
            nl.probe(network, images, labels, predictors=NAMES)
    assert [score.value for score in inside.values()] == [score.value for score in expected.values()]
    assert [score.value for score in again.values()] == [score.value for score in expected.values()]


def test_the_callers_mixed_precision_does_not_matter() -> None:
    network, (images, labels) = small_network(), images_and_labels(resolution=6)
    expected = nl.probe(network, images, labels, predictors=NAMES)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = nl.probe(network, images, labels, predictors=NAMES)
    assert [score.value for score in inside.values()] == [score.value for score in expected.values()]


class Noisy(nn.Module):
    """Draws from every global generator in its forward pass."""

    def __init__(self) -> None:
        super().__init__()
        self.dropout = nn.Dropout(0.5)
        self.classifier = nn.Linear(3 * 6 * 6, 4)

    def forward(self, x: Tensor) -> Tensor:
        """Dropout, and factors as stochastic depth draws them."""
        factor = random.random() + float(np.random.rand())  # noqa: NPY002 - as networks do
        logits: Tensor = self.classifier(self.dropout(x.flatten(1))) * factor
        return logits


def test_random_networks_get_repeatable_scores_and_no_generator_moves() -> None:
    network, (images, labels) = seeded(Noisy), images_and_labels(resolution=6)
    with nothing_changes(network):
        first = nl.probe(network, images, labels, predictors=("snip", "grasp"), dtype="float64")
    random.seed(5)
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    second = nl.probe(network, images, labels, predictors=("snip", "grasp"), dtype="float64")
    alone = nl.probe(network, images, labels, predictors="grasp", dtype="float64")
    assert [score.value for score in first.values()] == [score.value for score in second.values()]
    assert alone["grasp"].value == first["grasp"].value


def test_devices_that_hold_no_part_of_the_network_are_not_seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    network, seeds = small_network(), []
    monkeypatch.setattr(torch.cuda, "manual_seed_all", seeds.append)
    nl.probe(network, *images_and_labels(resolution=6), predictors=NAMES)
    assert seeds == []


EVIDENCE = {read._kind: name for name, read in vars(Probe).items() if hasattr(read, "_kind")}


def test_every_kind_of_evidence_is_a_property_of_the_probe() -> None:
    assert set(EVIDENCE) == {kind for kind in vars(Evidence).values() if isinstance(kind, Kind)}
    images, labels = images_and_labels(resolution=6)
    probe = Probe(AutogradEngine(small_network()), images, labels, Evidence(*KINDS))
    for kind, name in EVIDENCE.items():
        assert type(getattr(probe, name)) is type(probe[kind])
        assert getattr(Probe, name).__doc__ == kind.summary


@pytest.mark.parametrize("declared", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("name", [*EVIDENCE.values(), "relu_count"])
def test_reading_what_was_not_declared_fails_alone_and_fused(declared: Kind[Any], name: str) -> None:
    if name == EVIDENCE[declared] or (name == "relu_count" and declared is Evidence.ACTIVATION_KERNEL):
        return

    @nl.predictor("greedy", needs=declared, source="a test")
    def greedy(probe: Probe) -> Tensor:
        """Reads something else than it declares."""
        return torch.as_tensor(getattr(probe, name))

    network, (images, labels) = small_network(), images_and_labels(resolution=6)
    for predictors in ((greedy,), (greedy, *NAMES)):
        with pytest.raises(UndeclaredEvidence, match=r"add Evidence\.[A-Z_]+ to the predictor's `needs`"):
            nl.probe(network, images, labels, predictors=predictors)


def test_evidence_is_computed_once() -> None:
    network, (images, labels) = small_network(), images_and_labels(resolution=6)
    calls: list[int] = []
    network.register_forward_hook(lambda *_: calls.append(1))
    nl.probe(network, images, labels, predictors=[name for name in NAMES if "synflow" not in name])
    assert len(calls) == 2  # Hessian times gradient takes a forward pass along the gradient, once that is known
    calls.clear()
    nl.probe(network, images, labels, predictors=["grasp", "jacov", "logdet", "fisher"])
    assert len(calls) == 1


def test_a_sum_over_layers_is_accumulated_in_float64() -> None:
    terms = [torch.full((2**20,), 0.1, dtype=torch.float32), torch.tensor(1e9, dtype=torch.float32)]
    assert float(sum_over_layers(terms)) == pytest.approx(2**20 * float(terms[0][0]) + 1e9, rel=1e-15)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (torch.zeros(0, 3, 6, 6), torch.zeros(0, dtype=torch.int64), "one label for each of one or more images"),
        (torch.zeros(2, 3, 6, 6), torch.zeros(3, dtype=torch.int64), "one label for each"),
        (torch.zeros(()), torch.zeros((), dtype=torch.int64), "one label for each"),
    ],
)
def test_images_and_labels_that_do_not_fit_are_refused(images: Tensor, labels: Tensor, message: str) -> None:
    for predictor in ("snip", "synflow"):
        with pytest.raises(InvalidInput, match=message) as caught:
            nl.probe(small_network(), images, labels, predictors=predictor)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (torch.zeros(2, 1, dtype=torch.int64), r"give whole numbers of shape \(2,\)"),
        (torch.zeros(2), "shares of classes"),
        (torch.zeros(2, dtype=torch.bool), "give whole numbers"),
        (torch.full((2,), 4), "give labels from 0 to 3, or"),
    ],
)
def test_labels_that_do_not_fit_the_logits_are_refused(labels: Tensor, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        nl.probe(small_network(), torch.zeros(2, 3, 6, 6), labels, "snip")


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int16, torch.int32])
def test_labels_of_any_whole_type_will_do(dtype: torch.dtype) -> None:
    network, (images, labels) = small_network(), images_and_labels(resolution=6)
    expected = nl.probe(network, images, labels, predictors="snip")["snip"].value
    assert nl.probe(network, images, labels.to(dtype), predictors="snip")["snip"].value == expected


def test_a_network_without_parameters_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no parameters"):
        AutogradEngine(nn.Flatten())
