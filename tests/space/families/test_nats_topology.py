from __future__ import annotations

import numpy as np
import pytest

import netlore as nl
from netlore.errors import InvalidArchitecture, InvalidInput
from netlore.space.conventions import as_tensorwatch
from netlore.space.families.cells import HYPERPARAMETERS, isomorphism_key, unreachable
from netlore.space.families.nats_topology import NATS_TOPOLOGY, OPERATIONS
from netlore.space.plan import Plan
from netlore.space.totals import total
from tests.space.families.tables import table

CELL = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|skip_connect~0|nor_conv_1x1~1|avg_pool_3x3~2|"


def plan_of_strings(strings: list[str], num_classes: int = 10) -> Plan:
    """One plan for many cells."""
    rows = [nl.nats_topology_architecture(one).values.values() for one in strings]
    codes = np.asarray([[list(OPERATIONS).index(name) for name in row] for row in rows])
    return NATS_TOPOLOGY.plan(dict(zip(HYPERPARAMETERS, codes.T, strict=True)), num_classes, 3)


def test_a_cell_by_hand():
    architecture = nl.nats_topology_architecture(CELL)
    assert architecture.string == CELL
    assert str(architecture) == "o nor_conv_3x3,none,skip_connect,skip_connect,nor_conv_1x1,avg_pool_3x3"
    # Stem 27 * 16 and its norm; per cell a 3x3 and a 1x1 convolution with norms; two blocks between stages.
    cells = sum(5 * (9 * w * w + w * w + 4 * w) for w in (16, 32, 64))
    between = sum(9 * v * w + 9 * w * w + 4 * w + v * w for v, w in ((16, 32), (32, 64)))
    assert nl.complexity(architecture, 10).params == 432 + 32 + cells + between + 128 + 650


def test_the_strings_of_all_cells_go_back_and_forth():
    found = nl.sample(nl.nats_topology(), 15_625)
    strings = [one.string for one in found]
    assert len(set(strings)) == 15_625
    assert [nl.nats_topology_architecture(one).id for one in strings] == [one.id for one in found]


@pytest.mark.parametrize(
    "string",
    [
        "",
        CELL[:-1],
        CELL.replace("none", "max_pool"),
        CELL.replace("~2", "~0"),
        CELL.replace("|none~0|skip_connect~1|", "|skip_connect~1|none~0|"),
        "|" + CELL,
    ],
)
def test_what_is_no_cell_is_refused(string):
    with pytest.raises(InvalidArchitecture, match=r"is no cell; write \|o1~0\|\+\|o2~0\|o3~1\|"):
        nl.nats_topology_architecture(string)


def test_an_unknown_operation_is_refused():
    values = nl.nats_topology_architecture(CELL).values
    with pytest.raises(InvalidArchitecture, match="o2 = 'pool' is none of its names; choose none, skip_connect"):
        nl.architecture("nats-topology", values | {"o2": "pool"})


def test_operations_without_effect_are_recognised():
    def found(*operations: str) -> list[int]:
        return np.flatnonzero(unreachable(operations)).tolist()

    none, skip, conv = "none", "skip_connect", "nor_conv_3x3"
    assert found(conv, none, skip, skip, conv, conv) == []
    # Nothing comes into node 1; nothing goes on from node 2.
    assert found(none, conv, conv, skip, conv, none) == [1, 2, 4]
    assert found(none, none, none, none, none, none) == []


@pytest.mark.parametrize(("space", "without"), [(nl.nats_topology(), 9_445), (nl.transnas_micro(), 2_128)])
def test_as_many_cells_have_no_operation_without_effect_as_others_count(space, without):
    cells = nl.sample(space, space.cardinality)
    assert sum(not any(unreachable(tuple(one.values.values()))) for one in cells) == without


def test_there_are_6466_keys():
    cells = nl.sample(nl.nats_topology(), 15_625)
    assert len({isomorphism_key(tuple(one.values.values())) for one in cells}) == 6_466


def test_equal_keys_are_equal_functions():
    # By way of node 2 or of node 1 the same; what leads nowhere is not seen.
    skip, conv, none = "skip_connect", "nor_conv_3x3", "none"
    assert isomorphism_key((none, conv, conv, none, skip, skip)) == "#+#+#+(0)@nor_conv_3x3"
    assert isomorphism_key((conv, "avg_pool_3x3", conv, none, skip, none)) == "#+#+(0)@nor_conv_3x3"
    assert isomorphism_key((conv, conv, conv, none, skip, none)) == "#+#+(0)@nor_conv_3x3"


def test_every_row_of_the_benchmark_has_its_string_and_its_key():
    rows = table("nb201_accuracy.csv")
    found = [nl.nats_topology_architecture(one) for one in rows.arch_str]
    assert [one.string for one in found] == rows.arch_str.tolist()
    assert [isomorphism_key(tuple(one.values.values())) for one in found] == rows.isomorphism_key.tolist()


def test_parameters_are_those_of_every_row():
    rows = table("nb201_freerea_scores.parquet")
    found = total(plan_of_strings(rows.arch_str.tolist()), 32).params
    assert np.abs(rows.params_m * 1e6 - found).max() < 5  # printed with five or six digits


@pytest.mark.parametrize(
    ("data", "classes", "side"), [("cifar10", 10, 32), ("cifar100", 100, 32), ("imagenet16", 120, 16)]
)
def test_complexities_are_naslib_s_by_its_convention(data, classes, side):
    rows = table(f"nb201_zc_scores_{data}.csv")
    found = total(plan_of_strings(rows.arch_str.tolist(), classes), side, as_tensorwatch)
    assert np.abs(rows.params * 1e6 - found.params).max() < 1
    assert np.abs(rows.flops * 1e6 - found.flops).max() < 3  # eight digits


@pytest.mark.parametrize(("side", "message"), [(30, "outputs of 8x8 and 7x7 positions cannot be added"), (32, "")])
def test_images_whose_side_cannot_be_halved_are_refused(side, message):
    architecture = nl.nats_topology_architecture(CELL)
    if message:
        with pytest.raises(InvalidInput, match=message):
            nl.complexity(architecture, 10, side)
    else:
        assert nl.complexity(architecture, 10, side).flops > 0
