"""Pictures as people have them, given to commands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netlore.data.reading import AS_IT_IS
from tests.cli.running import Run

FEW = ("--networks", "2", "--flops", "1e6", "5e6", "--predictor", "synflow", "--batch-size", "4")


@pytest.fixture
def photos(elsewhere: Path) -> Path:
    """Pictures of two classes for training and a test, none of which is square, and one of which is broken."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 5), ("test", 2)):
        for name in ("cat", "dog"):
            folder = elsewhere / "photos" / part / name
            folder.mkdir(parents=True)
            for number in range(count):
                Image.fromarray(rng.integers(0, 256, (20, 30 + number, 3), dtype=np.uint8)).save(
                    folder / f"{number}.jpg"
                )
    (elsewhere / "photos" / "train" / "dog" / "4.jpg").write_bytes(b"no picture")
    return elsewhere / "photos"


def test_what_is_wrong_and_what_mends_it_is_said_in_one_line_each_time(run: Run, photos: Path) -> None:
    code, out, err = run("score", "--data", photos, *FEW)
    note, refusal = err.splitlines()
    assert (code, out) == (2, "")
    assert note.endswith("the images for training are taken, and none of test.")
    assert "of 10 in" in refusal and "9 are not square" in refusal and "--resize R" in refusal
    assert "also, 1 of 10 in" in refusal and "dog/4.jpg (not an image file)" in refusal
    code, _, err = run("score", "--data", photos, "--resize", 8, *FEW)
    assert code == 2 and "1 of 10 in" in err and "--skip-bad" in err


def test_scores_of_pictures_that_are_cut_and_left_out_are_recorded_and_gone_on_with(
    run: Run, photos: Path
) -> None:
    asked = ("score", "--data", photos, "--resize", 12, "--crop", 8, "--skip-bad", *FEW, "--out", "out")
    code, _, err = run(*asked)
    assert code == 0
    said = [line for line in err.splitlines() if "left out" in line]
    assert len(said) == 1 and "1 of 10 images in" in said[0]
    record = json.loads(Path("out/run.json").read_text())
    assert record["left_out"] == ["dog/4.jpg (not an image file)"]
    found = record["configuration"]
    assert (found["resize"], found["crop"], found["skip_bad"]) == (12, 8, True) and "image_column" not in found
    assert run(*asked)[0] == 0
    code, _, err = run("score", "--data", photos, "--crop", 8, "--skip-bad", *FEW, "--out", "out")
    assert code == 2 and "crop" not in err.split("out belongs to another configuration: ")[1].split("resize")[0]
    assert "resize is 12 there and null here" in err


def test_columns_are_named(run: Run, elsewhere: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    files = [path.read_bytes() for path in sorted(_squares(elsewhere / "squares"))]
    table = pa.table({"picture": files, "kind": ["cat", "dog"] * 3})
    pq.write_table(table, elsewhere / "animals.parquet")
    code, _, err = run("score", "--data", "animals.parquet", *FEW)
    assert code == 2 and "has picture, kind; name one by --image-column" in err
    columns = ("--image-column", "picture", "--label-column", "kind")
    assert run("score", "--data", "animals.parquet", *columns, *FEW)[0] == 0
    code, _, err = run("score", "--data", "digits", *columns, *FEW)
    assert code == 2 and "is a column of a table, but data set 'digits' is none" in err


def _squares(folder: Path) -> list[Path]:
    folder.mkdir()
    rng = np.random.default_rng(0)
    paths = [folder / f"{number}.png" for number in range(6)]
    for path in paths:
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(path)
    return paths


@pytest.mark.parametrize(
    "words",
    [
        ("validate", "--images", "photos/train", "--networks", "3", "--predictor", "synflow", "--batch-size", "2"),
        ("reliability", "--data", "photos/train", *FEW),
        ("bench", "--data", "photos/train", *FEW),
        ("train", "baseline/resnet-20", "--data", "photos"),
        ("refine", "--data", "photos/train", *FEW),
    ],
)
def test_every_command_with_data_takes_them(run: Run, photos: Path, words: tuple[str, ...]) -> None:
    """They refuse a square that is larger than all pictures: what is asked for came through to them."""
    code, _, err = run(*words, "--crop", 25, "--skip-bad")
    assert code == 2 and "pixels, from which 25 cannot be cut)" in err


def test_what_is_usual_is_said_nowhere() -> None:
    assert AS_IT_IS.given() == {}
