"""`netlore compare --benchmark` as a user types it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest

from netlore.cli.compare import compare
from netlore.experiments.export import archive_run
from netlore.experiments.record import identity, record
from netlore.experiments.searches import SearchConfiguration
from netlore.experiments.validate_config import ValidateConfiguration
from netlore.scoring.predictor import PREDICTORS
from netlore.scoring.scorer import definitions
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreRow
from tests.cli.running import Run
from tests.experiments.documents import strictly
from tests.refinement.searches.cases import NAME, cells, registered, scores, written

WORDS = ("compare", "--benchmark", NAME, "--data", "noise", "--seeds", "2", "--networks", "8", "--most", "40")
SHORT = (*WORDS, "--no-tpe")


@pytest.fixture(autouse=True)
def benchmark() -> Iterator[None]:
    with registered():
        yield


def test_it_prints_which_accuracy_is_meant_sentences_tables_and_files(run: Run) -> None:
    written(Path("own.csv"))
    code, out, err = run(*SHORT, "--scores", "own.csv")
    assert code == 0 and out.startswith(
        "Accuracy: Three Edges, noise, made-up accuracy. Scores: column synflow of"
    )
    assert "The pick after n networks is the highest score so far" in out
    assert "The paper's refinement ends after" in out and "Who scores all 64 networks picks one of" in out
    assert "9 networks without a score can be drawn, and are never picked." in out
    assert "compare: 8 of 8 searches" in err and "report: 1 of 1 figures" in err
    folder = Path(f"runs/compare-{NAME}-noise-synflow")
    page = (folder / "compare.html").read_text(encoding="utf-8")
    assert f"netlore compare --benchmark {NAME} --data noise --predictor synflow --scores own.csv" in page
    assert (
        "--no-tpe" in page and "Does narrowing help?" in page and (folder / "figures" / "searches.svg").is_file()
    )
    courses = pd.read_parquet(folder / "courses.parquet")
    assert courses.columns.tolist() == ["method", "seed", "networks", "accuracy"] and courses.networks.max() <= 40
    assert set(courses.method) == {
        *("the paper's refinement", "refinement with memory", "random search", "regularised evolution"),
        *("most parameters", "most layers", "oracle of random search"),
    }


def test_json_is_one_document_and_the_same_by_ids_and_from_an_archive(run: Run) -> None:
    archived(Path("archive"))
    written(Path("ids.parquet"), strings=False)
    code, out, _ = run(*SHORT, "--scores", "archive", "--out", "one", "--json")
    found = strictly(out)
    assert code == 0 and found == strictly(Path("one/compare.json").read_text(encoding="utf-8"))
    assert found["without_score"] == 9 and found["scores"] == "Scores by 4 images of noise, seed 0."
    assert all(Path(path).is_file() for path in found["files"])
    rows = found["tables"]["searches"]
    assert {row["Networks"] for row in rows} == {40} and all(row["Regret, %"] >= 0 for row in rows)
    code, out, _ = run(*SHORT, "--scores", "ids.parquet", "--out", "two", "--json")
    other = strictly(out)
    # ln S orders as S does; only the surrogate of the refinement with memory sees more than ranks.
    same = [name for name in found["tables"] if name == "whole-space"]
    assert code == 0 and all(found["tables"][name] == other["tables"][name] for name in same)
    for name in ("accuracy", "ends"):
        rows, others = found["tables"][name], other["tables"][name]
        assert [row for row in rows if "memory" not in row["Method"]] == [
            row for row in others if "memory" not in row["Method"]
        ]


def test_the_options_have_the_defaults_of_the_configuration() -> None:
    options = inspect.signature(compare).parameters
    for one in fields(SearchConfiguration):
        if one.name not in ("benchmark", "scores"):
            assert options[one.name].default == one.default


def test_a_combination_is_made_of_the_stored_scores_of_its_members(run: Run) -> None:
    archived(Path("archive"), "synflow", "log_synflow")
    words = ("--scores", "archive", "--json")
    alone = strictly(run(*SHORT, *words, "--out", "one")[1])
    code, out, err = run(*SHORT, *words, "--predictor", "meanrank(synflow, 2*log_synflow)", "--out", "two")
    assert code == 0, err
    # The members have the same scores here, so their ranks order as each of them does.
    both = strictly(out)
    assert both["without_score"] == alone["without_score"] == 9
    (picked, *_), (other, *_) = both["tables"]["whole-space"], alone["tables"]["whole-space"]
    assert picked["Quantity"] == "highest meanrank(synflow, 2*log_synflow)"
    assert picked["Regret, %"] == other["Regret, %"] > 0
    code, _, err = run(*SHORT, *words, "--predictor", "meanrank(synflow, logdet)", "--out", "three")
    assert code == 2 and "has no meanrank(synflow, logdet) scores, but of log_synflow, synflow" in err


def archived(folder: Path, *names: str) -> None:
    """An archive of a run of `netlore validate` with scores of all cells, the same by each predictor."""
    names = names or ("synflow",)
    asked = ValidateConfiguration(benchmark=NAME, data="noise", predictors=names, batch_size=4)
    task = asked.make_task()
    rows = [
        ScoreRow(one, 0, 0, name, Score(value) if value == value else Score(None, "degenerate", "no way"))
        for one, value in zip(cells(), scores().tolist(), strict=True)
        for name in names
    ]
    with Store(Path("run"), identity("validate", asked, task)) as store:
        store.define(definitions(map(PREDICTORS.get, names)))
        store.add(rows)
    record(Path("run"), "validate", asked, num_classes=10, resolution=32, channels=3)
    archive_run(Path("run"), folder)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--benchmark", "none"), "benchmark 'none' is not known; choose one of nas-bench-201"),
        (("--data", "mnist"), "data set of three-edges 'mnist' is not known"),
        (("--target", "train"), "accuracy of three-edges on noise 'train' is not known"),
        (
            ("--scores", "nowhere"),
            "nowhere is neither a run nor a file; name them by --scores, or make them by netlore",
        ),
        ((), "runs/validate-three-edges-noise is no run of netlore validate"),
        (("--scores", "own.csv", "--score-column", "z"), "own.csv has no column 'z', but architecture, synflow"),
        (("--scores", "own.csv", "--architecture-column", "z"), "own.csv has no column 'z'"),
        (("--scores", "own.csv", "--networks", "99"), "networks = 99"),
        (("--score-column", "z"), "--score-column is about a file of scores, and none is given"),
        (("--again", "2"), "--again is about runs, and --benchmark compares none; leave one of them out."),
        (("runs",), "RUNS is about runs, and --benchmark compares none"),
    ],
)
def test_bad_input_is_one_line_with_code_2_and_leaves_nothing(
    run: Run, words: tuple[str, ...], message: str
) -> None:
    written(Path("own.csv"))
    code, out, err = run(*SHORT, *words)
    assert code == 2 and out == "" and message in err and err.strip().count("\n") == 0
    assert not Path("runs").exists()


def test_options_of_benchmarks_are_refused_of_runs(run: Run) -> None:
    code, _, err = run("compare", "one", "two", "--out", "x", "--seeds", "3")
    assert code == 2 and "--seeds is about --benchmark, and none is given; leave one of them out." in err
    code, _, err = run("compare", "--out", "x")
    assert code == 2 and "what to compare is not known; name runs, or a benchmark by --benchmark." in err
