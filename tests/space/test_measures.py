from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

import netlore as nl
from netlore.data import task
from netlore.errors import InvalidInput, UnknownName
from netlore.refinement.refine import refine
from netlore.space.budget import Budget
from netlore.space.complexity import (
    LABELS,
    MEASURES,
    Complexity,
    columns,
    complexity,
    complexity_of_plan,
    measure,
)
from netlore.space.families.anynet import anynet
from netlore.space.family import plan_of
from netlore.space.layer import Extent
from netlore.space.named import named
from netlore.space.plan import Chain, Layer, Plan, Repeat, Size, Sum, convolution, relu
from netlore.space.sampling import sample, values_of
from netlore.space.totals import added_up
from netlore.storage.score_table import ScoreTable
from tests.space.small import anynet_of_512


def layers(plan: Plan, resolution: int) -> Size:
    """Convolutions and linear layers."""
    match plan:
        case Layer(kind=kind):
            return int(kind in ("convolution", "linear"))
        case Chain(parts):
            return sum(layers(part, resolution) for part in parts)
        case Sum(branch, shortcut):
            return layers(branch, resolution) + layers(shortcut, resolution)
        case Repeat(part, times):
            return layers(part, resolution) * times


@pytest.fixture
def weighted():
    """A measure that adds up, registered for a test."""
    made = measure("weighted", label="Weighted layers", unit="weighted layers", additive=True)(layers)
    MEASURES.add("weighted", made)
    yield made
    MEASURES.remove("weighted")


def test_every_measure_has_a_label_and_a_unit_in_one_table(weighted):
    assert {name: (LABELS[name].label, LABELS[name].unit) for name in MEASURES} == {
        "flops": ("FLOPs", "FLOPs"),
        "params": ("Parameters", "parameters"),
        "activations": ("Activations", "activations"),
        "weight_bytes": ("Weights in bytes", "bytes of weights"),
        "peak_memory": ("Peak memory in bytes", "bytes of peak memory"),
        "peak_memory_int8": ("Peak memory in bytes (int8)", "bytes of peak memory in int8"),
        "longest_path": ("Longest path", "layers on the longest path"),
        "weighted": ("Weighted layers", "weighted layers"),
    }


def test_tables_have_columns_of_three_and_of_what_others_add_and_of_more_where_they_are_named(weighted):
    assert columns() == ["flops", "params", "activations", "weighted"]
    assert columns(["peak_memory"]) == ["flops", "params", "activations", "peak_memory", "weighted"]


def test_a_measure_that_is_not_installed_is_written_as_its_name():
    assert (LABELS["latency"].label, LABELS["latency"].unit) == ("latency", "latency")


@pytest.mark.parametrize("name", ["flops", "params", "activations"])
def test_a_built_in_measure_is_a_function_of_a_plan_as_others_are(name):
    plan = Chain((convolution(3, 4, 3), relu(4)))
    assert MEASURES.get(name).compute(plan, 8) == complexity_of_plan(plan, 8).as_dict()[name] > 0


def test_a_measure_of_another_package_is_part_of_a_complexity(weighted):
    found = complexity(named("baseline/resnet-20"), 10)
    # Twenty layers, and two projections.
    assert found.others == {"weighted": 22} and list(found.as_dict()) == columns()
    assert repr(found) == "Complexity(flops=40813194, params=272474, activations=200714)"


def test_a_budget_may_limit_it_and_sampling_keeps_to_it(weighted):
    space = anynet(flops=(1e6, 50e6), budget={"weighted": (20, 30)})
    assert str(space.budget) == "1M to 50M FLOPs, 20 to 30 weighted layers"
    assert space.to_document()["budget"] == {"flops": [1e6, 50e6], "weighted": [20, 30]}
    assert {20 <= complexity(one, 10).others["weighted"] <= 30 for one in sample(space, 50)} == {True}


