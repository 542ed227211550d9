"""A study of reliability in a folder: a run for each condition, gone on with, refused, archived, read again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from netlore.errors import InvalidInput
from netlore.experiments.export import export_run
from netlore.experiments.reliability import ReliabilityRun, reliability_run, stored_reliability
from netlore.experiments.reliability_config import ReliabilityConfiguration
from netlore.report.command_lines import reliability_command
from netlore.report.reliability.write import reliability_page, write_reliability
from tests.validation.tables import NAME, registered

ASKED = ReliabilityConfiguration(
    data="noise",
    predictors=("synflow", "jacov"),
    networks=10,
    flops=(1e6, 5e6),
    batch_size=2,
    factors=("weights", "batches"),
    draws=2,
    batches=2,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ReliabilityRun:
    return reliability_run(ASKED, tmp_path_factory.mktemp("reliability") / "run")


@pytest.fixture
def copy(run: ReliabilityRun, tmp_path: Path) -> Path:
    return shutil.copytree(run.files[0].parent, tmp_path / "copy")


def test_a_folder_has_a_run_for_each_condition_and_the_result(run: ReliabilityRun) -> None:
    folder = run.files[0].parent
    assert {path.name for path in folder.iterdir()} == {"run.json", "reliability.json", "usual", "batch-1"}
    document = json.loads((folder / "reliability.json").read_text())
    assert document["networks"] == 10 and list(document["predictors"]) == ["synflow", "jacov"]
    assert document["predictors"]["synflow"]["icc_batches"] == 1.0 and document["failed"] == 0


def test_it_goes_on_where_it_stopped_and_gives_the_same(run: ReliabilityRun, copy: Path) -> None:
    shutil.rmtree(copy / "batch-1")
    seen: list[tuple[str, int, int]] = []
    again = reliability_run(ASKED, copy, progress=lambda *said, **_: seen.append(said))
    assert seen[0] == ("usual", 20, 20), "nothing is scored twice"
    assert again.found.frame.equals(run.found.frame)


def test_another_study_is_refused_in_its_folder(copy: Path) -> None:
    with pytest.raises(InvalidInput, match="draws is 2 there and 3 here; choose another output folder"):
        reliability_run(ASKED.model_copy(update={"draws": 3}), copy)


def test_what_cannot_be_used_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    asked = ASKED.model_copy(update={"factors": ("data",), "others": ("missing.parquet",)})
    with pytest.raises(InvalidInput, match=r"missing\.parquet"):
        reliability_run(asked, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_it_is_judged_again_from_its_archives(run: ReliabilityRun, copy: Path, tmp_path: Path) -> None:
    files = export_run(copy, "archive", tmp_path / "archive")
    assert {str(path.relative_to(tmp_path / "archive")) for path in files} == {
        "run.json",
        *(f"{name}/{file}" for name in ("usual", "batch-1") for file in ("archive.parquet", "run.json")),
    }
    assert stored_reliability(tmp_path / "archive").found.frame.equals(run.found.frame)


def test_a_condition_that_is_not_complete_is_left_out_and_said_to_be(copy: Path) -> None:
    shutil.rmtree(copy / "batch-1")
    found = stored_reliability(copy)
    assert list(found.found.predictors["jacov"].factors) == ["weights"]
    assert reliability_page(found).notes == ["Not scored yet: batch-1; factors that need them are left out."]


def test_other_folders_are_refused(copy: Path) -> None:
    with pytest.raises(InvalidInput, match="holds a score run, which repeats no scores; name one of reliability"):
        stored_reliability(copy / "usual")
    shutil.move(copy / "batch-1", copy / "elsewhere")
    (copy / "batch-1").symlink_to(copy / "elsewhere")
    with pytest.raises(InvalidInput, match=r"condition batch-1 of .* is a link; put its folder there instead"):
        stored_reliability(copy)


def test_networks_of_a_benchmark_are_scored_in_its_space() -> None:
    with registered():
        asked = ASKED.model_copy(update={"benchmark": NAME})
        parts = asked.parts()
        assert len(asked.make_architectures()) == 10 and list(parts) == ["usual", "batch-1"]
        assert parts["usual"].flops is None and len(parts["usual"].architectures) == 20
        assert (parts["usual"].data_seed, parts["batch-1"].data_seed) == (0, 1)


def test_the_page_has_a_sentence_for_each_predictor_and_the_command(run: ReliabilityRun) -> None:
    page = reliability_page(run)
    said = [one.text for one in page.sentences]
    assert said[0].startswith("synflow: ") and "(initial weights " in said[0] and "and batches 0%)" in said[0]
    assert said[1].startswith("jacov: ") and "correlates with nothing about a network by more than 0." in said[1]
    assert [one.name for one in page.figures] == ["noise-ceiling", "noise-by-factor"]
    noise = page.tables[0].rows
    assert [row["Predictor"] for row in noise] == ["synflow", "jacov"] and noise[0]["Noise of batches"] == 0
    assert noise[1]["Ceiling of Spearman"] == run.found.predictors["jacov"].ceiling.value
    for figure in page.figures:
        assert [text.get_text() for text in figure.draw().axes[0].get_yticklabels()] == ["synflow", "jacov"]
    assert page.runs[0].command == (
        "netlore reliability --data noise --seed 0 --predictor synflow --predictor jacov --factor weights "
        "--factor batches --networks 10 --draws 2 --batches 2 --batch-size 2 --flops 1000000 5000000"
    )


def test_the_usual_command_is_short() -> None:
    assert reliability_command(ReliabilityConfiguration(benchmark="nas-bench-201")) == (
        "netlore reliability --data cifar10 --seed 0 --predictor all --networks 100 --benchmark nas-bench-201"
    )


def test_a_written_page_holds_all_its_parts(run: ReliabilityRun, tmp_path: Path) -> None:
    found = write_reliability(run, tmp_path)
    names = {path.name for path in found.files}
    assert {"reliability.html", "noise-ceiling.svg", "noise.csv", "agreement.md", "all.tex"} <= names
    assert (tmp_path / "reliability.html").read_text().count("<figure") == 2
