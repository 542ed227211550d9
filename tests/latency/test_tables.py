from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import netlore as nl
from netlore.errors import InvalidInput
from netlore.latency import tables
from netlore.latency.tables import fitted, latency_table
from netlore.latency.timing import Setting
from netlore.space.device_table import STEPS, DeviceTable
from netlore.space.family import plan_of
from netlore.space.steps import CONVOLUTIONS

ASKED = Setting("torch")
TRUE = DeviceTable(
    "latency",
    "ms",
    coefficients={name: {"count": 0.01, "flops": 1e-8 * (place + 1)} for place, name in enumerate(CONVOLUTIONS)}
    | {"linear": {"count": 0.3}, "entry by entry": {"traffic": 1e-7}},
)


def plans(count: int, seed: int) -> list[object]:
    return [
        plan_of(one.family, one.values, 10, 3) for one in nl.sample(nl.anynet(flops=(10e6, 50e6)), count, seed)
    ]


def milliseconds(found: list[object], table: DeviceTable = TRUE) -> np.ndarray:
    return np.asarray([table.as_measure().compute(plan, 32) / STEPS for plan in found])


def test_what_is_a_sum_over_steps_is_found_and_predicts_others():
    drawn, others = plans(100, 0), plans(20, 1)
    table = fitted(drawn, milliseconds(drawn), ASKED)
    assert all(value > 0 for found in table.coefficients.values() for value in found.values())
    assert np.abs(milliseconds(others, table) / milliseconds(others) - 1).max() < 0.02
    assert table.device["networks"] == 100 and table.device["runtime"] == "torch"


def test_a_table_is_judged_by_networks_that_it_was_not_made_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(0)

    def pretended(drawn, setting, rounds, cache, progress):
        assert (len(drawn), rounds, cache) == (60, 24, tmp_path)
        true = milliseconds([plan_of(one.family, one.values, 10, 3) for one in drawn])
        true[40:50] *= 2  # of those held out
        return true * rng.uniform(0.98, 1.02, len(true))

    monkeypatch.setattr(tables, "measured", pretended)
    found = latency_table(nl.anynet(flops=(10e6, 50e6)), "torch", networks=40, held_out=20, cache=tmp_path)
    assert found.measured.shape == found.predicted.shape == (20,)
    assert (found.errors[:10] > 0.4).all() and found.right == (found.errors <= 0.2).sum() <= 10
    assert -1 <= found.rank_correlation_of_flops <= found.rank_correlation <= 1


def test_a_table_is_made_of_what_is_measured(tmp_path: Path):
    space = nl.anynet(flops=(0, 1e6), resolution=8)
    found = latency_table(space, "torch", networks=20, held_out=2, rounds=1, cache=tmp_path)
    assert (found.measured > 0).all() and (found.predicted > 0).all()


@pytest.mark.parametrize("wrong", [{"networks": 19}, {"held_out": 0}])
def test_too_few_networks_are_refused(wrong: dict[str, int]):
    with pytest.raises(InvalidInput, match="are too few"):
        latency_table(nl.anynet(), "torch", **wrong)


def test_torch_modules_have_no_steps():
    from tests.networks.own_spaces import make_space

    with pytest.raises(InvalidInput, match="torch modules without steps"):
        latency_table(make_space(), "torch")
