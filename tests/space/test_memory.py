from __future__ import annotations

import numpy as np
import pytest
import torch

import netlore as nl
from netlore.errors import InvalidInput
from netlore.latency.runtimes import as_onnx
from netlore.networks import build
from netlore.space.complexity import MEASURES
from netlore.space.named import named, parse
from netlore.space.plan import Chain, Join, Layer, Repeat, Switch, convolution, head
from tests.networks.own_spaces import make_space

NAMES = ("weight_bytes", "peak_memory", "peak_memory_int8")


def test_weights_of_a_folded_network_are_counted_by_hand():
    plan = Chain((convolution(3, 8, 3), Repeat(convolution(8, 8, 1), 2), head(8, 5)))
    # 3 x 3 x 3 x 8 and 8 biases; twice 8 x 8 and 8; 8 x 5 and 5.
    assert MEASURES.get("weight_bytes").compute(plan, 8) == 4 * (216 + 8 + 2 * (64 + 8) + 45)


def test_a_batch_norm_that_is_behind_something_else_keeps_four_numbers_of_each_channel():
    norm, biased = Layer("batch_norm", 8, 8), Layer("convolution", 4, 8, bias=True)
    half = Layer("convolution", 4, 4)
    compute = MEASURES.get("weight_bytes").compute
    assert compute(Chain((biased, norm)), 8) == 4 * (32 + 8)
    assert compute(Chain((Join((half, half)), norm)), 8) == 4 * (2 * 16 + 4 * 8)
    assert compute(Chain((Switch(1, (half, Chain((biased,)))), norm)), 8) == 4 * (32 + 8 + 4 * 8)


CELL = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|"


@pytest.mark.parametrize("name", ["baseline/resnet-20", CELL])
def test_weights_are_those_of_the_exported_file(name):
    onnx = pytest.importorskip("onnx")
    one = parse(name)
    network = build(one, 10).eval()
    for number, parameter in enumerate(network.parameters()):  # of equal tensors the file has one
        torch.nn.init.normal_(parameter, generator=torch.Generator().manual_seed(number))
    file = onnx.load_from_string(as_onnx(network, torch.zeros(1, 3, 16, 16)))
    weights = sum(np.prod(part.dims) * 4 for part in file.graph.initializer if part.data_type == 1 and part.dims)
    assert nl.complexity(one, 10, 16, measures=("weight_bytes",)).others["weight_bytes"] == weights


def test_they_are_columns_and_parts_of_complexities_only_where_they_are_named():
    one = named("baseline/resnet-20")
    assert not nl.complexity(one, 10).others
    found = nl.complexity(one, 10, measures=NAMES).others
    # A block's first convolution of 16 x 32 x 32 numbers reads its input, which waits for the sum.
    assert found == {"weight_bytes": 1_086_760, "peak_memory": 4 * 49_152, "peak_memory_int8": 49_152}


def test_a_budget_limits_them_and_sampling_and_counting_keep_to_it():
    kept = {f"d{i}": (1, 2) for i in (1, 2, 3)} | {f"w{i}": (16, 32) for i in (1, 2, 3)} | {"b1": (1, 1)}
    space = nl.anynet(resolution=32).restrict(kept | {f"g{i}": (1, 2) for i in (1, 2, 3)})
    limited = space.within({"peak_memory": (0, 400_000), "weight_bytes": (10e3, 200e3)})
    drawn = nl.sample(limited, 30)
    others = [nl.complexity(one, 10, measures=NAMES).others for one in drawn]
    assert all(one["peak_memory"] <= 400e3 and 10e3 <= one["weight_bytes"] <= 200e3 for one in others)
    assert str(limited.budget) == "0 to 400k bytes of peak memory, 10k to 200k bytes of weights"
    assert limited.cardinality_within_budget == len(nl.sample(limited, space.cardinality)) < space.cardinality
    # Of billions, those are counted that are limited by what adds up over stages, and by what no network misses.
    assert nl.anynet(budget={"weight_bytes": (1e6, 2e6), "peak_memory": (0, np.inf)}).count_within_budget.exact


def test_a_table_has_a_column_of_what_its_budget_limits():
    task = nl.task("digits", batch_size=4)
    space = nl.anynet(budget={"peak_memory_int8": (0, 100_000)}, flops=(0, 3e6))
    found = nl.refine(space, "synflow", task, networks=4, round_limit=1)
    low, _, high = found.rounds[0].estimates["peak_memory_int8"]
    assert 0 < low <= high <= 100_000
    assert found.rounds[0].table.wide["peak_memory_int8"].le(100_000).all()
    assert "peak_memory" not in found.rounds[0].table.wide


def test_of_torch_modules_nothing_but_the_built_in_ones_can_be_limited():
    with pytest.raises(InvalidInput, match="no measure 'peak_memory'; limit flops, params, activations instead"):
        nl.sample(make_space().within({"peak_memory": (0, 1)}), 1)
