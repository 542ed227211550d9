from __future__ import annotations

import time

import numpy as np
import pytest

import netlore as nl
from netlore.errors import InvalidInput
from netlore.latency.timing import RUNS, Latency, Setting, in_turns, latencies

SMALL = nl.anynet_architecture((1, 1, 1), (4, 4, 4), (4, 4, 4), (1, 1, 1))
DEEP = nl.anynet_architecture((6, 6, 6), (32, 32, 32), (8, 8, 8), (1, 1, 1))


def test_a_network_is_measured_by_both_clocks():
    found = nl.measure_latency(SMALL, runtime="torch", rounds=3, resolution=16)
    assert found.wall.shape == found.processor.shape == (3, RUNS) and (found.wall > 0).all()
    taken = found.milliseconds
    assert taken.value == np.median(found.wall) and taken.n == 15
    assert found.wall.min() <= taken.low <= taken.value <= taken.high <= found.wall.max()
    assert found.least == found.processor.min()


def test_a_larger_network_takes_longer():
    asked = Setting("torch", resolution=16)
    small, deep = latencies([(SMALL, asked), (DEEP, asked)], 3)
    assert small.least < deep.least


def test_networks_are_run_in_turns_and_the_first_run_of_each_turn_does_not_count():
    order: list[str] = []
    both = [*in_turns([lambda: order.append("a"), lambda: order.append("b")], 1, 2)]
    assert order == (["a"] * (RUNS + 1) + ["b"] * (RUNS + 1)) * 2
    assert [one.shape for one in both[0]] == [(2, RUNS), (2, RUNS)]


def test_time_that_others_had_the_processor_is_no_time_of_the_processor():
    (wall, processor) = next(in_turns([lambda: time.sleep(0.01)], 1, 1))
    assert wall.min() >= 10 > 5 > processor.min()


def test_the_shortest_run_of_several_threads_is_by_the_clock_on_the_wall():
    wall, processor = np.asarray([[3.0, 2.0]]), np.asarray([[1.0, 1.5]])
    assert Latency(Setting("torch"), wall, processor).least == 1.0
    assert Latency(Setting("torch", threads=2), wall, processor).least == 2.0


@pytest.mark.parametrize("wrong", [{"threads": 0}, {"batch": 0}, {"rounds": 0}])
def test_what_cannot_be_measured_is_refused(wrong: dict[str, int]):
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        nl.measure_latency(SMALL, runtime="torch", **wrong)