@pytest.mark.parametrize("additive", [True, False])
def test_architectures_within_its_limits_are_counted(weighted, additive):
    MEASURES.remove("weighted")
    MEASURES.add("weighted", replace(weighted, additive=additive))
    space = anynet_of_512().within({"weighted": (0, 30), "flops": (0, 5e6)})
    wanted = 0
    for rows in itertools.product(*(d.rows for d in space.distributions)):
        index = [np.asarray([d.rows.index(row)]) for d, row in zip(space.distributions, rows, strict=True)]
        wanted += space.contains(space.architectures(space.values_at(index))[0])
    assert 0 < wanted < 512 and space.cardinality_within_budget == wanted


def test_a_score_table_has_its_column(weighted):
    from netlore.storage.score_table import Score, ScoreRow

    row = ScoreRow(named("baseline/resnet-20"), 0, 0, "snip", Score(1.0, "ok", "", 0.0))
    wide = ScoreTable((row,), num_classes=10, resolution=32).wide
    assert wide["weighted"].tolist() == [22] and wide["params"].tolist() == [272474]


@pytest.mark.parametrize("value", [1.5, -1, np.asarray([1.5, 2.5]), np.asarray([1, -1])], ids=str)
def test_a_measure_gives_whole_numbers(value):
    MEASURES.add("wild", measure("wild", label="Wild", unit="wild things")(lambda plan, resolution: value))
    try:
        with pytest.raises(InvalidInput, match="a measure is a whole number of 0 or more, in a unit small enough"):
            complexity(named("baseline/resnet-20"), 10)
    finally:
        MEASURES.remove("wild")


@pytest.mark.parametrize("name", ["d1", "Depth", "x", "seed", "a b", ""])
def test_a_name_that_a_column_needs_is_refused(name):
    with pytest.raises(InvalidInput, match="is not free"):
        measure(name, label="", unit="")


def test_an_unknown_measure_cannot_be_limited():
    with pytest.raises(
        UnknownName,
        match="measure 'latency' is not known; choose one of activations, flops, longest_path, params, peak",
    ):
        Budget.of({"latency": (0, 1)})


def test_hashes_and_equality_follow_all_measures(weighted):
    one, other = Complexity(1, 2, 3, {"weighted": 4}), Complexity(1, 2, 3, {"weighted": 5})
    assert one != other and one == Complexity(1, 2, 3, {"weighted": 4}) and hash(one) != hash(other)
    assert isinstance(hash(anynet(budget={"weighted": (1, 2)})), int)


def test_a_refinement_within_its_limits_estimates_it(weighted):
    space = anynet(flops=(1e6, 5e6), budget={"weighted": (20, 60)})
    found = refine(space, "synflow", task("cifar10", 10), networks=6, seed=0, round_limit=1)
    low, median, high = found.rounds[0].estimates["weighted"]
    assert 20 <= low <= median <= high <= 60
    assert found.counts_within_budget[0].exact and 0 < found.counts_within_budget[0].value < space.cardinality


def test_a_measure_that_knows_not_all_nodes_is_named(weighted):
    cell = nl.sample(nl.nats_topology(), 1)[0]
    with pytest.raises(
        InvalidInput, match=r"measure 'weighted' cannot measure a network \(.*NoneType.*added_up does"
    ):
        complexity(cell, 10)


def test_what_adds_up_is_added_up_over_every_node():
    def weights(layer: Layer, before: Extent, after: Extent) -> int:
        return int(layer.kind in ("convolution", "linear"))

    plan = Chain((convolution(3, 8, 3), Repeat(Chain((convolution(8, 8, 3), relu(8))), np.array([0, 4]))))
    assert added_up(plan, 8, weights).tolist() == [1, 5]
    space = nl.transnas_micro()
    drawn = nl.sample(space, 20)
    together = added_up(plan_of(space.family, values_of(space, drawn), 10, 3), 64, weights)
    # Two convolutions in the stem, a classifier; in three of the ten cells, which shrink, three edges skip by two
    # convolutions.
    for one, found in zip(drawn, np.broadcast_to(together, 20), strict=True):
        convolutions = 10 * sum("conv" in value for value in one.values.values())
        skips = 2 * 3 * sum(one.values[name] == "skip_connect" for name in ("o1", "o2", "o4"))
        assert found == 3 + convolutions + skips
