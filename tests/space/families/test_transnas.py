from __future__ import annotations

import ast
from itertools import pairwise

import numpy as np
import pytest

import netlore as nl
from netlore.errors import InvalidArchitecture
from netlore.space.conventions import as_tensorwatch
from netlore.space.families.cells import HYPERPARAMETERS
from netlore.space.families.transnas import TRANSNAS_MICRO
from netlore.space.totals import total
from tests.space.families.tables import table


def test_the_digits_are_the_edges_in_the_order_of_the_string():
    values = nl.transnas_architecture("64-41414-1_02_330").values
    assert list(values.values()) == [
        "skip_connect",
        "none",
        "nor_conv_1x1",
        "nor_conv_3x3",
        "nor_conv_3x3",
        "none",
    ]


def test_modules_by_hand():
    architecture = nl.transnas_architecture("64-4211-basic")
    assert architecture.values["m1"] == "wider_smaller" and architecture.values["m2"] == "wider"
    assert {architecture.values[name] for name in ("m5", "m6")} == {"absent"}
    widths = (64, 128, 256, 256, 256)
    blocks = sum(9 * v * w + 3 * 9 * w * w + 8 * w + (v * w + 2 * w if v != w else 0) for v, w in pairwise(widths))
    stem = 27 * 32 + 64 + 9 * 32 * 64 + 128
    assert nl.complexity(architecture, 63, 256).params == stem + blocks + 256 * 63 + 63


@pytest.mark.parametrize(("space", "size"), [(nl.transnas_micro(), 4_096), (nl.transnas_macro(), 3_256)])
def test_the_strings_of_all_networks_go_back_and_forth(space, size):
    found = nl.sample(space, size)
    strings = [one.string for one in found]
    assert len(set(strings)) == size
    assert [nl.transnas_architecture(one).id for one in strings] == [one.id for one in found]


@pytest.mark.parametrize("string", ["", "64-41414-1_01", "64-41414-4_00_000", "32-4111-basic", "64-411-basic"])
def test_what_is_no_network_of_the_benchmark_is_refused(string):
    with pytest.raises(InvalidArchitecture, match="is no network of TransNAS-Bench-101; write 64-41414-a_bc_def"):
        nl.transnas_architecture(string)


@pytest.mark.parametrize("string", ["64-1111-basic", "64-444444-basic", "64-1222-basic"])
def test_too_many_and_too_few_changes_are_refused(string):
    with pytest.raises(InvalidArchitecture, match="1 to 3 of them are wider, 1 to 4 smaller"):
        nl.transnas_architecture(string)


def test_a_gap_between_modules_is_refused():
    values = nl.transnas_architecture("64-41111-basic").values
    with pytest.raises(InvalidArchitecture, match="m6 is absent if m5 is"):
        nl.architecture("transnas-macro", values | {"m5": "absent", "m6": "same"})


def test_every_row_of_the_benchmark_has_its_string():
    rows = table("transnas101_micro_tasks.csv")
    assert [nl.transnas_architecture(one).string for one in rows.arch] == rows.arch.tolist()


def test_complexities_are_naslib_s_by_its_convention():
    rows = table("transnas101_micro_classscene.csv")
    codes = np.asarray([ast.literal_eval(one) for one in rows.naslib_ops])
    plan = TRANSNAS_MICRO.plan(dict(zip(HYPERPARAMETERS, codes.T, strict=True)), num_classes=63, channels=3)
    found = total(plan, 256, as_tensorwatch)
    # Seven digits are printed.
    np.testing.assert_allclose(rows.params * 1e6, found.params, rtol=5e-7)
    np.testing.assert_allclose(rows.flops * 1e6, found.flops, rtol=5e-7)
