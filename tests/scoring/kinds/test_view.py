"""Other inputs and other weights: what they are, and that everybody sees the same."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

import netlore as nl
from netlore.errors import Degenerate, InvalidInput
from netlore.scoring.engine import AutogradEngine, PlanEngine
from netlore.scoring.probe import Probe
from tests.scoring.cases import NAMES, images_and_labels, nothing_changes, plan_of, seeded, small_network
from tests.scoring.kinds.seen import blocks, close, found_by, twin
from tests.scoring.small import TINY


@nl.evidence("shown")
def shown(own: nl.OwnPass) -> list[tuple[Tensor, Tensor]]:
    """Inputs and targets of every draw."""
    view = nl.View(inputs="normal", draws=2, images=6, resolution=5)
    return [draw.batches[0] for draw in view.drawn(own)]


def test_normal_inputs_are_drawn_once_for_all_networks_and_precisions() -> None:
    first, second = found_by(shown, blocks())
    assert first[0].shape == (6, 3, 5, 5) and not torch.equal(first[0], second[0])
    labels = images_and_labels(resolution=6)[1]
    assert torch.equal(first[1], labels[[0, 1, 2, 3, 0, 1]])
    single = found_by(shown, small_network(), dtype=torch.float32)[0][0]
    assert single.dtype == torch.float32 and torch.equal(single.double(), first[0])
    assert abs(float(first[0].mean())) < 0.2 and abs(float(first[0].std()) - 1) < 0.1


def test_ones_are_ones() -> None:
    (found,) = found_by(nl.block_features(["stem"], nl.View(inputs="ones")), blocks())
    with torch.no_grad():
        close(found["stem"], twin(blocks()).stem(torch.ones(4, 3, 6, 6, dtype=torch.float64)))


def test_the_first_images_of_the_batch_alone() -> None:
    kind = nl.activation_codes(nl.View(images=3))
    ((of_stem, *_),) = found_by(kind, blocks())
    images, _ = images_and_labels(resolution=6)
    with torch.no_grad():
        assert torch.equal(of_stem, (twin(blocks()).stem(images[:3].double()) > 0).flatten(1))
    with pytest.raises(Degenerate, match="it looks at 5 images, and the batch has 4; give a larger batch"):
        found_by(nl.activation_codes(nl.View(images=5)), blocks())


def test_evaluation_uses_kept_statistics() -> None:
    (found,) = found_by(nl.block_features(["stage"], nl.View(mode="evaluation")), network := blocks())
    images, _ = images_and_labels(resolution=6)
    with torch.no_grad():
        kept, other = twin(network).eval(), twin(network)
        close(found["stage"], kept.stage(kept.stem(images.double()).relu()))
        assert not torch.allclose(found["stage"], other.stage(other.stem(images.double()).relu()))


DEVIATIONS = {
    "normal": (1.0, 1.0),
    "kaiming_fan_in": (math.sqrt(2 / (8 * 9)), math.sqrt(2 / 64)),
    "kaiming_fan_out": (math.sqrt(2 / (64 * 9)), math.sqrt(2 / 40)),
}


@pytest.mark.parametrize("initialisation", DEVIATIONS)
def test_weights_are_drawn_with_the_stated_deviation(initialisation: str) -> None:
    # A grouped convolution: 16 channels in, 8 of each group.
    network = seeded(
        lambda: nn.Sequential(
            nn.Conv2d(16, 64, 3, groups=2),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(64, 40),
        )
    )
    with torch.no_grad():
        network[1].weight.fill_(3.0)
    view = nl.View(initialisation=initialisation, draws=2)  # type: ignore[arg-type]
    batch = images_and_labels(channels=16, resolution=6)
    first, second = found_by(nl.layer_weights(view), network, batch)
    for one, deviation in zip(first.values(), DEVIATIONS[initialisation], strict=True):
        assert abs(float(one.std()) / deviation - 1) < 0.05 and abs(float(one.mean())) < 0.05 * deviation
    assert not torch.equal(first["0.weight"], second["0.weight"])
    # Nothing of the given network shows but its shapes: biases are 0, batch norms 1 and 0.
    copy = twin(network)
    for layer, name in ((copy[0], "0.weight"), (copy[5], "5.weight")):
        layer.weight.data = first[name]
        nn.init.zeros_(layer.bias)
    copy[1].reset_parameters()
    with torch.no_grad():
        expected = copy(batch[0].double())
    features = found_by(nl.block_features(["5"], view), network, batch)
    close(features[0]["5"], expected)


def test_drawn_weights_depend_on_the_network_s_own() -> None:
    kind = nl.layer_weights(nl.View(initialisation="normal"))
    one, again = (found_by(kind, small_network())[0]["0.weight"] for _ in range(2))
    other = small_network()
    with torch.no_grad():
        other[7].weight += 1.0
    assert torch.equal(one, again) and not torch.equal(one, found_by(kind, other)[0]["0.weight"])


def test_equal_arguments_are_one_kind() -> None:
    assert nl.part_gradients() is nl.part_gradients(2, view=nl.View())
    assert nl.block_features(["a"]) is nl.block_features(("a",)) is not nl.block_features()
    kind = nl.part_gradients(4, batches=2, view=nl.View(inputs="normal", draws=3))
    assert kind.name == "part_gradients(parts=4, batches=2, inputs='normal', draws=3)"
    assert kind.batches == 2 and kind.summary == "dL/dW of each part of the batch, shape (parts, *W.shape)."
    one, two = (
        nl.predictor("ours", needs=nl.image_gradients(view=nl.View(initialisation=how)), source="a test")(formula)
        for how in ("normal", "kaiming_fan_in")
    )
    assert one.fingerprint != two.fingerprint
    assert one.conditions.as_dict() == {"inputs": "the batch", "weights": "N(0, 1)", "mode": "training"}


def test_conditions_are_part_of_a_definition() -> None:
    views = [
        nl.View(),
        nl.View(images=16, initialisation="normal", draws=32),
        nl.View(inputs="normal", images=1000, resolution=3, mode="evaluation"),
    ]
    made = [
        nl.predictor("ours", needs=nl.activation_codes(view), source="a test", version=1, layers="ReLUs")(formula)
        for view in views
    ]
    assert [str(one.conditions) for one in made] == [
        "inputs: the batch; weights: as given; mode: training; layers: ReLUs",
        "inputs: the first 16 images of the batch; weights: N(0, 1), 32 draws; mode: training; layers: ReLUs",
        "inputs: 1,000 images of N(0, 1) of 3x3 pixels; weights: as given; mode: evaluation; layers: ReLUs",
    ]
    assert len({one.fingerprint for one in made}) == 3 and made[0].fingerprint == "version 1"


def formula(probe: nl.Probe) -> Tensor:
    """S = 1."""
    return torch.ones(())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"inputs": "noise"}, "inputs 'noise' is not known; choose one of batch, normal, ones"),
        ({"initialisation": "xavier"}, "'xavier' is not known; choose one of own, normal, kaiming_fan_in"),
        ({"draws": 0}, "draws = 0 is not positive"),
        ({"draws": 2, "inputs": "ones"}, "draws = 2 would all be equal; choose normal inputs or another"),
        ({"resolution": 8}, "the batch has its own resolution; choose normal inputs or ones"),
        ({"mode": "eval"}, "mode 'eval' is not known; choose one of training, evaluation"),
    ],
)
def test_views_that_make_no_sense_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        nl.View(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nl.part_gradients(0), "parts = 0 is not positive"),
        (lambda: nl.image_gradients("logits"), "of = 'logits' is not known; choose loss, outputs, label"),
    ],
)
def test_so_are_arguments(call: object, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()  # type: ignore[operator]


def test_batches_that_a_view_does_not_fit_are_refused() -> None:
    ids = (torch.tensor([[1, 2], [0, 1]]), torch.tensor([0, 1]))
    tokens = seeded(lambda: nn.Sequential(nn.Embedding(3, 4), nn.Flatten(), nn.Linear(8, 4)))
    with pytest.raises(InvalidInput, match="inputs='ones' replaces real numbers, of which the batch has none"):
        found_by(nl.part_gradients(1, view=nl.View(inputs="ones")), tokens, ids)
    flat = (torch.randn(4, 6), torch.tensor([0, 1, 2, 3]))
    with pytest.raises(InvalidInput, match=r"resolution = 3 is for images of shape .*, not \(4, 6\)"):
        view = nl.View(inputs="normal", resolution=3)
        found_by(nl.part_gradients(1, view=view), seeded(nn.Linear, 6, 4), flat)
    computed = small_network()
    parametrizations.weight_norm(computed[0])
    for kind in (nl.part_gradients(), nl.layer_weights(nl.View(initialisation="normal"))):
        with pytest.raises(Degenerate, match="the weight of layer '0' is computed from other parameters"):
            found_by(kind, computed)


VIEW = nl.View(inputs="normal", initialisation="kaiming_fan_out", draws=2)


@nl.predictor("of_features", needs=nl.block_features(view=VIEW), source="a test", transform="identity")
def of_features(probe: nl.Probe) -> Tensor:
    """S = sum of all features."""
    of_draws = probe[nl.block_features(view=VIEW)]
    return torch.stack([one.double().sum() for features in of_draws for one in features.values()]).sum()


@nl.predictor(
    "of_gradients",
    needs=nl.image_gradients() | nl.block_features(view=VIEW),
    source="a test",
    transform="identity",
)
def of_gradients(probe: nl.Probe) -> Tensor:
    """S = sum of norms and of features."""
    return probe[nl.image_gradients()][0].norms.sum() + of_features.compute(probe)


OURS = (of_features, of_gradients)


def test_scores_are_the_same_in_any_company_and_nothing_is_left_of_passes() -> None:
    batch = images_and_labels(resolution=6)

    def scores(*predictors: object) -> dict[str, float | None]:
        network = blocks()
        with nothing_changes(network):
            return {n: s.value for n, s in nl.probe(network, *batch, predictors).items()}  # type: ignore[arg-type]

    fused = scores(*OURS, *NAMES)
    assert None not in fused.values()
    assert {**scores(of_features), **scores(of_gradients), **scores(*NAMES)} == fused
    assert scores(*NAMES, *reversed(OURS)) == fused


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_networks_of_plans_have_the_evidence_of_their_modules(dtype: torch.dtype) -> None:
    plan, batch = plan_of(TINY[0]), images_and_labels(resolution=8)
    needs = nl.block_features(view=VIEW) | nl.gradient_kernel()
    by_plan = Probe(PlanEngine(plan, 3, torch.device("cpu")), *batch, needs, dtype)
    network = PlanEngine(plan, 3, torch.device("cpu")).network
    by_module = Probe(AutogradEngine(network), *batch, needs, dtype)
    for one, other in zip(*(probe[nl.block_features(view=VIEW)] for probe in (by_plan, by_module)), strict=True):
        assert all(torch.equal(one[name], other[name]) for name in one)
    assert torch.equal(by_plan[nl.gradient_kernel()][0], by_module[nl.gradient_kernel()][0])
    table = nl.score(TINY[:1] * 2, OURS, nl.task("noise", batch_size=4))
    assert not table.failures and table.wide["of_features"].nunique() == 2  # replicates differ


def test_outputs_that_are_not_finite_make_no_score_and_what_is_left_out_is_said() -> None:
    images, labels = images_and_labels(resolution=6)
    images[0] = math.nan
    for kind in (nl.activation_codes(), nl.part_gradients(1)):
        one = nl.predictor("one", needs=kind, source="a test")(lambda probe, kind=kind: 1.0 + 0 * len(probe[kind]))
        found = nl.probe(small_network(), images, labels, one)["one"]
        assert found.status == "nonfinite" and "not all finite" in found.reason
    network = small_network()
    network.extra = nn.Parameter(torch.ones(2, 3))
    partly = nl.predictor("partly", needs=nl.part_gradients(1), source="a test")(
        lambda probe: sum(one.abs().sum() for one in probe[nl.part_gradients(1)][0].values())
    )
    images, labels = images_and_labels(resolution=6)
    score = nl.probe(network, images, labels, partly)["partly"]
    assert score.status == "ok" and score.reason == "leaves out 6 of 516 weights: extra"
