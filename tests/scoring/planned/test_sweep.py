"""The passes over a plan give the evidence of the module's passes; other plans are examined as modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import netlore as nl
from netlore.networks import build_plan
from netlore.scoring.engine import PlanEngine
from netlore.scoring.evidence import Evidence
from netlore.scoring.examination import examine
from netlore.scoring.passes.autograd import BatchPass
from netlore.scoring.planned.sweep import PlannedPass, is_supported
from netlore.scoring.predictor import resolve
from netlore.space.named import named, names
from netlore.space.plan import Chain, Layer, Plan, Repeat, Sum, convolution, head, relu
from tests.scoring.cases import ARCHITECTURES, NAMES, SWEPT, images_and_labels, plan_of, set_kept_bytes

CPU = torch.device("cpu")
IDENTITY = Chain(())
BARE = Layer("convolution", 4, 4, 3)
NORM = Layer("batch_norm", 4, 4)
STEM = Chain((convolution(3, 4, 3), relu(4)))
NESTED = Chain((convolution(4, 4, 3), Sum(convolution(4, 4, 1), IDENTITY), relu(4)))


def in_order(evidence: Mapping[Any, Any]) -> list[Any]:
    """Evidence by the weights of its layers, since layers come in the order in which a pass meets them."""
    by_weight = {tuple(layer.weight.flatten().tolist()): found for layer, found in evidence.items()}
    assert len(by_weight) == len(evidence)
    return [by_weight[weight] for weight in sorted(by_weight)]


def assert_same_evidence(plan: Plan, n: int = 4, resolution: int = 9, channels: int = 3) -> None:
    """Everything that both passes give agrees in float64; curvature relative to the size of its terms."""
    images, labels = images_and_labels(n, resolution, channels)
    images = images.double()
    planned = PlannedPass(plan, 7, images, labels, SWEPT)
    module = BatchPass(build_plan(plan, 7), images, labels, SWEPT | Evidence.HESSIAN_GRADIENT, images.dtype)
    gradients = in_order(module[Evidence.LOSS_GRADIENT])
    largest = max(float(gradient.abs().max()) for gradient in gradients)
    for ours, theirs in zip(in_order(planned[Evidence.LOSS_GRADIENT]), gradients, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-11 * largest)
    limit = in_order(module[Evidence.LIMIT_HESSIAN_WEIGHT])
    largest = max(float(product.abs().max()) for product in limit)
    for ours, theirs in zip(in_order(planned[Evidence.LIMIT_HESSIAN_WEIGHT]), limit, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-11 * largest)
    terms = [(layer.weight.detach() * h).abs().sum() for layer, h in module[Evidence.HESSIAN_GRADIENT].items()]
    assert float(planned[Evidence.CURVATURE] - module[Evidence.CURVATURE]) == pytest.approx(
        0, abs=1e-10 * float(sum(terms))
    )
    saliency = in_order(module[Evidence.CHANNEL_SALIENCY])
    largest = max(float(call[0].abs().max()) for call in saliency)
    for (ours,), (theirs,) in zip(in_order(planned[Evidence.CHANNEL_SALIENCY]), saliency, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-11 * largest)
    # Where a batch norm comes last, the sum of the logits does not depend on anything, and rounding is left.
    torch.testing.assert_close(
        planned[Evidence.INPUT_JACOBIAN], module[Evidence.INPUT_JACOBIAN], rtol=1e-9, atol=1e-11
    )
    assert torch.equal(planned[Evidence.ACTIVATION_KERNEL], module[Evidence.ACTIVATION_KERNEL])


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
@pytest.mark.parametrize("resolution", [8, 9, 11])
def test_the_evidence_is_that_of_the_module(architecture: nl.Architecture, resolution: int) -> None:
    assert_same_evidence(plan_of(architecture), resolution=resolution)


def test_one_channel_and_one_image_will_do() -> None:
    assert_same_evidence(plan_of(ARCHITECTURES[0], channels=1), n=2, channels=1)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans that the passes can examine: units, sums of them, sums in sums."""

    def unit(w_in: int, w_out: int, stride: int = 1) -> Plan:
        kernel, depthwise = draw(st.sampled_from([(1, False), (3, False), (3, True), (5, False)]))
        return convolution(w_in, w_out, kernel, stride, w_in if depthwise and w_out % w_in == 0 else 1)

    def series(w_in: int, w_out: int, depth: int) -> list[Plan]:
        middle = draw(st.integers(1, 4))
        parts = [unit(w_in, middle), *maybe_relu(middle)]
        return [*parts, *(residual(middle, w_out, depth - 1) if depth else [unit(middle, w_out)])]

    def residual(w_in: int, w_out: int, depth: int) -> list[Plan]:
        shortcut = IDENTITY if w_in == w_out and draw(st.booleans()) else unit(w_in, w_out)
        return [Sum(Chain(tuple(series(w_in, w_out, depth))), shortcut)]

    def maybe_relu(width: int) -> list[Plan]:
        return [relu(width)] if draw(st.booleans()) else []

    parts: list[Plan] = [unit(3, 3)]
    w = 3
    for depth in draw(st.lists(st.integers(0, 1), max_size=2)):
        wider = draw(st.integers(1, 5))
        parts += [*maybe_relu(w), *residual(w, wider, depth)]
        w = wider
    last = draw(st.integers(1, 5))
    return Chain((*parts, *maybe_relu(w), unit(w, last, stride=2), relu(last), head(last, 4)))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(plans())
def test_the_evidence_is_that_of_the_module_for_any_plan_that_suits(plan: Plan) -> None:
    assert is_supported(plan)
    assert_same_evidence(plan, n=3, resolution=6)


