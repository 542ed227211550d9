"""What reads a finished run needs neither its images nor a network."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netlore.data import registry
from netlore.experiments.select import RESULT
from tests.cli.running import Run

HOW = ("--batch-size", "4", "--networks", "6", "--flops", "1e6", "5e6", "--workers", "1")
READERS = (
    ("analyze",),
    ("report",),
    ("export",),
    ("export", "--format", "parquet", "--out", "tables"),
    ("export", "--format", "archive", "--out", "archived"),
)


def images(folder: Path) -> Path:
    """Two classes of four images each."""
    for number in range(8):
        place = folder / "ab"[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(place / f"{number}.png")
    return folder


@pytest.fixture
def without_images(run: Run, elsewhere: Path) -> Path:
    """A refinement with its pick, a sample, and their archives, whose images are no longer there."""
    mine = images(elsewhere / "images")
    for command, more in (("refine", ("--predictor", "synflow", "--round-limit", "2")), ("score", ())):
        words = (command, "--data", mine, *HOW, *more, "--out", command)
        code, _, err = run(*words, *(("--predictor", "synflow") if command == "score" else ()))
        assert code == 0, err
    assert run("pick", "refine", "--networks", "3")[0] == 0
    shutil.rmtree(mine)
    return elsewhere


def never(*_: object, **__: object) -> None:
    raise AssertionError("data are opened")


@pytest.mark.usefixtures("without_report", "without_images")
@pytest.mark.parametrize("command", ["refine", "score"])
def test_a_finished_run_of_own_images_is_read_without_them(
    run: Run, elsewhere: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "load", never)
    monkeypatch.setattr(sys.modules["netlore.data.task"], "load", never)
    for words in (*READERS, *([("pick", "--networks", "3")] if command == "refine" else [])):
        code, _, err = run(words[0], command, *words[1:])
        assert code == 0, (words, err)
    for words in READERS:
        code, _, err = run(words[0], "archived", *words[1:])
        assert code == 0, (words, err)
    if command == "refine":
        code, _, err = run("compare", "refine", "archived", "--out", "compared")
        assert "images" not in err
        shutil.copy(elsewhere / "refine" / RESULT, elsewhere / "archived")
        code, out, err = run("pick", "archived", "--networks", "3", "--json")
        assert code == 0 and json.loads(out)["data"].endswith("images"), err


@pytest.mark.usefixtures("without_report", "without_images")
def test_a_name_that_is_downloaded_is_not_asked_for(
    run: Run, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.socket.connect", never)
    for command in ("refine", "score"):
        path = elsewhere / command / "run.json"
        record = json.loads(path.read_text())
        record["configuration"]["data"] = "torchvision/cifar10"
        path.write_text(json.dumps(record))
        for words in READERS:
            code, _, err = run(words[0], command, *words[1:])
            assert code == 0, (words, err)
