"""The page of a validation: which accuracy is meant, sentences, figures, tables, and what is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netlore.experiments.validate import ValidateRun, validate_run
from netlore.experiments.validate_config import ValidateConfiguration
from netlore.report.sampled import transform_of
from netlore.report.validation import write
from netlore.report.validation.command import validate_command
from netlore.report.validation.data import ValidationData
from netlore.report.validation.figures import validation_figures
from netlore.report.validation.tables import validation_tables
from netlore.report.validation.write import validation_page, validation_summary, write_validation
from netlore.storage.score_table import Score
from netlore.validation.result import judged
from tests.validation.tables import NAME, registered

MEANT = "Accuracy: Tiny-Bench, noise, test accuracy after 9 epochs. Scores by 4 images of noise. Noise stands in"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValidateRun]:
    asked = ValidateConfiguration(
        benchmark=NAME, data="noise", predictors=("synflow", "logdet"), networks=20, draws=2, batch_size=4
    )
    with registered():
        yield validate_run(asked, tmp_path_factory.mktemp("validate"))


def data_of(run: ValidateRun) -> ValidationData:
    return ValidationData(run, {one.name: transform_of(one.name) for one in run.found.predictors})


def without_scores(run: ValidateRun, predictor: str, networks: int) -> ValidateRun:
    """The same, in which some networks have no score by a predictor."""
    lost = {one.id for one in run.found.accuracies.architectures[:networks]}
    missing = Score(None, "degenerate", "all images are alike")
    rows = [
        replace(row, score=missing) if row.predictor == predictor and row.architecture.id in lost else row
        for row in run.table.rows
    ]
    table = replace(run.table, rows=rows)
    return replace(run, table=table, found=judged(run.found.accuracies, table, resamples=30))


def test_every_caption_says_which_accuracy_is_meant(run: ValidateRun) -> None:
    data = data_of(run)
    page = validation_page(data)
    assert page.lead.startswith(MEANT) and page.notes == ["Noise stands in for photographs."]
    for one in (*page.figures, *page.tables):
        assert MEANT in one.caption and "20 networks, 2 initialisations each, seed 0" in one.caption, one.name
    assert dict(page.made)["accuracies"] == "Nobody 2026, no licence."
    assert page.runs[0].command.startswith(f"netlore validate --benchmark {NAME} --predictor synflow")


def test_numbers_of_tables_are_those_that_were_found(run: ValidateRun) -> None:
    tables = {table.name: table for table in validation_tables(data_of(run))}
    assert list(tables) == [
        "rank-correlation",
        "within-costs",
        "choices",
        "initialisation",
        "hardware",
        "undefined",
    ]
    first = tables["rank-correlation"].rows[0]
    synflow = run.found.predictors[0]
    assert first["Quantity"] == "synflow" and first["Networks"] == 20
    assert (first["Kendall"], first["Kendall, low"], first["Kendall, high"]) == synflow.kendall[:3]
    best = max(run.found.counts, key=lambda one: one.kendall.value)
    assert first["Above " + best.name] == pytest.approx(synflow.kendall.value - best.kendall.value)
    assert tables["choices"].rows[0]["Regret of the best, %"] == synflow.regret
    assert [row["Quantity"] for row in tables["initialisation"].rows] == ["synflow", "logdet"]
    assert {row["Reason"] for row in tables["undefined"].rows}


def test_failures_have_a_table_and_a_sentence(run: ValidateRun) -> None:
    data = data_of(without_scores(run, "logdet", 3))
    (row,) = next(one for one in validation_tables(data) if one.name == "rank-correlation-dropped").rows
    assert (row["Quantity"], row["Networks"], row["Failed"]) == ("logdet", 17, 3)
    assert validation_summary(data)[-1].text == "Without a score: 3 networks by logdet; they rank last."


def test_sentences_say_no_more_than_the_intervals(run: ValidateRun) -> None:
    data = data_of(run)
    first = validation_summary(data)[0].text
    above = data.above_counts(data.best_predictor)
    verdict = "not shown to differ from" if above.low <= 0 <= above.high else "above" if above.low > 0 else "below"
    assert f"{verdict} it (difference" in first and data.best_predictor.name in first


def test_a_page_without_any_score_says_why(run: ValidateRun) -> None:
    data = data_of(without_scores(without_scores(run, "logdet", 20), "synflow", 20))
    assert validation_summary(data)[0].text == "No predictor can be judged: no network has a score."
    assert [one.name for one in validation_figures(data)] == ["validation-kendall", "validation-regret"]
    assert np.isnan(data.found.predictors[0].samples).all()


def test_figures_show_every_predictor(run: ValidateRun) -> None:
    names = [one.name for one in run.found.predictors]
    drawn = {figure.name: figure.draw() for figure in validation_figures(data_of(run))}
    assert list(drawn) == [
        *("validation-kendall", "validation-regret"),
        *("validation-scatter", "validation-ranks"),
    ]
    for name in ("validation-scatter", "validation-ranks"):
        titles = [axes.get_title(loc="left").partition("\n")[0] for axes in drawn[name].axes]
        assert titles == names
        points = [len(axes.collections[0].get_offsets()) for axes in drawn[name].axes]
        assert points == ([19, 19] if name == "validation-scatter" else [20, 20]), (
            "the least accurate is not shown"
        )
    rows = [text.get_text() for text in drawn["validation-kendall"].axes[0].get_yticklabels()]
    assert rows == [*names, "FLOPs", "parameters", "depth", "layers"]


def test_a_written_page_holds_all_its_parts(
    run: ValidateRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To write a figure takes seconds.
    monkeypatch.setattr(write, "validation_figures", lambda data: validation_figures(data)[:1])
    found = write_validation(run, tmp_path)
    names = {path.name for path in found.files}
    assert found.files[0] == tmp_path / "validation.html" and found.files[0].is_file()
    assert {"validation-kendall.svg", "validation-kendall.pdf", "validation-kendall.png"} <= names
    assert {"choices.csv", "choices.md", "choices.tex", "all.tex"} <= names
    page = found.files[0].read_text()
    assert page.count("<figure") == 1 and "Kendall&#39;s tau" in page


def test_the_command_has_what_is_not_usual() -> None:
    own = ValidateConfiguration(
        accuracies="own.csv", architecture_column="net", accuracy_column="acc", errors=True, dtype="float64"
    )
    table = ["--accuracies", "own.csv", "--architecture-column", "net", "--accuracy-column", "acc"]
    usual = ["--data", "cifar10", "--seed", "0"]
    assert validate_command(own) == [
        *("netlore", "validate", *table, "--predictor", "all", *usual),
        *("--networks", "500", "--dtype", "float64", "--errors"),
    ]
    joined = own.model_copy(update={"scores": "runs/sample"})
    assert validate_command(joined) == [
        "netlore",
        "validate",
        *table,
        "--scores",
        "runs/sample",
        *usual,
        "--errors",
    ]
