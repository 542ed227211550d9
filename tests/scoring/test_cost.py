"""The described passes are those that are made: they are counted here, and compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any, get_args

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import netlore as nl
from netlore.scoring import engine, own_pass
from netlore.scoring.cost import NetworkKind, kind_of, passes_added, passes_by_predictor, passes_of
from netlore.scoring.engine import AutogradEngine, Engine, PlanEngine
from netlore.scoring.evidence import KINDS as EVIDENCE
from netlore.scoring.evidence import OF_THE_BATCH, Evidence, Kind
from netlore.scoring.examination import examine
from netlore.scoring.kinds import gradients as kinds_gradients
from netlore.scoring.kinds import spectra as kinds_spectra
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.passes import autograd, forward, hessian, synaptic_flow
from netlore.scoring.passes.autograd import BatchPass
from netlore.scoring.passes.forward import ForwardPass
from netlore.scoring.planned import sweep as planned_pass
from netlore.scoring.planned.sweep import PlannedPass
from netlore.scoring.predictor import PAPER, resolve
from netlore.scoring.probe import Probe
from netlore.space.plan import Chain, Layer, Plan, convolution, head, relu
from tests.scoring.cases import (
    ARCHITECTURES,
    BUILT_IN,
    CLASSES,
    NAMES,
    images_and_labels,
    plan_of,
    seeded,
    small_network,
)
from tests.scoring.kinds.seen import blocks

CPU = torch.device("cpu")
KINDS: tuple[NetworkKind, ...] = get_args(NetworkKind)
SHARED = Evidence(*(kind for kind in EVIDENCE if kind is not Evidence.TARGETS))
"""What passes give."""
SHARING = [*NAMES, "plain", "epe_nas", "flops", "depth"]
"""Predictors without passes of their own."""
SUITED = plan_of(ARCHITECTURES[0])
# A convolution without batch norm is nothing that `PlannedPass` examines.
UNSUITED = Chain((convolution(3, 4, 3), relu(4), Layer("convolution", 4, 4, 3), head(4, CLASSES)))
N = 4

unions = st.sets(st.sampled_from(EVIDENCE), min_size=1).map(lambda some: reduce(or_, some))


def plain_network() -> nn.Module:
    """Without batch norm, so that chunks are allowed."""
    return seeded(
        lambda: nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 4 * 4, CLASSES))
    )


def engine_of(kind: NetworkKind) -> Engine:
    plan = SUITED if kind == "plan" else UNSUITED
    return AutogradEngine(small_network()) if kind == "module" else PlanEngine(plan, 0, CPU)


# Every predictor, every kind


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_no_predictor_is_described_by_nothing_when_asked_for_alone(kind: NetworkKind, chunked: bool) -> None:
    for predictor in resolve(BUILT_IN):
        assert passes_of(predictor.needs, kind, chunked), predictor.name


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_all_evidence_is_described_beyond_the_passes_that_others_share(kind: NetworkKind, chunked: bool) -> None:
    # So that a new kind of evidence cannot be forgotten. Curvature is the Hessian product of modules once more.
    for one in SHARED:
        others = SHARED - one
        alike = {Evidence.LOSS_GRADIENT, Evidence.HESSIAN_GRADIENT, Evidence.CURVATURE}
        assert passes_of(one, kind, chunked)
        assert passes_added(one, others, kind, chunked) or one in alike, one.name


@given(order=st.permutations(BUILT_IN), kind=st.sampled_from(KINDS), chunked=st.booleans())
def test_what_predictors_add_one_by_one_is_what_all_at_once_take(
    order: list[str], kind: NetworkKind, chunked: bool
) -> None:
    predictors = resolve(order)
    added = passes_by_predictor(predictors, {kind: 1}, chunked)
    assert list(added) == order
    found = [sentence for sentences in added.values() for sentence in sentences]
    together = reduce(or_, (predictor.needs for predictor in predictors))
    assert len(found) == len(set(found)) and set(found) == set(passes_of(together, kind, chunked))


@given(some=unions, more=unions, kind=st.sampled_from(KINDS), chunked=st.booleans())
def test_more_evidence_takes_no_pass_away(
    some: Evidence, more: Evidence, kind: NetworkKind, chunked: bool
) -> None:
    assert set(passes_of(some, kind, chunked)) <= set(passes_of(some | more, kind, chunked))


# In words


def test_the_paper_s_predictors_on_plans() -> None:
    found = passes_by_predictor(resolve(PAPER), {"plan": 5})
    assert found["grad_norm"][0] == "one forward pass over the batch"
    assert found["grad_norm"][1].startswith("one backward pass (a network that would keep more for it than ")
    assert found["grad_norm"][2:] == (
        "the gradient of the loss through the backward pass",
        "weight gradients within the backward pass",
    )
    assert found["snip"] == ()
    assert found["grasp"] == ("tangents along the weights through both passes",)
    assert found["synflow"] == (
        "one forward pass in float64 of an image of ones and its derivative along the weights",
    )
    assert found["fisher"] == ("channel saliency within the backward pass",)
    assert found["jacov"] == ("the gradient of the sum of logits through the backward pass",)
    assert found["logdet"] == ("activation codes within the forward pass",)


def test_what_only_a_module_s_pass_gives_takes_another_forward_pass() -> None:
    found = passes_by_predictor(resolve(("snip", "grad_norm_l2")), {"plan": 1})
    assert found["grad_norm_l2"][:2] == (
        "the network is built as a module",
        "with the module: one forward pass over the batch",
    )


def test_what_only_some_networks_take_says_how_many() -> None:
    found = passes_by_predictor(resolve(("synflow", "logdet", "grad_norm_l2")), {"plan": 3, "other plan": 2})
    assert found["synflow"] == passes_of(Evidence.SYNAPTIC_FLOW, "plan")
    assert "for 3 of 5 networks: one forward pass over the batch" in found["logdet"]
    assert "for 2 of 5 networks: the network is built as a module" in found["logdet"]
    assert "for 3 of 5 networks: the network is built as a module" in found["grad_norm_l2"]
    assert "with the module: one backward pass (gradient of the loss)" in found["grad_norm_l2"]


def test_hessian_products_take_the_chunks_a_second_time() -> None:
    once = passes_of(Evidence.LOSS_GRADIENT, "module", chunked=True)
    twice = passes_of(Evidence.CURVATURE, "module", chunked=True)
    assert once[0] == "for each chunk: one forward pass over its images"
    assert twice[: len(once)] == once
    assert all(sentence.startswith("for each chunk again: ") for sentence in twice[len(once) :])


@pytest.mark.parametrize(("plan", "kind"), [(SUITED, "plan"), (UNSUITED, "other plan")])
def test_the_kind_of_a_plan_decides_who_examines_it(plan: Plan, kind: NetworkKind) -> None:
    assert kind_of(plan) == kind
    found = PlanEngine(plan, 0, CPU).batch_passes(*images_and_labels(), OF_THE_BATCH)
    for one in OF_THE_BATCH:
        by_module = not isinstance(found[one], PlannedPass)
        assert by_module == passes_of(one, kind)[0].startswith("the network is built as a module")


# Counted


class Count:
    """How often passes were made, of plans and of modules."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.of: dict[str, int] = {}
        self._watch(monkeypatch, planned_pass, "run_forward", "forward")
        self._watch(monkeypatch, planned_pass, "run_backward", "backward")
        self._watch(monkeypatch, engine, "log_synaptic_flow_of_plan", "forward")
        self._watch(monkeypatch, ForwardPass, "run", "forward")
        for home in (autograd, forward, hessian):
            self._watch(monkeypatch, home, "gradients_of", "backward")
        self._watch(monkeypatch, synaptic_flow, "_flows", "backward")
        self._set_apart(monkeypatch)
        self._watch(monkeypatch, engine, "build_plan", "built")
        for name in ("log_synaptic_flow", "module_complexity", "module_depth"):
            self._watch(monkeypatch, engine, name, "forward")

    def _set_apart(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The loss is differentiated by the outputs first, which is no pass through the network."""
        original = ForwardPass._gradients_of_outputs

        def uncounted(forward: ForwardPass) -> list[torch.Tensor]:
            before = self.of.get("backward", 0)
            found = original(forward)
            self.of["backward"] = before
            return found

        monkeypatch.setattr(ForwardPass, "_gradients_of_outputs", uncounted)

    def _watch(self, monkeypatch: pytest.MonkeyPatch, home: Any, name: str, kind: str) -> None:
        original: Callable[..., Any] = getattr(home, name)

        def counted(*arguments: Any, **named: Any) -> Any:
            self.of[kind] = self.of.get(kind, 0) + 1
            return original(*arguments, **named)

        monkeypatch.setattr(home, name, counted)


def described(sentences: tuple[str, ...], images: int, chunks: int = 1) -> dict[str, int]:
    """How many passes sentences speak of."""
    found: dict[str, int] = {}
    for sentence in sentences:
        times = chunks if sentence.startswith("for each chunk") else 1
        what = sentence.rsplit(": ", 1)[-1]
        for kind in ("forward", "backward"):
            if what.startswith(f"one {kind} pass"):
                each = images // times if "for each image" in what else 1
                found[kind] = found.get(kind, 0) + times * each
        if what == "the network is built as a module":
            found["built"] = 1
    return found


def counted(
    monkeypatch: pytest.MonkeyPatch, of: Engine, names: list[str], chunk_size: int | None
) -> dict[str, int]:
    images, labels = images_and_labels(N)
    with monkeypatch.context() as patched:
        count = Count(patched)
        scores = examine(of, images, labels, resolve(names), torch.float32, chunk_size)
    assert not [score for score in scores.values() if score.status == "error"]
    return count.of


@pytest.mark.parametrize("names", [*([name] for name in SHARING), ["grasp", "jacov"], SHARING], ids="+".join)
@pytest.mark.parametrize("kind", KINDS)
def test_as_many_passes_are_made_as_described(
    monkeypatch: pytest.MonkeyPatch, kind: NetworkKind, names: list[str]
) -> None:
    found = counted(monkeypatch, engine_of(kind), names, None)
    sentences = [s for added in passes_by_predictor(resolve(names), {kind: 1}).values() for s in added]
    assert found == described(tuple(sentences), N)


@pytest.mark.parametrize("names", [*([name] for name in SHARING), SHARING], ids="+".join)
def test_as_many_passes_are_made_in_chunks_as_described(monkeypatch: pytest.MonkeyPatch, names: list[str]) -> None:
    of = AutogradEngine(plain_network())
    found = counted(monkeypatch, of, names, 2)
    sentences = [s for added in passes_by_predictor(resolve(names), {"module": 1}, True).values() for s in added]
    assert found == described(tuple(sentences), N, chunks=2)


@nl.evidence("ours", batches=2)
def ours(own: OwnPass) -> torch.Tensor:
    """Nothing."""
    return own.images.sum()


@pytest.mark.parametrize("kind", KINDS)
def test_a_pass_of_its_own_is_described(kind: NetworkKind) -> None:
    found = passes_added(ours | Evidence.LOSS_GRADIENT, Evidence.LOSS_GRADIENT, kind)
    assert found[-1].endswith("a pass of its own for ours, over 2 batches")


NORMAL = nl.View(inputs="normal", draws=3)


@pytest.mark.parametrize(
    "own",
    [
        nl.block_features(),
        nl.activation_codes(NORMAL),
        nl.layer_weights(),
        nl.part_gradients(2),
        nl.part_gradients(2, batches=2, view=NORMAL),
        nl.image_gradients(),
        nl.image_gradients(apart=True, view=NORMAL),
        nl.gradient_kernel(),
        kinds_spectra.layer_traces(),
        kinds_spectra.channel_likeness(view=NORMAL),
        kinds_spectra.channel_squares(),
    ],
    ids=lambda kind: kind.name,
)
def test_passes_of_kinds_are_as_many_as_described(monkeypatch: pytest.MonkeyPatch, own: Kind[Any]) -> None:
    count = {"forward": 0, "backward": 0}
    call, differentiate = own_pass.returned_by, kinds_gradients.gradients_of

    def forward_pass(*arguments: Any) -> Any:
        count["forward"] += 1
        return call(*arguments)

    def backward_pass(*arguments: Any, **named: Any) -> Any:
        count["backward"] += 1
        return differentiate(*arguments, **named)

    monkeypatch.setattr(own_pass, "returned_by", forward_pass)
    for kinds in (kinds_gradients, kinds_spectra):
        monkeypatch.setattr(kinds, "gradients_of", backward_pass)
    # Of layers that are not known, so that nothing is found for all images at once.
    assert Probe(AutogradEngine(blocks()), *images_and_labels(N), own, batches=[images_and_labels(N)])[own]
    (sentence,) = passes_of(own, "module")
    assert sentence.startswith(f"a pass of its own for {own.name}") and own.passes in sentence
    assert passes_of(own, "plan") == ("the network is built as a module", f"with the module: {sentence}")
    said = sentence.rsplit(": ", 1)[-1].replace("one ", "1 ")
    times = int(match[1]) if (match := re.search(r", (\d+) times$", said)) else 1
    for what, found in count.items():
        number = int(match[1]) if (match := re.search(rf"(\d+) {what} pass", said)) else 0
        each = N if re.search(rf"{what} pass for each|{what} pass and 1 backward pass for each", said) else 1
        assert found == number * each * times, sentence


@pytest.mark.parametrize(
    ("names", "holds"),
    [(["fisher"], True), (["fisher", "fisher_parameter"], True), (["snip"], True), (["grad_norm_l2"], False)],
)
def test_weight_gradients_are_found_within_the_loss_s_pass_where_described(names: list[str], holds: bool) -> None:
    # The layers' weights alone: what takes part in the pass asks for a gradient.
    together = reduce(or_, (predictor.needs for predictor in resolve(names)))
    network = small_network()
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    images, labels = images_and_labels(N)
    gradients = BatchPass(network, images, labels, together)._loss_gradients()
    assert bool(gradients) == holds
    sentence = "weight gradients within the backward pass of the loss"
    assert (sentence in passes_of(together, "module")) == holds