@pytest.mark.parametrize("name", names())
def test_named_architectures_suit(name: str) -> None:
    assert is_supported(plan_of(named(name)))


OTHERS: dict[str, Plan] = {
    "no batch norm": Chain((STEM, BARE, relu(4), head(4, 4))),
    "branch without batch norm": Chain((STEM, Sum(BARE, IDENTITY), relu(4), head(4, 4))),
    "identity for a branch": Chain((STEM, Sum(IDENTITY, convolution(4, 4, 3)), relu(4), head(4, 4))),
    "branch that ends in a relu": Chain((STEM, Sum(Chain((convolution(4, 4, 3), relu(4))), IDENTITY), head(4, 4))),
    "sum and relu in a branch": Chain((STEM, Sum(NESTED, convolution(4, 4, 1)), head(4, 4))),
    "pre-activation": Chain(
        (convolution(3, 4, 3), Sum(Chain((NORM, relu(4), BARE)), IDENTITY), NORM, relu(4), head(4, 4))
    ),
    "relu that a shortcut shares": Chain(
        (
            convolution(3, 4, 3),
            Sum(Chain((relu(4), convolution(4, 4, 3))), convolution(4, 4, 1)),
            relu(4),
            head(4, 4),
        )
    ),
    "relu on the images": Chain((relu(3), STEM, head(4, 4))),
    "batch norm on the images": Chain((Layer("batch_norm", 3, 3), STEM, head(4, 4))),
    "batch norm twice": Chain((STEM, convolution(4, 4, 3), NORM, relu(4), head(4, 4))),
    "sum on the images": Chain((Sum(convolution(3, 3, 3), IDENTITY), relu(3), head(3, 4))),
    "two classifiers": Chain((STEM, head(4, 6), relu(6), Layer("linear", 6, 4))),
}


@pytest.mark.parametrize("name", OTHERS)
def test_plans_of_another_shape_are_examined_as_modules(name: str) -> None:
    plan, (images, labels) = OTHERS[name], images_and_labels()
    assert not is_supported(plan)
    expected = nl.probe(build_plan(plan, 7), images, labels, predictors=NAMES, dtype="float64")
    found = examine(PlanEngine(plan, 7, CPU), images, labels, resolve(NAMES), torch.float64)
    for predictor in NAMES:
        assert found[predictor].status == expected[predictor].status == "ok", predictor
        assert float(found[predictor]) == pytest.approx(float(expected[predictor]), rel=1e-12), predictor


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_fused_is_alone_bit_for_bit(architecture: nl.Architecture, dtype: torch.dtype) -> None:
    plan, (images, labels) = plan_of(architecture), images_and_labels()
    fused = examine(PlanEngine(plan, 7, CPU), images, labels, resolve(NAMES), dtype)
    for name in NAMES:
        alone = examine(PlanEngine(plan, 7, CPU), images, labels, resolve(name), dtype)[name]
        assert (alone.value, alone.status) == (fused[name].value, "ok"), name


def test_no_module_is_built_for_the_predictors_of_the_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    def built(*_: object) -> None:
        raise AssertionError("a module was built")

    monkeypatch.setattr("netlore.scoring.engine.build_plan", built)
    scores = examine(
        PlanEngine(plan_of(ARCHITECTURES[0]), 7, CPU), *images_and_labels(), resolve("all"), torch.float32
    )
    assert {score.status for score in scores.values()} == {"ok"}


def test_labels_outside_the_classes_are_refused() -> None:
    images, labels = images_and_labels()
    labels[0] = 4
    with pytest.raises(nl.errors.InvalidInput, match="label 4 is outside the network's 4 classes"):
        examine(PlanEngine(plan_of(ARCHITECTURES[0]), 7, CPU), images, labels, resolve("snip"), torch.float32)


def test_strided_1x1_convolutions_of_few_channels_leave_memory_alone() -> None:
    # oneDNN's weight gradient for these overran its memory; the allocator noticed within some tens of passes.
    plan = Chain(
        (convolution(3, 2, 3), relu(2), Repeat(Chain((convolution(2, 2, 1, 2),)), 1), relu(2), head(2, 4))
    )
    images, labels = images_and_labels(n=8, resolution=8)
    network = build_plan(plan, 7)
    values = set()
    for _ in range(60):
        values.add(nl.probe(network, images, labels, predictors="snip")["snip"].value)
        scores = examine(PlanEngine(plan, 7, CPU), images, labels, resolve("snip"), torch.float32)
        assert float(scores["snip"]) == pytest.approx(values.copy().pop(), rel=1e-5)
    assert len(values) == 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_running_blocks_again_to_save_memory_changes_no_bit(
    architecture: nl.Architecture, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = images_and_labels(6, 9, 3)
    subject = PlanEngine(plan_of(architecture), 3, CPU)
    found = []
    for limit in (10**12, 0):
        set_kept_bytes(monkeypatch, limit)
        scores = examine(subject, images, labels, resolve("all"), dtype)
        found.append({name: (score.value, score.status) for name, score in scores.items()})
    assert found[0] == found[1]


def test_the_buffer_holds_every_block_output_and_its_tangent(monkeypatch: pytest.MonkeyPatch) -> None:
    set_kept_bytes(monkeypatch, 0)
    images, labels = images_and_labels(4, 9, 3)
    passes = PlannedPass(plan_of(nl.named("baseline/resnet-20")), 0, images, labels, SWEPT)
    _ = passes[Evidence.CURVATURE]
    buffer = passes._record.buffer
    assert buffer is not None
    # Nine blocks, twice, for four images: three of 16 channels at 9 x 9, of 32 at 5 x 5, and of 64 at 3 x 3.
    assert buffer._used == buffer._memory.numel() == 2 * 4 * 3 * (16 * 81 + 32 * 25 + 64 * 9)
