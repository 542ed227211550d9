"""Plans that have no passes of their own: the engine for modules, the same seeds, the same values."""

from __future__ import annotations

import pytest
import torch

import netlore as nl
from netlore.scoring.chunks import batch_coupling_of_plan
from netlore.scoring.cost import kind_of, passes_of
from netlore.scoring.draws import network_seed
from netlore.scoring.engine import AutogradEngine, PlanEngine
from netlore.scoring.examination import examine
from netlore.scoring.missing import cost
from netlore.scoring.planned.sweep import is_supported
from netlore.scoring.planned.synaptic_flow import is_linear
from netlore.scoring.predictor import resolve
from netlore.space.families import plan_of
from netlore.space.families.cells import isomorphism_key
from netlore.space.plan import Chain, Layer, convolution, head, relu
from tests.export.plans import cell_plan, odd_plan, token_plan
from tests.scoring.cases import images_and_labels

CPU = torch.device("cpu")
ALL = ("grad_norm", "snip", "grasp", "log_synflow", "fisher", "jacov", "logdet")


def cell(*operations: str) -> nl.Architecture:
    return nl.architecture("nats-topology", {f"o{i}": one for i, one in enumerate(operations, 1)})


@pytest.mark.parametrize("plan", [cell_plan(), token_plan()], ids=["cell", "token"])
def test_the_engine_is_that_of_the_module(plan):
    assert not is_supported(plan) and not is_linear(plan)
    assert kind_of(plan) == "module"
    assert not any("plan" in sentence for sentence in passes_of(resolve(("synflow",))[0].needs, kind_of(plan)))
    images, labels = images_and_labels()
    of_plan = PlanEngine(plan, 3, CPU)
    found = [
        {name: score.value for name, score in examine(engine, images, labels, resolve(ALL), torch.float64).items()}
        for engine in (of_plan, AutogradEngine(of_plan.fresh_network(torch.float32)))
    ]
    assert found[0] == found[1] and None not in found[0].values()


def test_one_function_says_which_plans_are_swept():
    plain = Chain((convolution(3, 4, 3), relu(4), head(4, 4)))
    assert is_supported(plain) and kind_of(plain) == "plan"
    assert not is_supported(odd_plan()) and kind_of(odd_plan()) == "other plan"
    # The same but for one property of a layer: synaptic flow knows other paddings, and graphs, but no biases.
    stem = Layer("batch_norm", 4, 4), relu(4)
    for sizes, kind in (({"bias": True}, "module"), ({"padding": 0}, "other plan")):
        other = Chain((Layer("convolution", 3, 4, 3, **sizes), *stem, head(4, 4)))
        assert not is_supported(other) and kind_of(other) == kind
    assert kind_of(plan_of("nats-topology", cell(*["none"] * 6).values, 4, 3)) == "other plan"
    assert kind_of(Chain((convolution(3, 4, 3), Layer("relu6", 4, 4), head(4, 4)))) == "module"


def test_what_couples_a_batch_is_found_inside_of_cells():
    assert "batch norm" in batch_coupling_of_plan(cell_plan())
    assert batch_coupling_of_plan(token_plan()) == ""


def test_seeds_are_those_of_all_networks():
    architecture = cell("nor_conv_3x3", "none", "skip_connect", "skip_connect", "nor_conv_1x1", "none")
    task = nl.task("cifar10", batch_size=4)
    found = nl.score([architecture, architecture], ("snip", "logdet"), task, seed=5).frame
    for draw in (0, 1):
        network = nl.build(architecture, 10, seed=network_seed(5, architecture.id, draw))
        alone = nl.probe(network, task.images, task.labels, ("snip", "logdet"))
        rows = found[found["draw"] == draw].set_index("predictor")["score"]
        assert rows.to_dict() == {name: score.value for name, score in alone.items()}
    assert cost(architecture, task) == nl.complexity(architecture, 10).activations


PAIRS = {
    "what leads nowhere": (
        ("nor_conv_3x3", "avg_pool_3x3", "avg_pool_3x3", "none", "skip_connect", "none"),
        ("nor_conv_3x3", "skip_connect", "none", "none", "skip_connect", "none"),
    ),
    "by way of another node, which has another key": (
        ("nor_conv_3x3", "none", "none", "none", "skip_connect", "none"),
        ("none", "nor_conv_3x3", "none", "none", "none", "skip_connect"),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_cells_of_one_function_have_equal_scores_from_equal_weights(name):
    one, other = PAIRS[name]
    assert (isomorphism_key(one) == isomorphism_key(other)) == ("key" not in name)
    images, labels = images_and_labels(resolution=16)
    scores = [
        examine(
            PlanEngine(plan_of("nats-topology", cell(*cells).values, 4, 3), 3, CPU),
            images,
            labels,
            resolve(ALL),
            torch.float64,
        )
        for cells in (one, other)
    ]
    values = [[score.value for score in found.values()] for found in scores]
    assert values[0] == pytest.approx(values[1], rel=1e-9) and None not in values[0]
