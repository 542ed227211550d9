"""A study that trains, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netlore.cli import main
from tests.experiments.trained_studies import OTHER, SMALL, TOML, plan_of

pytest.importorskip("lightning", reason="the extra `train` is not installed")

DIGITS = f"""
title = "Two networks on digits"
predictors = []
data = ["digits"]

[[sizes.two.train]]
architectures = ['{SMALL.to_json()}']
recipe = "smoke"
epochs = 1

[[sizes.two.train]]
architectures = ['{OTHER.to_json()}']
recipe = "smoke"
epochs = 1
set = {{ learning_rate = 1e30 }}
"""


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_dry_run_shows_trainings_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan_of(tmp_path)
    given = ("run", tmp_path / "study.toml", "--size", "small", "--out", tmp_path / "out", "--dry-run")
    assert run(*given) == 0
    printed = capsys.readouterr().out
    for text in ("pick of jacov-shades, recipe smoke", "0 of 3 epochs", "of training", "is not picked yet costs"):
        assert text in printed
    assert run(*given, "--json") == 0
    parts = json.loads(capsys.readouterr().out)["parts"]
    assert [(one["part"], one.get("picked_from"), one.get("epochs")) for one in parts] == [
        ("jacov-shades", None, None),
        ("train-jacov-shades", "jacov-shades", 3),
        (f"train-{SMALL.id}-shades", None, 3),
    ]
    assert not (tmp_path / "out").exists()


def test_what_comes_to_nothing_is_named_and_the_rest_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toml = tmp_path / "study.toml"
    toml.write_text(DIGITS, encoding="utf-8")
    given = ("run", toml, "--size", "two", "--out", tmp_path / "out")
    assert run(*given) == 3
    printed = capsys.readouterr()
    assert f"train-{OTHER.id}-digits has no result: the loss must stay finite" in printed.out
    assert "Trained networks" in printed.out
    assert "0 of 1 epoch" in printed.err
    assert run(*given, "--json") == 3
    document = json.loads(capsys.readouterr().out)
    assert (document["failed"], document["principles"]) == (1, {})
    assert [one["error"] is None for one in document["trained"].values()] == [False, True]
    assert (tmp_path / "out" / "report.html").is_file()


def test_another_training_in_the_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan_of(tmp_path, size="trained")
    given = ("run", tmp_path / "study.toml", "--size", "trained", "--out", tmp_path / "out")
    assert run(*given) == 0
    capsys.readouterr()
    plan_of(tmp_path, TOML.replace("epochs = 1", "epochs = 2"), "trained")
    assert run(*given) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert "epochs is 1 there and 2 here" in shown.err
