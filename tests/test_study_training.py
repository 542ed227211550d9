"""A whole study that refines, picks and trains, small: progress, interruption, going on, report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netlore.errors import InvalidInput
from netlore.experiments.export import export_run
from netlore.report.write import write_report
from netlore.study import Study, Trained, run_study
from tests.cli.running import no_report
from tests.experiments.trained_studies import SMALL, TOML, plan_of

pytest.importorskip("lightning", reason="the extra `train` is not installed")

PICKED, GIVEN = "train-jacov-shades", f"train-{SMALL.id}-shades"


class Progress:
    """Records a study's progress, and interrupts it once most of a label is done."""

    def __init__(self, stop_at: str | None = None) -> None:
        self.units: dict[str, str] = {}
        self.last: dict[str, tuple[int, int, str]] = {}
        self._stop_at = stop_at

    def __call__(self, label: str, done: int, total: int, unit: str = "networks", note: str = "") -> None:
        self.units[label] = unit
        self.last[label] = (done, total, note)
        if label == self._stop_at and 2 * done > total:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def reported() -> Progress:
    return Progress()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def made(folder: Path, reported: Progress) -> Study:
    return run_study(plan_of(folder), folder, progress=reported)


def test_the_progress_on_the_way(made: Study, reported: Progress) -> None:
    assert reported.units == {
        "jacov-shades, round 1": "networks",
        f"{PICKED}, picking": "networks",
        PICKED: "images",
        GIVEN: "images",
        "report": "figures",
    }
    done, total, note = reported.last[GIVEN]
    assert done == total == 3 * 4 * 16  # epochs, batches, images
    assert note.startswith("epoch 3, loss ")
    assert "error" in note


def test_the_document_has_what_was_trained(made: Study, folder: Path) -> None:
    document = json.loads(json.dumps(made.document(), allow_nan=False))
    assert document["parts"] == ["jacov-shades", PICKED, GIVEN]
    assert document["failed"] == 0
    trained = document["trained"]
    assert list(trained) == [PICKED, GIVEN]
    picked = json.loads((folder / "jacov-shades" / "architecture.json").read_text(encoding="utf-8"))
    assert trained[PICKED]["values"] == picked["values"]
    assert trained[GIVEN]["architecture"] == SMALL.id
    for name, one in trained.items():
        result = json.loads((folder / name / "training.json").read_text(encoding="utf-8"))
        assert (one["error"], one["best_error"]) == (result["error"], result["best_error"])


def test_the_report_has_both_halves(made: Study, folder: Path) -> None:
    assert made.files[0] == folder / "report.html"
    assert {one.name for one in made.data.trainings} == {
        one.run.configuration.name for one in made.trained if one.run is not None
    }
    for name in ("table1-principles.csv", "table2-performance.csv"):
        assert (folder / "tables" / name).is_file()
    assert (folder / "figures" / "fig11-training.pdf").is_file()


def outcome(one: Trained) -> dict[str, object]:
    return {name: value for name, value in one.document().items() if name != "data"}


@pytest.mark.parametrize("stop_at", [f"{PICKED}, picking", PICKED, GIVEN])
def test_an_interrupted_study_goes_on_and_ends_the_same(
    tmp_path: Path, made: Study, stop_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlore.study.write_report", no_report)  # figures take seconds
    with pytest.raises(KeyboardInterrupt):
        run_study(plan_of(tmp_path), tmp_path, progress=Progress(stop_at))
    reported = Progress()
    again = run_study(plan_of(tmp_path), tmp_path, progress=reported)
    assert [outcome(one) for one in again.trained] == [outcome(one) for one in made.trained]
    if stop_at == GIVEN:
        assert PICKED not in reported.units


def test_an_archive_reports_the_same(made: Study, folder: Path, tmp_path: Path) -> None:
    export_run(folder, "archive", tmp_path / "archive")
    write_report([tmp_path / "archive"], tmp_path / "report")
    name = "tables/table2-performance.csv"
    assert (tmp_path / "report" / name).read_bytes() == (folder / name).read_bytes()


def test_a_study_that_only_trains_and_gets_nowhere_says_why(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path, TOML.replace("batch_size = 16 }", "batch_size = 16, learning_rate = 1e30 }"), "trained"
    )
    with pytest.raises(
        InvalidInput, match=r"no training of this study got through an epoch: .*lower learning_rate"
    ):
        run_study(plan, tmp_path / "out")
