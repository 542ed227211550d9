"""A study by several methods: the text is about one, all are compared, and its archive gives the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netlore.experiments.export import export_run
from netlore.experiments.study.config import StudyPlan, planned, read_study
from netlore.experiments.study.estimate import forecast_study
from netlore.report.write import collect_selected, select_runs, write_report
from netlore.study import Study, run_study
from tests.studied import Progress, tables_of

TOML = """
title = "Methods"
flops = [1e6, 12e6]
data = ["noise"]
predictors = ["synflow", "logdet"]

[sizes.small]
methods = ["random", "paper", "memory"]
networks = 5
batch_size = 2
round_limit = 2

[sizes.small.refine.logdet]
methods = ["evolution", "random"]
replicates = 2
"""
SYNFLOW = ["synflow-noise-random", "synflow-noise", "synflow-noise-memory"]
LOGDET = ["logdet-noise-evolution", "logdet-noise-random"]


def small(folder: Path) -> StudyPlan:
    path = folder / "study.toml"
    path.write_text(TOML, encoding="utf-8")
    return planned(read_study(path), "small")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def made(folder: Path) -> Study:
    return run_study(small(folder), folder)


def names(folders: list[Path]) -> list[str]:
    return [one.name for one in folders]


def test_the_text_is_about_the_papers_method_or_else_the_first_and_all_are_compared(
    folder: Path, made: Study
) -> None:
    runs = select_runs([folder])
    assert (runs.title, names(runs.folders)) == ("Methods", ["synflow-noise", "logdet-noise-evolution"])
    assert sorted(names(runs.compared)) == sorted(SYNFLOW + LOGDET)
    reported = [(one.predictor, one.method) for one in made.data.refinements]
    assert reported == [("synflow", "paper"), ("logdet", "evolution")]
    page = made.files[0].read_text(encoding="utf-8")
    assert "2 refinements also ran by " in page and "the folder compare puts the methods side by side." in page


def test_the_comparison_lies_next_to_the_report(folder: Path, made: Study) -> None:
    assert made.files[0] == folder / "report.html" and folder / "compare" / "compare.html" in made.files
    page = (folder / "compare" / "compare.html").read_text(encoding="utf-8")
    assert all(f"--predictor {one} " in page for one in ("synflow", "logdet"))
    assert all(f"--method {one}" in page for one in ("memory", "random", "evolution"))
    assert set((folder / "compare" / "tables").iterdir()) <= set(made.files)


def test_the_document_has_the_principles_by_every_method(folder: Path, made: Study) -> None:
    document = json.loads(json.dumps(made.document()))
    assert document["parts"] == SYNFLOW + LOGDET == json.loads((folder / "study.json").read_text())["parts"]
    assert list(document["principles"]) == [
        *("synflow-noise-random-0", "synflow-noise-0", "synflow-noise-memory-0"),
        *(f"logdet-noise-{method}-{seed}" for method in ("evolution", "random") for seed in (0, 1)),
    ]
    for name in SYNFLOW:
        stored = json.loads((folder / name / "refinement.json").read_text())
        assert document["principles"][f"{name}-0"] == stored["principles"] and len(stored["principles"]) == 12


def test_a_finished_study_has_nothing_left_and_an_interrupted_one_finds_the_same(
    folder: Path, made: Study, tmp_path: Path
) -> None:
    assert all(one.finished for one in forecast_study(small(folder), folder))
    with pytest.raises(KeyboardInterrupt):
        run_study(small(tmp_path), tmp_path, progress=Progress("synflow-noise-memory, round 2"))
    rest = {one.part.name: (one.done, one.finished) for one in forecast_study(small(tmp_path), tmp_path)}
    scored, finished = rest["synflow-noise-memory"]
    assert rest["synflow-noise"][1] and scored > 5 and not finished
    assert rest["logdet-noise-random"] == (0, False)
    with pytest.raises(KeyboardInterrupt):
        run_study(small(tmp_path), tmp_path, progress=Progress("report"))  # where all refinements are done
    for name in SYNFLOW + LOGDET:
        before, after = (json.loads((one / name / "refinement.json").read_text()) for one in (folder, tmp_path))
        assert before["principles"] == after["principles"]


def test_expected_rounds_go_by_the_method(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(TOML.replace("round_limit = 2\n", "round_limit = 30\n"), encoding="utf-8")
    found = {one.part.name: one.total for one in forecast_study(planned(read_study(path), "small"), tmp_path)}
    assert [found[name] for name in SYNFLOW] == [5 * 30, 5 * 10, 5 * 20]
    assert [found[name] for name in LOGDET] == [5 * 30 * 2] * 2


def test_a_report_of_the_archive_writes_the_same(folder: Path, made: Study, tmp_path: Path) -> None:
    export_run(folder, "archive", tmp_path)
    files = write_report([tmp_path]).files
    assert files[0] == tmp_path / "report.html" and tmp_path / "compare" / "compare.html" in files
    assert tables_of(tmp_path) == tables_of(folder)
    assert tables_of(tmp_path / "compare") == tables_of(folder / "compare")


def test_an_analysis_is_of_one_method_and_writes_the_comparison(folder: Path, made: Study, tmp_path: Path) -> None:
    found = write_report([folder], tmp_path)
    assert "puts the methods side by side" in found.sentences[0].text
    assert tmp_path / "compare" / "compare.html" in found.files
    runs = select_runs([folder / "synflow-noise-random"])
    assert runs.compared == [] and collect_selected(runs, "alone").compared == ()
