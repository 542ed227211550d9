"""Counts as predictors: by hand, by definitions, and as one column with the measures of the same names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import timm
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import netlore as nl
from netlore.errors import InvalidInput
from netlore.networks import build_plan
from netlore.scoring.engine import PlanEngine
from netlore.scoring.examination import examine
from netlore.scoring.predictor import resolve
from netlore.space import families
from netlore.space.complexity import BUILT_IN
from netlore.space.depth import depth_of
from netlore.space.families.nats_topology import NATS_TOPOLOGY, OPERATIONS
from netlore.space.named import named
from netlore.storage.score_store import Store
from netlore.testing import examples
from tests.scoring.cases import CLASSES, images_and_labels, plan_of, seeded
from tests.scoring.predictors.compared import Plain, check
from tests.scoring.small import TINY

COUNTS = ("flops", "params", "activations", "depth", "layers")


def watched(network: nn.Module, images: Tensor) -> list[tuple[nn.Module, Tensor, Tensor]]:
    """Calls of convolutions and linear layers for one image: the layer, its input and its output."""
    calls: list[tuple[nn.Module, Tensor, Tensor]] = []
    for module in network.eval().modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(lambda layer, given, one: calls.append((layer, given[0], one.detach())))
    network(images[:1])
    return calls


def flops(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Output by output: the weights that make it, and its bias."""
    return sum(
        one.numel() * (layer.weight[0].numel() + (layer.bias is not None))  # type: ignore[arg-type]
        for layer, _, one in watched(network, images)
    )


