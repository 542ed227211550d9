"""Validations in folders: what they hold, going on, archives, scores of other runs, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from netlore.errors import DifferentConfiguration, InvalidInput
from netlore.experiments.config import ScoreConfiguration
from netlore.experiments.export import export_run
from netlore.experiments.score import score_run
from netlore.experiments.validate import (
    NETWORKS,
    RESULT,
    STATISTICS,
    ValidateRun,
    joined_validation,
    stored_validation,
    validate_run,
)
from netlore.experiments.validate_config import ValidateConfiguration, with_table
from netlore.report.collect import find
from netlore.storage.score_store import Store
from tests.experiments.documents import strictly
from tests.validation.tables import NAME, architectures, registered, written

ASKED = ValidateConfiguration(
    benchmark=NAME, data="noise", predictors=("synflow", "logdet"), networks=8, draws=2, batch_size=4
)


@pytest.fixture(autouse=True)
def benchmark() -> Iterator[None]:
    with registered():
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ValidateRun]:
    folder = tmp_path_factory.mktemp("validate")
    with registered():
        return folder, validate_run(ASKED, folder)


def test_a_folder_holds_scores_and_results(made: tuple[Path, ValidateRun]) -> None:
    folder, run = made
    document = strictly((folder / RESULT).read_text())
    assert document == json.loads(json.dumps(run.document()))
    assert document["accuracy"] == "test accuracy after 9 epochs" and document["draws"] == 2
    assert document["stand_in"] == "Noise stands in for photographs." and document["images"] == "noise"
    assert list(document["quantities"]) == ["synflow", "logdet", "flops", "params", "depth", "layers"]
    frame = pd.read_parquet(folder / STATISTICS)
    assert frame["kendall"].tolist() == [one["kendall"] for one in document["quantities"].values()]
    networks = pd.read_parquet(folder / NETWORKS)
    assert len(networks) == 8 and {"accuracy", "string", "flops_band", "synflow"} <= {*networks}
    with Store(folder, None) as store:
        assert store.count() == 8 * 2 * 2


def test_going_on_scores_nothing_again_and_other_settings_are_refused(
    made: tuple[Path, ValidateRun], tmp_path: Path
) -> None:
    folder = shutil.copytree(made[0], tmp_path / "copy")
    calls: list[tuple[int, int]] = []
    again = validate_run(ASKED, folder, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(16, 16)]
    pd.testing.assert_frame_equal(again.found.frame, made[1].found.frame)
    with pytest.raises(DifferentConfiguration, match="networks is 8 there and 9 here"):
        validate_run(ASKED.model_copy(update={"networks": 9}), folder)
    with pytest.raises(DifferentConfiguration, match="target"):
        validate_run(ASKED.model_copy(update={"target": "short"}), folder)


def test_a_validation_is_found_again_in_its_folder_and_in_its_archive(
    made: tuple[Path, ValidateRun], tmp_path: Path
) -> None:
    export_run(made[0], "archive", tmp_path)
    for folder in (made[0], tmp_path):
        found = stored_validation(folder)
        pd.testing.assert_frame_equal(found.found.frame, made[1].found.frame)
        assert found.configuration == ASKED
    scores, networks, _ = export_run(made[0], "csv", tmp_path)
    assert len(pd.read_csv(scores)) == 32 and len(pd.read_csv(networks)) == 16


def test_a_validation_is_no_sample(made: tuple[Path, ValidateRun]) -> None:
    with pytest.raises(InvalidInput, match="holds a validation, which has a page of its own"):
        find([made[0]], "title")


def test_a_table_of_ones_own_is_scored_and_must_stay_what_it_is(tmp_path: Path) -> None:
    path = written(tmp_path / "own.csv")
    asked = ValidateConfiguration(
        accuracies=str(path), architecture_column="net", accuracy_column="acc", data="noise",
        predictors=("synflow",), networks=6, batch_size=4,
    )  # fmt: skip
    run = validate_run(with_table(asked), tmp_path / "run")
    assert run.configuration.benchmark == "" and len(run.found.accuracies) == 6
    assert stored_validation(tmp_path / "run").found.frame.equals(run.found.frame)
    written(path, more=range(24))
    with pytest.raises(InvalidInput, match="is not what it was"):
        stored_validation(tmp_path / "run")


def test_scores_of_another_run_are_judged(tmp_path: Path) -> None:
    named = tuple(one.to_json() for one in architectures()[:5])
    sample = ScoreConfiguration(architectures=named, predictors=("synflow",), data="noise", batch_size=4)
    score_run(sample, tmp_path / "scores")
    table = tmp_path / "ids.parquet"
    pd.DataFrame({"id": [one.id for one in architectures()[:4]], "top1": [1.0, 2.0, 3.0, 4.0]}).to_parquet(table)
    asked = with_table(
        ValidateConfiguration(accuracies=str(table), architecture_column="id", accuracy_column="top1")
    )
    run = joined_validation(asked, tmp_path / "scores", tmp_path / "out")
    assert len(run.found.accuracies) == 4 and run.configuration.shown == "noise"
    assert {path.name for path in (tmp_path / "out").iterdir()} == {RESULT, STATISTICS, NETWORKS}
    benchmark = joined_validation(ASKED, tmp_path / "scores", tmp_path / "bench")
    assert len(benchmark.found.accuracies) == 5, "all that are in both, however few are asked for"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"accuracy_column": "acc"}, "--accuracy-column is about a table of your own"),
        ({"errors": True}, "--errors is about a table of your own"),
        ({"accuracies": "own.csv"}, "which columns of own.csv hold architectures"),
        (
            {"accuracies": "own.csv", "architecture_column": "a", "accuracy_column": "b", "distinct": True},
            "--distinct is about a benchmark",
        ),
        ({"accuracies": "own.csv", "architecture_column": "a", "accuracy_column": "b"}, "own.csv cannot be read"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, object], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match=message):
        with_table(ASKED.model_copy(update=values))


def test_other_runs_hold_no_validation(tmp_path: Path) -> None:
    score_run(ScoreConfiguration(networks=1, predictors=("synflow",), data="noise", batch_size=4,
                                 flops=(1e6, 2e6)), tmp_path)  # fmt: skip
    with pytest.raises(InvalidInput, match="holds a score run, which has no accuracies"):
        stored_validation(tmp_path)
