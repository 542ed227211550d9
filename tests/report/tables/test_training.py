"""Tables of trainings: what they hold, exactly, and how it is printed."""

from __future__ import annotations

import dataclasses

import pytest

from netlore.report.data import StudyData
from netlore.report.tables.refinement import tables
from netlore.report.tables.table import NamedTable
from tests.report.tabled import evaluated, four_trained, only, record, small_study, trained
from tests.report.tables.reading import NAMES, rows


@pytest.fixture(scope="module")
def study() -> StudyData:
    return dataclasses.replace(small_study(), trainings=four_trained())


@pytest.fixture(scope="module")
def found(study: StudyData) -> dict[str, NamedTable]:
    return {table.name: table for table in tables(study)}


def test_performance_follows_the_paper_s_other_tables(found: dict[str, NamedTable]) -> None:
    assert list(found) == [*NAMES[:2], "table2-performance", *NAMES[2:], "training-epochs", "score-accuracy"]


def test_performance_is_the_mean_over_finished_seeds(found: dict[str, NamedTable]) -> None:
    table = found["table2-performance"]
    assert list(table.frame.columns) == [
        *("Data set", "Architecture", "Recipe", "Epochs", "Planned epochs", "Seeds"),
        *("Error, %", "Spread, %", "Best error, %", "FLOPs", "Parameters", "Activations"),
        *("Seconds an epoch", "Images a second"),
    ]
    begin, speed = ("cifar10", "quick"), (2.0, 500.0)
    assert [row[:1] + row[2:3] for row in rows(table)] == [begin] * 4
    assert [row[-2:] for row in rows(table)] == [speed] * 4
    assert [row[1:2] + row[3:-2] for row in rows(table)] == [
        ("a", 2, 2, 1, 20.0, None, 20.0, 10_000_000, 100_000, 200_000),
        ("b", 2, 2, 2, 12.5, pytest.approx(0.5**0.5), 12.5, 20_000_000, 200_000, 400_000),
        ("c", 2, 2, 1, 10.0, None, 10.0, 30_000_000, 300_000, 600_000),
        ("d", 1, 2, 1, 12.0, None, 12.0, 40_000_000, 400_000, 800_000),
    ]
    assert "training is unfinished and not to be compared" in table.caption
    assert "Seeds that are not finished are left out where others are." in table.caption
    assert "chosen by the validation set" in table.caption


def test_best_errors_are_those_of_the_best_epoch() -> None:
    one = trained("a", record([9.0, 4.0, 6.0]), record([9.0, 8.0, 2.0], seed=1))
    table = tables(only(small_study(), trainings=(one,)))[0]
    (row,) = rows(table)
    assert "Planned epochs" not in table.frame
    assert "unfinished" not in table.caption
    assert row[3:8] == (3, 2, 4.0, pytest.approx(8**0.5), 3.0)


def test_balanced_and_majority_s_error_stand_beside_the_error_where_they_are_known() -> None:
    both = (trained("a", evaluated()), trained("b", record([5.0])))
    performance, courses = tables(only(small_study(), trainings=both))
    beside = ["Spread, %", "Balanced error, %", "Majority's error, %", "Best error, %"]
    assert [name for name in performance.frame if name in beside] == beside
    assert performance.frame[beside[1:3]].to_numpy().tolist() == [[25.0, 60.0], [None, None]]
    assert "always answering the class with most training images" in performance.caption
    assert courses.frame["Balanced error, %"].tolist() == [25.0, None]
    alone, without = tables(only(small_study(), trainings=both[1:]))
    assert "Balanced error, %" not in [*alone.frame, *without.frame] and "alanced" not in alone.caption


def test_errors_have_two_digits_and_small_rates_are_not_zero(found: dict[str, NamedTable]) -> None:
    texts = found["table2-performance"].texts
    assert tuple(texts.iloc[1, 6:]) == ("12.50", "0.71", "12.50", "20,000,000", "200,000", "400,000", "2", "500")
    assert texts.iloc[0, 7] == "\N{EN DASH}"
    one = trained("a", record([50.0] * 1000))
    rates = tables(only(small_study(), trainings=(one,)))[1].texts.iloc[:, 5].tolist()
    assert (rates[0], rates[2], rates[-1]) == ("0.2", "0.06667", "2 \N{MULTIPLICATION SIGN} 10⁻⁴")


def test_every_epoch_of_every_seed_has_a_row(found: dict[str, NamedTable]) -> None:
    table = found["training-epochs"]
    assert list(table.frame.columns) == [
        *("Data set", "Architecture", "Recipe", "Seed", "Epoch", "Learning rate", "Loss", "Training error, %"),
        *("Validation loss", "Error, %", "Seconds"),
    ]
    assert len(table.frame) == 2 + 4 + 3 + 1
    assert rows(table)[5] == ("cifar10", "b", "quick", 1, 2, 0.1, 1.0, 19.5, 0.325, 13.0, 2.0)


def test_a_loss_that_is_not_finite_is_missing() -> None:
    one = record([50.0])
    lost = one.epochs[0].model_copy(update={"loss": float("nan")})
    broken = one.model_copy(update={"epochs": (lost,)})
    assert rows(tables(only(small_study(), trainings=(trained("a", broken),)))[1])[0][6] is None


def test_scores_and_costs_against_accuracy(found: dict[str, NamedTable]) -> None:
    table = found["score-accuracy"]
    assert list(table.frame.columns) == [
        *("Trained on", "Recipe", "Epochs", "Scored on", "Predictor or complexity"),
        *("n", "Dropped", "Kendall's tau", "p"),
    ]
    about = ("cifar10", "quick", 2, "cifar10 (sample, seed 0)")
    assert rows(table)[:4] == [
        (*about, "grad_norm", 3, 0, pytest.approx(-1 / 3), None),
        (*about, "synflow", 3, 0, pytest.approx(1.0), None),
        (*about, "jacov", 1, 2, None, None),
        (*about, "FLOPs", 3, 0, pytest.approx(1.0), None),
    ]
    assert len(table.frame) == 6


def test_without_scores_there_is_nothing_to_compare(study: StudyData) -> None:
    alone = only(study, trainings=study.trainings)
    assert [table.name for table in tables(alone)] == ["table2-performance", "training-epochs"]
