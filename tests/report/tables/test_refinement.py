"""Tables of a study: what they hold, exactly, and that there is none of what was not found."""

from __future__ import annotations

import dataclasses

import pytest

from netlore.report.data import StudyData
from netlore.report.tables.refinement import tables
from netlore.report.tables.table import NO_VALUE, NamedTable
from netlore.scoring.noise import known_noise
from netlore.space.counting import Count
from tests.report.conftest import SYNFLOW_ENDS, Budget, altered, configured
from tests.report.tabled import only, refinement, repeats, small_sample, small_study
from tests.report.tables.reading import NAMES, rows


@pytest.fixture(scope="module")
def study() -> StudyData:
    return small_study()


@pytest.fixture(scope="module")
def found(study: StudyData) -> dict[str, NamedTable]:
    return {table.name: table for table in tables(study)}


def test_every_result_has_its_table(found: dict[str, NamedTable]) -> None:
    assert list(found) == NAMES


def test_principles_read_like_table_one_with_a_row_per_seed(found: dict[str, NamedTable]) -> None:
    table = found["table1-principles"]
    assert list(table.frame.columns[:6]) == ["Data set", "Predictor", "Seed", "# iterations", "d1", "d2"]
    assert len(table.frame) == 5
    assert rows(table)[1][:6] == ("cifar10", "synflow", 1, 4, "15", "16")
    assert rows(table)[2][:8] == ("cifar10", "jacov", 0, 3, "[2, 3]", "[2, 3]", "1", "[32, 64]")


def test_without_replicates_no_table_of_principles_names_a_seed() -> None:
    found = {table.name: table for table in tables(small_study(seeds=1))}
    assert not {"stability", "repeatability"} & set(found)
    assert "Seed" not in found["table1-principles"].frame
    assert "Seed" not in found["table2-complexity"].frame


def test_complexities_are_those_of_table_two(found: dict[str, NamedTable]) -> None:
    table = {(row[0], row[1], row[2]): row[4:] for row in rows(found["table2-complexity"])}
    # As the paper prints them: ResNet-20 has 41 M, 0.27 M and 0.20 M; the network of synflow 43 M, 0.34 M, 0.87 M.
    assert table["cifar10", "resnet-20", None] == (40813194, 272474, 200714)
    flops, params, activations = table["cifar10", "synflow", 1]
    assert all(isinstance(value, int) for value in (flops, params, activations))
    assert (round(flops / 1e6), round(params / 1e6, 2), round(activations / 1e6, 2)) == (43, 0.34, 0.87)
    assert len(table) == 6 + 4 + 1


def test_a_data_set_that_is_not_known_has_no_complexity(found: dict[str, NamedTable]) -> None:
    assert rows(found["table2-complexity"])[-1][4:] == (None, None, None)


def test_scores_are_raw_and_the_missing_ones_counted(found: dict[str, NamedTable]) -> None:
    shares = {name: one.share for name, one in known_noise("anynet").predictors.items()}
    assert rows(found["scores"]) == [
        ("grad_norm", 3, 1, 0.125, 1.0, 2.0, shares["grad_norm"]),
        ("synflow", 4, 0, 1e3, (1e30 + 2e3) / 2, 4e30, shares["synflow"]),
        ("jacov", 2, 2, -1.5, -0.8, -0.1, shares["jacov"]),
    ]
    assert "networks of the space anynet" in found["scores"].caption


def test_pairs_are_ranked_and_undefined_ones_come_last(found: dict[str, NamedTable]) -> None:
    assert rows(found["correlation-pairs"]) == [
        ("grad_norm", "synflow", 0.9, 3, 1),
        ("grad_norm", "jacov", -0.25, 2, 2),
        ("synflow", "jacov", None, 2, 2),
    ]
    assert rows(found["correlation"])[1] == ("synflow", 0.9, 1.0, None)


def test_tests_trees_and_costs_of_each_predictor(found: dict[str, NamedTable]) -> None:
    assert [row[-1] for row in rows(found["exponential"])] == [
        "rejected at 5 %",
        "not rejected at 5 %",
        "rejected at 5 %",
    ]
    assert rows(found["trees"])[0] == ("grad_norm", "d3 >= 6", "high", 0.3, 0.9, 0.71, 0.4)
    assert rows(found["partial-correlation"])[1] == ("grad_norm", "Parameters", 0.5, 0.8, 0.75, 0.875, 1000)
    assert rows(found["partial-correlation"])[7] == ("jacov", "Blocks", 0.5, None, 0.125, 0.875, 1000)
    assert rows(found["importance"]) == [
        ("synflow", "importance", 0.5, -0.01, 0.9, 4),
        ("synflow", "spread", 0.1, 0.02, 0.9, 4),
    ]


@pytest.mark.parametrize("changes", [{"family": "cells"}, {"data": "photos"}])
def test_baselines_stand_only_with_networks_of_their_kind(changes: dict[str, str]) -> None:
    found = dataclasses.replace(
        only(small_study(), refinements=(refinement(SYNFLOW_ENDS, 1, 1.0, **changes),)),
        classes={"cifar10": (10, 32), "photos": (10, 224)},
    )
    table = next(table for table in tables(found) if table.name == "table2-complexity")
    assert list(table.frame)[:2] == ["Data set", "Predictor"]
    assert table.frame["Predictor"].tolist() == ["synflow"]
    assert "baseline" not in table.caption


