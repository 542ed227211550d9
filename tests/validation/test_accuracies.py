"""Networks and their accuracies, from benchmarks and from tables of one's own."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import netlore as nl
from netlore.errors import InvalidInput, UnknownName
from netlore.validation import own_tables
from netlore.validation.accuracies import sampled
from netlore.validation.own_tables import read_accuracies
from tests.validation.tables import TINY, accuracies, architectures, written


def test_a_sample_has_each_network_once_with_its_own_accuracy_and_latency() -> None:
    found = sampled(TINY, "noise", networks=10, seed=1)
    known = dict(zip(architectures(), zip(accuracies(), np.arange(24.0)[::-1], strict=True), strict=True))
    assert len(set(found.architectures)) == 10 and found.title == "Tiny-Bench, noise"
    assert [(a, b) for a, b in zip(found.values, found.hardware["phone-latency"], strict=True)] == [
        known[one] for one in found.architectures
    ]
    assert set(found.hardware) == {"phone-latency"}, "of these data alone"
    assert found.target.what == "test accuracy after 9 epochs" and found.stand_in


def test_fewer_networks_are_the_first_of_more_and_other_seeds_draw_others() -> None:
    ten, all_of_them = sampled(TINY, "noise", networks=10), sampled(TINY, "noise", networks=999)
    assert all_of_them.architectures[:10] == ten.architectures and len(all_of_them) == 24
    assert sampled(TINY, "noise", networks=10, seed=7).architectures != ten.architectures


def test_networks_without_that_accuracy_are_left_out() -> None:
    found = sampled(TINY, "noise", "short", networks=99)
    assert len(found) == 23 and architectures()[0] not in found.architectures
    assert found.target.what == "half of it"


def test_cells_that_are_not_connected_and_repeated_functions_can_be_left_out() -> None:
    found = sampled(TINY, "noise", networks=99, connected=True)
    wanted = [one for one in architectures() if one.values["d1"] < 12]
    assert set(found.architectures) == set(wanted) and 0 < len(wanted) < 24
    assert found.notes == ("Left out: networks with operations on no way from input to output.",)
    distinct = sampled(TINY, "noise", networks=99, distinct=True)
    keys = [one.values["d2"] // 2 for one in distinct.architectures]
    assert len(set(keys)) == len(keys) == len({one.values["d2"] // 2 for one in architectures()})


def test_what_a_benchmark_does_not_say_is_refused() -> None:
    silent = replace(TINY, connected=None, same_function=None)
    with pytest.raises(InvalidInput, match="does not say which operations are connected"):
        sampled(silent, "noise", connected=True)
    with pytest.raises(InvalidInput, match="does not say which networks compute the same"):
        sampled(silent, "noise", distinct=True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nothing", "noise"), "benchmark 'nothing' is not known"),
        ((TINY, "mnist"), "data set of tiny-bench 'mnist' is not known"),
        ((TINY, "noise", "best"), "accuracy of tiny-bench on noise 'best' is not known"),
    ],
)
def test_unknown_names_are_refused(words: tuple[object, ...], message: str) -> None:
    with pytest.raises(UnknownName, match=message):
        sampled(*words)


@pytest.mark.parametrize("name", ["own.csv", "own.parquet"])
def test_a_table_of_ones_own_is_read(tmp_path: Path, name: str) -> None:
    found = read_accuracies(written(tmp_path / name), "net", "acc")
    assert found.architectures == tuple(architectures()) and found.notes == ()
    np.testing.assert_allclose(found.values, accuracies())
    assert found.target.what == f"column acc of {name}" and found.trainings is None


def test_ids_errors_seeds_and_missing_values(tmp_path: Path) -> None:
    one, other, *_ = architectures()
    path = tmp_path / "own.csv"
    rows = [(one.id, 10.0), (one.id, 12.0), (other.id, 30.0), (other.id, None)]
    pd.DataFrame(rows, columns=["id", "error"]).to_csv(path, index=False)
    found = read_accuracies(path, "id", "error", errors=True, known={a.id: a for a in (one, other)})
    assert dict(zip(found.architectures, found.values.tolist(), strict=True)) == {one: 89.0, other: 70.0}
    np.testing.assert_array_equal(found.trainings, [[90.0, 88.0], [70.0, np.nan]])
    np.testing.assert_array_equal(found.chosen([1]).trainings, [[70.0, np.nan]])
    assert found.notes[0].startswith("1 rows without") and "mean of their accuracies" in found.notes[1]


def test_values_between_0_and_1_are_shares(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    rows = [(one.to_json(), error) for one, error in zip(architectures(), (0.25, 0.5), strict=False)]
    pd.DataFrame(rows, columns=["net", "error"]).to_csv(path, index=False)
    found = read_accuracies(path, "net", "error", errors=True)
    assert found.values.tolist() == [0.75, 0.5] and (found.target.unit, found.target.point) == ("share", 0.01)
    assert found.target.what == "column error of own.csv, 1 less error"


@pytest.mark.parametrize(
    ("family", "text"),
    [
        ("nats-topology", "|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|"),
        ("transnas-micro", "64-41414-1_01_302"),
        ("transnas-macro", "64-4111-basic"),
    ],
)
def test_strings_of_benchmarks_are_read_by_their_family(tmp_path: Path, family: str, text: str) -> None:
    path = tmp_path / "own.csv"
    pd.DataFrame({"net": [text], "acc": [90.0]}).to_csv(path, index=False)
    (found,) = read_accuracies(path, "net", "acc", family).architectures
    assert (found.family, found.string) == (family, text)


def test_json_may_leave_the_family_to_the_option(tmp_path: Path) -> None:
    path, values = tmp_path / "own.csv", '{"d1": 3, "d2": 3, "d3": 3, "w1": 16, "w2": 32, "w3": 64}'
    pd.DataFrame({"net": [values, f'{{"values": {values}}}'], "acc": [90.0, 91.0]}).to_csv(path, index=False)
    (found,) = read_accuracies(path, "net", "acc", "resnet").architectures
    assert found == nl.named("baseline/resnet-20")


@pytest.mark.parametrize(
    ("family", "message"),
    [
        ("resnet", "own.csv: family resnet has no strings that can be read, but has '64-41414-1_01_302'"),
        ("nats-topology", "own.csv: '64-41414-1_01_302' is no cell"),
        ("none", "own.csv: family 'none' is not known"),
    ],
)
def test_strings_of_another_family_are_refused(tmp_path: Path, family: str, message: str) -> None:
    path = tmp_path / "own.csv"
    pd.DataFrame({"net": ["64-41414-1_01_302"], "acc": [90.0]}).to_csv(path, index=False)
    with pytest.raises(InvalidInput, match=message):
        read_accuracies(path, "net", "acc", family)


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        ("net,acc\n", ("net", "acc"), "has no finite value in acc"),
        ("net,acc\n7,1\n", ("net", "top1"), "has no column 'top1', but net, acc"),
        ("net,acc\nanynet-00,1\n", ("net", "acc"), "own.csv: "),
        ('net,acc\n"{""values"": 3}",1\n', ("net", "acc"), "own.csv: the architecture has no"),
        ("", ("net", "acc"), "is no readable table"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(
    tmp_path: Path, text: str, columns: tuple[str, str], message: str
) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=message):
        read_accuracies(path, *columns)


def test_a_table_of_far_too_many_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pd.DataFrame({"net": ["baseline/resnet-20"] * 300_000, "acc": 90.0, "more": "x"})
    rows.to_parquet(tmp_path / "own.parquet", index=False)
    with pytest.raises(InvalidInput, match=r"own\.parquet is no readable table \(it has 300,000 rows in"):
        read_accuracies(tmp_path / "own.parquet", "net", "acc")
    monkeypatch.setattr(own_tables, "MOST_ROWS", 100)
    rows[:101].to_csv(tmp_path / "own.csv", index=False)
    with pytest.raises(InvalidInput, match=r"own\.csv is no readable table \(it has more than 100 rows\)"):
        read_accuracies(tmp_path / "own.csv", "net", "acc")
    rows[:100].to_csv(tmp_path / "own.csv", index=False)
    assert len(read_accuracies(tmp_path / "own.csv", "net", "acc")) == 1


def test_a_pipe_is_no_table(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "own.csv")
    with pytest.raises(InvalidInput, match=r"own\.csv is no readable table \(it is a pipe\)"):
        read_accuracies(tmp_path / "own.csv", "net", "acc")


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no readable table"):
        read_accuracies(tmp_path / "none.parquet", "net", "acc")
