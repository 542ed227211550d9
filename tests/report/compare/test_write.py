"""A comparison of methods is a page, figures and tables in a folder, and one document."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from netlore.cli.tables import show_comparison
from netlore.errors import InvalidInput
from netlore.experiments.config import ScoreConfiguration
from netlore.experiments.refine import refine_run
from netlore.experiments.score import score_run
from netlore.report.compare.tables import MAIN
from netlore.report.compare.write import Comparison, compare_runs
from tests.experiments.conftest import TINY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seeds of each of two methods."""
    base = tmp_path_factory.mktemp("compared")
    refine_run(TINY, base / "paper", 2)
    refine_run(TINY.model_copy(update={"method": "memory"}), base / "memory", 2)
    return base


@pytest.fixture(scope="module")
def compared(folder: Path) -> Comparison:
    reported: list[tuple[int, int]] = []
    found = compare_runs(
        [folder / "paper", folder / "memory"], folder / "out", lambda done, total: reported.append((done, total))
    )
    assert reported == [(0, 2), (1, 2), (2, 2)]
    return found


def test_everything_is_written_and_named(folder: Path, compared: Comparison) -> None:
    written = {path for path in (folder / "out").rglob("*") if path.is_file()}
    assert set(compared.files) == written and len(compared.files) == len(written)
    assert compared.files[0] == folder / "out" / "compare.html"
    for name in ("method-courses", "method-agreement"):
        for end in ("pdf", "svg", "png"):
            assert folder / "out" / "figures" / f"{name}.{end}" in written
    assert folder / "out" / "tables" / "all.tex" in written
    page = compared.files[0].read_text()
    assert all(one.text in page.replace("&#39;", "'") for one in compared.sentences)


def test_the_document_holds_the_numbers_of_the_files(compared: Comparison) -> None:
    document = json.loads(json.dumps(compared.document(), allow_nan=False))
    assert list(document) == ["sentences", "tables", "files"]
    for name, rows in document["tables"].items():
        (path,) = [path for path in compared.files if path.name == f"{name}.csv"]
        with path.open() as lines:
            read = list(csv.DictReader(lines))
        assert [list(row) for row in rows] == [list(row) for row in read]
    methods = document["tables"]["methods"]
    assert [row["Seeds"] for row in methods] == [2, 2]
    assert methods[0]["Most networks"] == 12


def test_the_same_runs_give_the_same_files_again(folder: Path, compared: Comparison) -> None:
    again = compare_runs([folder / "memory", folder / "paper"], folder / "again")
    for one, other in zip(compared.files, again.files, strict=True):
        assert one.read_bytes() == other.read_bytes(), one


def test_a_study_stands_for_its_refinements(folder: Path, compared: Comparison, tmp_path: Path) -> None:
    study = tmp_path / "study"
    for name in ("paper", "memory"):
        shutil.copytree(folder / name, study / name)
    (study / "study.json").write_text(json.dumps({"title": "both", "parts": ["paper", "memory", "later"]}))
    again = compare_runs([study], tmp_path / "out")
    assert again.sentences == compared.sentences
    (study / "study.json").write_text(json.dumps({"title": "none", "parts": ["sample"]}))
    sample = ScoreConfiguration(data="noise", batch_size=8, networks=2, flops=(1e6, 5e6), predictors=("synflow",))
    score_run(sample, study / "sample")
    with pytest.raises(InvalidInput, match="has refined nothing yet; name refinements"):
        compare_runs([study], tmp_path / "out")


def test_what_is_refused_writes_nothing(folder: Path) -> None:
    with pytest.raises(InvalidInput):
        compare_runs([folder / "paper", folder / "out"], folder / "refused")
    assert not (folder / "refused").exists()


def test_sentences_the_main_tables_and_the_files_are_printed(
    compared: Comparison, capsys: pytest.CaptureFixture[str]
) -> None:
    show_comparison(compared)
    shown = capsys.readouterr().out
    assert all(one.text in shown for one in compared.sentences)
    for table in compared.tables:
        head = table.caption.partition(".")[0]
        assert (head in shown) == (table.name in MAIN), head
    assert shown.rstrip().endswith("files)")