def params(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Entry by entry."""
    return sum(1 for parameter in network.parameters() for _ in parameter.flatten().tolist())


def activations(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Outputs of calls."""
    return sum(one.numel() for _, _, one in watched(network, images))


def layers(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Modules."""
    return sum(1 for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear))


def depth(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The longest way back through autograd's graph that ends at the images, along products."""
    pixels = images[:1].clone().requires_grad_(True)
    known: dict[object, float] = {}

    def longest(node: object) -> float:
        if node not in known:
            name = type(node).__name__
            if name == "AccumulateGrad":
                known[node] = 0.0 if node.variable is pixels else -np.inf  # type: ignore[attr-defined]
            else:
                before = [longest(one) for one, _ in node.next_functions if one is not None]  # type: ignore[attr-defined]
                known[node] = max(before, default=-np.inf) + name.startswith(("Convolution", "Addmm"))
        return known[node]

    return longest(network.eval()(pixels).sum().grad_fn)


ORACLES = {"flops": flops, "params": params, "activations": activations, "depth": depth, "layers": layers}


@pytest.mark.parametrize("name", COUNTS)
def test_equal_to_a_slow_count(name: str) -> None:
    check(ORACLES, name)


def counts(network: nn.Module, images: Tensor | None = None) -> dict[str, float | None]:
    found = nl.probe(network, *_batch(images), predictors=COUNTS)
    return {name: one.value for name, one in found.items()}


def _batch(images: Tensor | None) -> tuple[Tensor, Tensor]:
    given, labels = images_and_labels(resolution=6)
    return (given, labels) if images is None else (images, labels[: len(images)])


class Besides(nn.Module):
    """A long way that passes nothing on, an unused layer, a weight of two layers, attention of torch's."""

    def __init__(self) -> None:
        super().__init__()
        self.unused, self.one = nn.Linear(2, 2), nn.Linear(108, 8)
        self.long = nn.Sequential(
            nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8)
        )
        self.tied = nn.Linear(8, 8)
        self.tied.weight = self.long[0].weight
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.head = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """From images to logits."""
        first = self.one(x.flatten(1))
        x = self.tied(first) + self.long(first) * 0.0
        rows = x[:, None, :].expand(-1, 3, -1)
        rows = rows.add(self.attention(rows, rows, rows)[0])
        logits: Tensor = self.head(rows.mean(dim=1))
        return logits


def test_ways_that_pass_nothing_on_shared_weights_and_attention() -> None:
    found = counts(seeded(Besides))
    # The first, the tied one, attention's two, the classifier; and of weights the unused one and five more.
    assert (found["depth"], found["layers"]) == (5, 1 + 1 + 5 + 2 + 1)


class Standardised(nn.Conv2d):
    """Its weights are computed, in place of a part of a buffer."""

    def forward(self, x: Tensor) -> Tensor:
        """The convolution by a standardised weight, written into a larger output."""
        weight = F.batch_norm(self.weight.reshape(1, len(self.weight), -1), None, None, training=True)
        buffer = x.new_zeros(len(x), 2 * len(self.weight), *x.shape[2:])
        buffer[:, : len(self.weight)] = F.conv2d(x, weight.reshape_as(self.weight), padding=1)
        return buffer.relu_()


def test_computed_weights_and_outputs_in_place() -> None:
    network = seeded(
        lambda: nn.Sequential(Standardised(3, 2, 3), Standardised(4, 2, 3), nn.Flatten(), nn.Linear(144, CLASSES))
    )
    assert (counts(network)["depth"], counts(network)["layers"]) == (3, 3)


def test_what_is_trained_changes_no_count() -> None:
    ((images, _),) = examples.batches(1)
    network = examples.networks()["Transformer"]()
    found = counts(network, images[:4])
    assert counts(network.requires_grad_(False), images[:4]) == found
    assert (found["depth"], found["layers"]) == (6, 6) and torch.backends.mha.get_fastpath_enabled()


def test_vision_transformers_have_four_layers_a_block() -> None:
    network = timm.create_model("vit_tiny_patch16_224", img_size=32, depth=2, embed_dim=24, num_classes=CLASSES)
    found = counts(network, torch.randn(2, 3, 32, 32))
    assert (found["depth"], found["layers"]) == (1 + 2 * 4 + 1, 1 + 2 * 4 + 1)


@pytest.mark.parametrize("cell", ["333333", "123024", "000000", "303301"])
def test_modules_of_cells_have_the_depth_of_their_plans(cell: str) -> None:
    operations = [list(OPERATIONS)[int(code)] for code in cell]
    values = dict(zip(NATS_TOPOLOGY.hyperparameters, operations, strict=True))
    plan = families.plan_of("nats-topology", values, CLASSES, 3)
    expected = depth_of(plan)
    batch = images_and_labels(2, resolution=8)
    of_plan = examine(PlanEngine(plan, 0, torch.device("cpu")), *batch, resolve(COUNTS), torch.float32)
    of_module = nl.probe(build_plan(plan, 0), *batch, predictors=COUNTS)
    for found in (of_plan, of_module):
        assert (found["depth"].value or 0, found["layers"].value) == (expected.depth, expected.layers)
    assert [one.value for one in of_module.values()] == [one.value for one in of_plan.values()]


def test_what_has_no_count_says_why() -> None:
    images, labels = images_and_labels(resolution=6)
    norms = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(108))
    found = nl.probe(norms, images, torch.zeros_like(labels), predictors=COUNTS)
    assert found["flops"].reason == "the network has no multiply-add"
    assert found["layers"].reason == "the network has no convolution or linear layer"
    assert found["depth"].reason.startswith("the network has no way from input to output through a")
    assert found["params"].value == 216

    class OfTwo(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            assert len(x) > 1
            return super().forward(x.flatten(1))

    found = nl.probe(seeded(OfTwo, 108, CLASSES), images, labels, predictors=("flops", "params"))
    assert (found["flops"].status, found["flops"].reason) == (
        "degenerate",
        "the network does not run on one image alone",
    )
    assert found["params"].value == 108 * CLASSES + CLASSES

    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.steps, self.head = nn.LSTM(18, 5, batch_first=True), nn.Linear(5, CLASSES)

        def forward(self, x: Tensor) -> Tensor:
            logits: Tensor = self.head(self.steps(x.flatten(2).transpose(1, 2).reshape(len(x), 6, 18))[0][:, -1])
            return logits

    assert "once for each step" in nl.probe(seeded(Recurrent), images, labels, predictors="depth")["depth"].reason


# One column with the measures


def test_scores_of_plans_and_modules_are_the_columns_of_measures(tmp_path: Path) -> None:
    task = nl.task("noise", batch_size=4)
    table = nl.score(TINY, (*COUNTS, "snip"), task, store=tmp_path)
    wide = table.wide
    assert list(wide.columns)[-6:] == [*BUILT_IN, "depth", "layers", "snip"]
    for architecture in TINY:
        row = wide[wide["architecture"] == architecture.id].iloc[0]
        complexity = nl.complexity(architecture, **task.sizes).as_dict()
        scores = {one.predictor: one.score.value for one in table.rows if one.architecture == architecture}
        for name in BUILT_IN:
            assert row[name] == scores[name] == complexity[name]
        assert (row["depth"], row["layers"]) == tuple(depth_of(plan_of(architecture, 10)))
    with Store(tmp_path, None) as store:
        assert {row.predictor for row in store.rows()} == {*COUNTS, "snip"}
    of_modules = nl.score_modules(
        {"plain": Plain}, COUNTS, nl.task(images=task.images, labels=task.labels % CLASSES)
    )
    assert [one.score.value for one in of_modules.rows] == of_modules.wide[[*COUNTS]].iloc[0].tolist()


def test_a_hyperparameter_of_that_name_is_refused() -> None:
    space = nl.module_space(by_depth, [nl.choice("depth", (1, 2))])
    with pytest.raises(InvalidInput, match="predictor name 'depth' is a hyperparameter or a measure of family"):
        nl.score(nl.sample(space, 1, seed=0), "depth", nl.task("noise", batch_size=2))


def by_depth(depth: int) -> nn.Module:
    """A family with a hyperparameter that is called as a count."""
    return nn.Sequential(nn.Flatten(), *(nn.Linear(3072, 3072) for _ in range(depth)), nn.Linear(3072, 10))


def test_counts_are_as_named_networks_have_them() -> None:
    architecture = named("baseline/resnet-20")
    (row,) = nl.score([architecture], "layers", nl.task("noise", batch_size=2)).rows
    assert row.score.value == 1 + 9 * 2 + 2 + 1
