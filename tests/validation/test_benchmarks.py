"""The benchmarks that come with netlore: sizes, known facts about them, and what the data card says of their
files."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files

import numpy as np
import pytest
from scipy.stats import kendalltau

from netlore.validation.accuracies import Accuracies, sampled
from netlore.validation.benchmark import BENCHMARKS
from netlore.validation.measures import costs_of

BUNDLED = files("netlore.validation") / "bundled"
ALL = 10**6


@pytest.fixture(scope="module")
def cells() -> Accuracies:
    return sampled("nas-bench-201", "cifar10", networks=ALL)


def test_the_data_card_knows_every_file_and_all_of_them_are_small() -> None:
    card = (BUNDLED / "DATA_CARD.md").read_text()
    total = 0
    tables = sorted(path.name for path in BUNDLED.iterdir() if path.name.endswith(".parquet"))
    for name in tables:
        content = (BUNDLED / name).read_bytes()
        total += len(content)
        assert f"{len(content):,} | `{hashlib.sha256(content).hexdigest()}`" in card, name
    assert len(tables) == 3 and total < 3e6
    assert set(re.findall(r"^\| `([\w-]+\.parquet)`", card, re.MULTILINE)) == set(tables)


@pytest.mark.parametrize("name", ["nas-bench-201", "transnas-bench-101-micro"])
def test_a_benchmark_has_all_that_it_names_and_cites_its_authors(name: str) -> None:
    found = BENCHMARKS.get(name)
    table = found.table()
    columns = {target.column for data in found.data.values() for target in data.targets.values()}
    assert columns == {*table} - {"architecture"} and np.isfinite(table[sorted(columns)].to_numpy()).all()
    assert table["architecture"].is_unique
    assert "MIT licence" in found.source and found.source.split()[0] in (BUNDLED / "DATA_CARD.md").read_text()
    for data in found.data.values():
        for target in data.targets.values():
            assert "epochs" in target.what


def test_stand_ins_are_stated_where_images_are_others() -> None:
    own = BENCHMARKS.get("nas-bench-201").data
    assert [name for name, data in own.items() if not data.stand_in] == ["cifar10", "cifar100"]
    assert all(name == data.images for name, data in own.items() if not data.stand_in)
    others = BENCHMARKS.get("transnas-bench-101-micro").data
    assert len(others) == 7 and all("stand in" in data.stand_in for data in others.values())


def test_nas_bench_201_is_whole_and_its_best_accuracies_are_the_known_ones(cells: Accuracies) -> None:
    assert len(set(cells.architectures)) == len(cells) == 15_625
    for data, best in (("cifar10", 94.37), ("cifar100", 73.51), ("imagenet16-120", 47.31)):
        assert BENCHMARKS.get("nas-bench-201").table()[f"{data}-test"].max() == pytest.approx(best, abs=0.005)
    table = BENCHMARKS.get("nas-bench-201").table().set_index("architecture")["cifar10-test"]
    strings = [one.string for one in cells.architectures]
    assert table[strings].tolist() == cells.values.tolist()
    hardware = BENCHMARKS.get("nas-bench-201").hardware().set_index("architecture")["cifar10-pixel3-latency"]
    assert hardware[strings].tolist() == cells.hardware["pixel3-latency"].tolist()


def test_cells_with_unreachable_operations_and_repeated_functions_can_be_left_out() -> None:
    for connected, distinct, count in ((True, False, 9_445), (False, True, 6_466)):
        left = sampled("nas-bench-201", "cifar10", "", ALL, 0, connected, distinct)
        assert len(left) == count
    assert len(sampled("transnas-bench-101-micro", "class_scene", networks=ALL, connected=True)) == 2_128
    assert len(sampled("transnas-bench-101-micro", "jigsaw", networks=ALL)) == 4_096


def test_counts_alone_rank_cells_as_others_found(cells: Accuracies) -> None:
    costs = costs_of(cells.architectures, 10, 32, 3)
    # AZ-NAS (Lee and Ham 2024, Table 1): Kendall's tau of FLOPs and of parameters over all cells.
    for name in ("flops", "params"):
        assert kendalltau(costs[name], cells.values).statistic == pytest.approx(0.578, abs=0.0005)
    # A cell of 3x3 convolutions has 3 on its longest way; 15 cells, two blocks of 2, stem and classifier.
    assert (costs["depth"].min(), costs["depth"].max()) == (0, 15 * 3 + 2 * 2 + 2)
    assert (costs["layers"].min(), costs["layers"].max()) == (8, 15 * 6 + 2 * 3 + 2)
