"""A whole study, small: all of it is written, whatever interrupts it, and its archive gives the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netlore.errors import DifferentConfiguration
from netlore.experiments.export import export_run
from netlore.experiments.study.config import planned, read_study
from netlore.report.write import write_report
from netlore.study import Study, run_study
from tests.experiments.studies import TOML, small_plan
from tests.studied import Progress, tables_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def reported() -> Progress:
    return Progress()


@pytest.fixture(scope="module")
def made(folder: Path, reported: Progress) -> Study:
    return run_study(small_plan(folder), folder, progress=reported)


def test_report_figures_and_tables_are_written(folder: Path, made: Study) -> None:
    assert made.files[0] == folder / "report.html"
    assert all(path.is_file() for path in made.files)
    figures = {path.name for path in (folder / "figures").iterdir()}
    for name in ("fig2-correlation", "fig3-trees", "fig4-edf", "fig5-sizes", "fig6-depths", "fig10-complexity"):
        assert {f"{name}.{ending}" for ending in ("pdf", "svg", "png")} <= figures
    tables = {path.name for path in (folder / "tables").iterdir()}
    for name in ("table1-principles", "table2-complexity"):
        assert {f"{name}.{ending}" for ending in ("csv", "md", "tex")} <= tables
    assert {path for path in made.files if path.parent.name == "figures"} == set((folder / "figures").iterdir())


def test_the_progress_on_the_way(made: Study, reported: Progress) -> None:
    assert list(dict.fromkeys(reported.labels)) == [
        "sample-noise",
        "synflow-noise, seed 0, round 1",
        "synflow-noise, seed 0, round 2",
        "synflow-noise, seed 1, round 1",
        "synflow-noise, seed 1, round 2",
        "logdet-noise, round 1",
        "logdet-noise, round 2",
        "report",
    ]
    assert reported.units == {"networks", "figures"}


def test_the_document_has_the_principles(made: Study) -> None:
    document = json.loads(json.dumps(made.document()))
    assert document["parts"] == ["sample-noise", "synflow-noise", "logdet-noise"]
    assert set(document["principles"]) == {"synflow-noise-0", "synflow-noise-1", "logdet-noise-0"}
    assert set(document["principles"]["logdet-noise-0"]) == {
        f"{letter}{stage}" for letter in "dwgb" for stage in (1, 2, 3)
    }
    assert document["failed"] == made.failed


def test_the_title_is_a_text_on_the_page(folder: Path, made: Study) -> None:
    page = made.files[0].read_text(encoding="utf-8")
    assert "A &lt;small&gt; study" in page
    assert "A <small> study" not in page


@pytest.mark.parametrize("stop_at", ["sample-noise", "synflow-noise, seed 1, round 2", "report"])
def test_an_interrupted_study_goes_on_and_finds_the_same(
    tmp_path: Path, made: Study, folder: Path, stop_at: str
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_study(small_plan(tmp_path), tmp_path, progress=Progress(stop_at))
    run_study(small_plan(tmp_path), tmp_path)
    assert _without_times(tables_of(tmp_path)) == _without_times(tables_of(folder))


def _without_times(tables: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in tables.items() if "econds" not in text}


def test_a_study_of_another_configuration_is_refused_in_the_folder(
    made: Study, folder: Path, tmp_path: Path
) -> None:
    plan = small_plan(tmp_path)
    path = tmp_path / "study.toml"
    path.write_text(TOML.replace("sample = 30", "sample = 31"), encoding="utf-8")
    before = (folder / "study.json").read_bytes()
    with pytest.raises(DifferentConfiguration, match="networks"):
        run_study(planned(read_study(path), plan.size), folder)
    assert (folder / "study.json").read_bytes() == before


def test_an_archive_reports_the_same(made: Study, folder: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    written = export_run(folder, "archive", archive)
    assert {path.relative_to(archive).as_posix() for path in written} == {
        "study.json",
        *(f"{name}/{file}" for name in made.document()["parts"] for file in ("archive.parquet", "run.json")),
    }
    files = write_report([archive], tmp_path / "report").files
    assert files[0] == tmp_path / "report" / "report.html"
    assert tables_of(tmp_path / "report") == tables_of(folder)


def test_one_run_of_a_study_is_analysed_alone(folder: Path, made: Study, tmp_path: Path) -> None:
    found = write_report([folder / "sample-noise"], tmp_path)
    assert found.data.refinements == ()
    names = [table.name for table in found.tables]
    assert {"correlation", "exponential", "trees", "importance"} <= set(names)
    assert found.files[0] == tmp_path / "report.html" and not (folder / "sample-noise" / "report.html").exists()
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert set(document["tables"]) == set(names)
    assert document["sentences"]
    for table in found.tables:
        assert (tmp_path / "tables" / f"{table.name}.csv").read_text(encoding="utf-8") == table.csv


def test_runs_of_a_study_are_reported_together(folder: Path, made: Study, tmp_path: Path) -> None:
    files = write_report([folder / "synflow-noise", folder / "logdet-noise"], tmp_path).files
    page = files[0].read_text(encoding="utf-8")
    assert "What synflow and logdet prefer on noise" in page
    assert not (tmp_path / "figures" / "fig2-correlation.png").exists()
