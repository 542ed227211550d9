"""The commands of studies and analyses, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netlore.cli import main
from tests.experiments.studies import TOML


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(TOML, encoding="utf-8")
    return path


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_dry_run_shows_the_plan_and_writes_nothing(
    toml: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run("run", toml, "--size", "small", "--out", out, "--dry-run") == 0
    printed = capsys.readouterr().out
    assert not out.exists()
    for name in ("sample-noise", "synflow-noise", "logdet-noise", "2 seeds", "of scoring with 1 worker"):
        assert name in printed


def test_a_dry_run_as_json(toml: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", toml, "--size", "small", "--out", tmp_path / "out", "--dry-run", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert [(part["part"], part["networks"], part["scored"]) for part in document["parts"]] == [
        ("sample-noise", 30, 0),
        ("synflow-noise", 24, 0),
        ("logdet-noise", 12, 0),
    ]


def test_a_study_and_what_is_made_of_it(toml: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run("run", toml, "--size", "small", "--out", out, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["files"][0] == str(out / "report.html")
    assert (document["size"], document["failed"]) == ("small", 0)

    assert run("analyze", out / "sample-noise") == 0
    printed = capsys.readouterr().out
    assert "Wrote:" in printed
    assert "Kendall" in printed

    assert run("report", out / "synflow-noise", out / "logdet-noise", "--out", tmp_path / "both", "--json") == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert files[0] == str(tmp_path / "both" / "report.html")

    assert run("export", out, "--format", "archive", "--out", tmp_path / "archive") == 0
    capsys.readouterr()
    assert run("report", tmp_path / "archive", "--out", tmp_path / "again") == 0
    assert (tmp_path / "again" / "report.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("run", "none.toml", "--size", "small"), "cannot be read"),
        (("run", "TOML", "--size", "huge"), "huge"),
        (("analyze", "none"), "not a run"),
        (("report", "none"), "not a run"),
        (("report", "none", "other"), "--out"),
        (("export", "none", "--format", "zip"), "csv, parquet, archive"),
    ],
)
def test_bad_input_is_one_line(
    toml: Path, arguments: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*(toml if argument == "TOML" else argument for argument in arguments)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert complaint in captured.err