def test_sizes_are_exact_beyond_64_bits() -> None:
    one = refinement(SYNFLOW_ENDS, 1, 1.0)
    huge = (10**30 + 1, 10**20, 5, 1)
    space = dataclasses.replace(one.first.space, budget=Budget("no budget"))  # type: ignore[type-var]
    findings = only(small_study(), refinements=(altered(one, cardinalities=huge, space=space),))
    table = next(table for table in tables(findings) if table.name == "sizes")
    assert [row[3:] for row in rows(table)] == [(index, size, None) for index, size in enumerate(huge)]


def test_sizes_that_are_estimates_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    one = refinement(SYNFLOW_ENDS, 1, 1.0)
    counts = [Count(2_000_000, 1_900_000, 2_100_000, exact=False), Count(5, 5, 5, exact=True)]
    monkeypatch.setattr(type(one.first), "counts_within_budget", counts)
    findings = only(small_study(), refinements=(altered(one, cardinalities=(10**7, 9)),))
    table = next(table for table in tables(findings) if table.name == "sizes")
    assert [row[5] for row in rows(table)] == ["about 2e+06 (1.9e+06 to 2.1e+06)", 5]


def test_rounds_are_rows(study: StudyData, found: dict[str, NamedTable]) -> None:
    # 3 + 4 rounds twice and 3 once, with 12 hyperparameters and 3 complexities.
    assert len(found["intervals"].frame) == 17 * 12
    assert len(found["complexity"].frame) == 17 * 3
    assert rows(found["intervals"])[24] == ("cifar10", "synflow", 0, 3, "d1", 15, 15, 15)
    assert rows(found["complexity"])[0][3:5] == (1, "FLOPs")
    assert rows(found["complexity"])[0][6] == 43e6


def test_stability_and_agreement(found: dict[str, NamedTable]) -> None:
    assert rows(found["stability"])[0][:6] == ("cifar10", "synflow", 2, "containment", 0.5, 1.0)
    assert rows(found["stability"])[1][:6] == ("cifar10", "synflow", 2, "Jaccard", 0.25, 0.5)
    assert rows(found["agreement"]) == [("cifar10", "synflow", 1.0, 0.25), ("cifar10", "jacov", 0.25, 1.0)]


def test_how_far_apart_replicates_end(study: StudyData, found: dict[str, NamedTable]) -> None:
    shares = ((11 + 0.5) / 12, (11 + 0.5) / 24)  # of twelve hyperparameters only d1 does not repeat
    numbers = (0.25, 10.0, 11.0, 4.0, 12.0)
    texts = (f"1,250, {NO_VALUE}", "1,500, 2,000", "2 of 2")
    assert rows(found["repeatability"])[0] == ("cifar10", "synflow", "paper", 2, *shares, *numbers, *texts)
    assert len(found["repeatability"].frame) == 2  # the third refinement has one seed
    one = study.refinements[0]
    silent = dataclasses.replace(repeats(2), noise=None, spread=None, reached=(None, None), best=("a", "a"))
    changed = dataclasses.replace(configured(one, method="memory"), repeatability=silent)
    table = {table.name: table for table in tables(only(study, refinements=(changed,)))}["repeatability"]
    assert rows(table)[0][2] == "memory"
    assert rows(table)[0][6:10] == (None, 10.0, 11.0, None)
    assert rows(table)[0][11:] == (f"{NO_VALUE}, {NO_VALUE}", "1,500, 2,000", "1 of 2")


def test_what_was_not_found_has_no_table(study: StudyData) -> None:
    assert tables(only(study)) == []
    sampled = [table.name for table in tables(only(study, samples=study.samples))]
    assert sampled == NAMES[2:9]
    bare = dataclasses.replace(
        small_sample(), correlation=None, exponential={}, trees={}, partial={}, importance={}
    )
    assert [table.name for table in tables(only(study, samples=(bare,)))] == ["scores"]


def test_tables_of_a_second_sample_are_numbered(study: StudyData) -> None:
    names = [table.name for table in tables(only(study, samples=study.samples * 2))]
    assert names == [*NAMES[2:9], *(f"{name}-2" for name in NAMES[2:9])]


def test_a_predictor_without_scores_has_counts_only() -> None:
    sample = small_sample()
    frame = sample.frame.assign(jacov=float("nan"))
    findings = only(small_study(), samples=(dataclasses.replace(sample, frame=frame),))
    assert rows(tables(findings)[0])[2][:-1] == ("jacov", 0, 4, None, None, None)


def test_texts_are_for_readers(found: dict[str, NamedTable]) -> None:
    texts = found["trees"].texts
    assert {"d3 ≥ 6", "d3 < 6"} <= set(texts["Rule"]) and "0.429" in set(texts.to_numpy().ravel())


def test_intervals_whose_last_round_does_not_stand_out_are_undetermined(found: dict[str, NamedTable]) -> None:
    table = found["determination"]
    assert list(table.frame.columns[3:]) == ["Last above first", "Supported rounds", "Rounds", "Intervals"]
    for row in table.rows:
        assert (row["Intervals"] == "undetermined") == (row["Last above first"] < 0.95)
    named = found["table1-principles"].caption.partition("Undetermined")[2]
    for row in table.rows:
        if row["Intervals"] == "undetermined":
            assert f"{row['Predictor']} on {row['Data set']}" in named
