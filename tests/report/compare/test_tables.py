"""Tables of a comparison hold the numbers of findings made up by hand."""

from __future__ import annotations

import dataclasses

import pytest

from netlore.report.compare.data import ComparisonFindings
from netlore.report.compare.tables import MAIN, comparison_tables
from netlore.report.tables.table import NamedTable
from tests.report.compare.methods import comparison, group, memory, paper, rescored_group, without_rescored


def tables(findings: ComparisonFindings) -> dict[str, NamedTable]:
    return {table.name: table for table in comparison_tables(findings)}


@pytest.fixture(scope="module")
def found() -> dict[str, NamedTable]:
    return tables(comparison())


def rows(table: NamedTable) -> list[list[object]]:
    values: list[list[object]] = table.frame.to_numpy(dtype=object).tolist()
    return values


def test_the_tables_in_their_order(found: dict[str, NamedTable]) -> None:
    assert list(found) == [
        *MAIN,
        "best-known",
        "best-architectures",
        "final-intervals",
    ]
    for table in found.values():
        assert not table.frame.empty and table.caption.endswith(".")


def test_how_high_each_method_ends(found: dict[str, NamedTable]) -> None:
    # The best known score is 20, a noise unit 0.5.
    paper, memory = rows(found["methods"])
    assert paper[1:6] == ["synflow", "the paper's refinement", 3, 1000, 1002]
    assert paper[8:] == [12, 13, 14, 14.0, 13, 14, 15, 2.0]
    assert memory[1:6] == ["synflow", "refinement with memory", 2, 400, 400]
    assert memory[8:] == [18, 18.5, 19, 3.0, 19, 19.5, 20, 3.0]


def test_an_architecture_that_comes_again_is_counted_once(found: dict[str, NamedTable]) -> None:
    (one, *_) = comparison().groups[0].methods
    tables = [each.table for each in one.run.refinements[0].rounds]
    ids = [row.architecture.id for table in tables for row in table.rows]
    assert len(set(ids)) < len(ids)  # both rounds of the fixture show the same networks
    row = found["methods"].frame.iloc[0]
    assert row["Fewest distinct"] == row["Most distinct"] == len(set(ids))


def test_whether_seeds_agree(found: dict[str, NamedTable]) -> None:
    one, other = rows(found["repetition"])
    assert one[3:5] == [3, 4.0] and one[-2:] == ["0 of 3", None]
    assert other[3:5] == [2, 2.0] and other[-2:] == ["2 of 2", 305]
    # All agree but on d1; two intervals 1 to 8 and 2 to 9 have 7 of 9 values in common.
    assert other[6] == pytest.approx((11 + 7 / 9) / 12)
    assert other[7] == pytest.approx(comparison().groups[0].methods[1].width)


def test_of_one_seed_nothing_repeats() -> None:
    (row,) = rows(tables(comparison(group(paper(12))))["repetition"])
    assert row[3:7] == [1, None, None, None] and row[-2:] == ["0 of 1", None]


def test_without_noise_there_are_no_units_of_it() -> None:
    found = tables(comparison(group(paper(12, 13), noise=None)))
    assert found["methods"].frame["Below best known, noise units"].tolist() == [None]
    assert found["best-known"].frame["Noise"].tolist() == [None]


def test_what_all_are_measured_by(found: dict[str, NamedTable]) -> None:
    assert rows(found["best-known"]) == [["cifar10", "synflow", 2, 5, 3803, 0.5, 20.0]]


def test_the_best_architecture_of_every_seed(found: dict[str, NamedTable]) -> None:
    text = "d 1,1,1; w 8,8,8"
    assert rows(found["best-architectures"])[-1][2:] == [
        *("refinement with memory", 1, "memory-1", text),
        *(20, 1, 19.5, 3),
    ]


def test_final_intervals_of_every_hyperparameter(found: dict[str, NamedTable]) -> None:
    intervals = found["final-intervals"].frame
    assert intervals["d1"].tolist() == ["[1, 8]", "[2, 9]", "[3, 10]", "[1, 8]", "[2, 9]"]
    assert intervals["w3"].tolist() == ["32"] * 5


def test_rescored_elites_stand_next_to_own_ones() -> None:
    fresh = rescored_group(group(paper(12, 14, 13), memory(18, 19)), 1.0)
    missing = dataclasses.replace(fresh, methods=(fresh.methods[0], without_rescored(fresh.methods[1], 0, 1)))
    found = tables(comparison(fresh, missing, group(paper(12, 13))))
    methods = found["methods"].frame
    own = ("Lowest elite score", "Median elite score", "Highest elite score")
    new = ("Lowest rescored elite score", "Median rescored elite score", "Highest rescored elite score")
    luck = ("Selection bias, noise units", "Below best known, noise units")
    assert methods[[*own, *new, *luck]].to_numpy(dtype=object).tolist() == [
        [12, 13, 14, 11, 12, 13, 2.0, 16.0],
        [18, 18.5, 19, 17, 17.5, 18, 2.0, 5.0],
        [12, 13, 14, 11, 12, 13, 2.0, 16.0],
        [18, 18.5, 19, None, None, None, None, None],
        [12, 12.5, 13, None, None, None, None, 15.0],
    ]
    assert found["repetition"].frame["Spread, noise units"].tolist() == [4.0, 2.0, 4.0, None, 2.0]
    assert rows(found["best-known"])[0][-3:] == [50, 200, 1] and rows(found["best-known"])[2][-3:] == [None] * 3
    best = found["best-architectures"].frame[["Mean score", "Scores", "Rescored mean", "New scores"]]
    assert best.iloc[0].tolist() == [13, 1, 11, 4] and best.iloc[-1].tolist() == [14, 1, None, 0]


def test_without_rescored_scores_no_column_speaks_of_them(found: dict[str, NamedTable]) -> None:
    for table in found.values():
        words = " ".join(map(str, table.frame.columns)).lower()
        assert "new" not in words and "rescored" not in words, table.name
