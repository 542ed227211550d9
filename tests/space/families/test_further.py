"""NATS-Bench's size space, NAS-Bench-Macro, and AutoFormer's vision transformers."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

import netlore as nl
from netlore.errors import InvalidArchitecture, InvalidInput
from netlore.networks.operation_counter import OperationCounter
from netlore.space.conventions import as_nas_bench_macro
from netlore.space.families.autoformer import BLOCKS
from netlore.space.families.nas_bench_macro import LAYERS, NAS_BENCH_MACRO
from netlore.space.named import parse
from netlore.space.plan import Plan
from netlore.space.totals import total
from tests.space.families.tables import table


def test_a_network_of_five_widths_by_hand():
    widths = (8, 64, 32, 16, 16)
    found = nl.complexity(nl.nats_size_architecture("8:64:32:16:16"), 10).params
    expected = 27 * 8 + 2 * 8 + 2 * 16 + 16 * 10 + 10
    for place, (v, w) in enumerate(pairwise((8, *widths))):
        wide, deep = 9 * v * w + 2 * w, 9 * w * w + 2 * w
        # A cell has edges 0-1 and 0-2 from its input, 1-2, 1-3 and 2-3 inside, and a skip that may project.
        skip = v * w + 2 * w if v != w else 0
        expected += 2 * wide + 3 * deep + skip if place % 2 == 0 else wide + deep + v * w
    assert found == expected


@pytest.mark.parametrize(
    ("space", "back", "size"),
    [
        (nl.nats_size(), nl.nats_size_architecture, 32_768),
        (nl.nas_bench_macro(), nl.nas_bench_macro_architecture, 6_561),
    ],
)
def test_strings_go_back_and_forth(space, back, size):
    found = nl.sample(space, size)
    assert len({one.string for one in found}) == size
    assert all(back(one.string) == one for one in found[:2_000])


@pytest.mark.parametrize("string", ["8:64:32:16", "8:64:32:16:0", "8:64:32:16:a", "8:8:8:8:8:8"])
def test_what_is_not_five_widths_is_refused(string):
    with pytest.raises(InvalidArchitecture, match="is not five widths; write them with colons, as 8:64:32:16:48"):
        nl.nats_size_architecture(string)


@pytest.mark.parametrize("string", ["0000000", "00000003", "000000000"])
def test_what_is_not_eight_layers_is_refused(string):
    with pytest.raises(InvalidArchitecture, match="write 8 digits 0, 1 or 2, as 01220120"):
        nl.nas_bench_macro_architecture(string)


def macro_plan(strings: list[str]) -> Plan:
    codes = np.asarray([[int(digit) for digit in one] for one in strings])
    return NAS_BENCH_MACRO.plan({f"l{i + 1}": codes[:, i] for i in range(LAYERS)}, 10, 3)


def test_complexities_of_nas_bench_macro():
    assert nl.complexity(nl.nas_bench_macro_architecture("00000001"), 10).params == 791_594
    found = total(macro_plan(["00000000", "00000112"]), 32, as_nas_bench_macro)
    assert found.params.tolist()[0] == 387_882 and found.flops.tolist()[0] == 7_713_280


def test_complexities_of_every_row_of_nas_bench_macro():
    rows = table("nas_bench_macro_cifar10.csv")
    found = total(macro_plan(rows.arch.tolist()), 32, as_nas_bench_macro)
    assert np.array_equal(found.params, rows.params) and np.array_equal(found.flops, rows.flops)


def test_a_vision_transformer_by_hand():
    architecture = nl.autoformer_architecture(192, (3,) * 12, (4,) * 12)
    found = nl.complexity(architecture, 1000, 224)
    # DeiT-Tiny, whose class token has a place of its own as well.
    assert found.params == 5_717_416
    tokens, block = 197, 12 * 192**2 + 13 * 192 - 4 * 192
    products = 12 * 2 * 197**2 * 192
    assert found.flops == 12 * tokens * block + products + 196 * (768 * 192 + 192) + 193_000


@pytest.mark.parametrize("side", [32, 48])
def test_a_vision_transformer_is_counted_as_torch_counts_it(side):
    for architecture in nl.sample(nl.autoformer(), 2, seed=4):
        network = nl.build(architecture, 10)
        with torch.no_grad(), OperationCounter() as counter:
            assert network(torch.zeros(1, 3, side, side)).shape == (1, 10)
        found = nl.complexity(architecture, 10, side)
        assert (found.flops, found.activations) == (counter.flops, counter.activations)
        assert found.params == sum(one.numel() for one in network.parameters())


def test_every_row_of_autoformer_is_in_the_space():
    space = nl.autoformer()
    for row in table("vitbench_autoformer_tiny.csv").itertuples():
        heads, ratios = row.num_heads.split(), row.mlp_ratios.split()
        found = nl.autoformer_architecture(row.hidden_dim, [int(h) for h in heads], [float(m) for m in ratios])
        assert space.contains(found) and found.values["d"] == row.depth


@pytest.mark.parametrize(
    ("heads", "ratios", "message"),
    [
        ((3, 3), (4,), "there are 2 heads and 1 mlp_ratios; give one each for up to 14 blocks"),
        ((3,) * 15, (4,) * 15, "there are 15 heads and 15 mlp_ratios"),
        ((), (), "choose e of 1 or more and d of 1 to 14"),
        ((0,), (4,), "h1 = 0 and m1 = 4 make no block of embedding 192"),
        ((3,), (1 / 7,), "a ratio whose product with the embedding is whole"),
    ],
)
def test_what_is_no_transformer_is_refused(heads, ratios, message):
    with pytest.raises(InvalidArchitecture, match=message):
        nl.autoformer_architecture(192, heads, ratios)


def test_a_block_beyond_the_depth_has_nothing():
    values = nl.autoformer_architecture(192, (3,), (4,)).values
    with pytest.raises(InvalidArchitecture, match="h14 = 3 and m14 = 0 are of a block beyond the depth 1; give 0"):
        nl.architecture("autoformer", values | {f"h{BLOCKS}": 3})


def test_the_snippet_of_the_docs_runs():
    text = (Path(__file__).parents[3] / "docs" / "spaces.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    calls = [one.value for one in ast.parse(snippet).body if isinstance(getattr(one, "value", None), ast.Call)]
    assert len(calls) == 9
    for call in calls:
        assert nl.complexity(eval(ast.unparse(call), {"nl": nl}), 10, 224).flops > 0


@pytest.mark.parametrize("string", ["8:64:32:16:48", "01220120", "64-4111-basic", "64-41414-1_01_302"])
def test_an_architecture_is_named_by_its_string(string):
    assert parse(string).string == string


def test_a_string_of_no_benchmark_is_refused():
    with pytest.raises(InvalidArchitecture, match="is no cell"):
        parse("|a~0|")
    with pytest.raises(InvalidInput, match="architecture '0122' is not known"):
        parse("0122")
