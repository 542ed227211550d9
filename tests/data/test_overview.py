"""What is said of a data set before anything is done with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.odd_images import LARGEST, SMALLEST, write_odd_images
from PIL import Image

from netlore.data.overview import overview
from netlore.errors import DataWarning, UnreadableData


def test_pictures_of_many_sizes_are_looked_at_and_bad_ones_are_named(tmp_path: Path) -> None:
    write_odd_images(tmp_path, 16, bad=2)
    with pytest.raises(UnreadableData, match=r"2 of 66 .*broken-0\.png.*broken-1\.png.*--skip-bad"):
        overview(str(tmp_path))
    with pytest.warns(DataWarning, match="2 of 66"):
        found = overview(str(tmp_path), skip_bad=True)
    assert found.class_names == ("column", "cross", "ring", "row")
    assert (found.counts, found.validation, len(found.left_out)) == ((14, 14, 14, 14), 8, 2)
    assert found.square is None and not found.gray and not found.made and found.ratio == 1
    assert all(SMALLEST <= side <= LARGEST for size in found.sizes for side in size) and len(found.sizes) > 20
    assert (
        found.shorter == int(np.quantile([min(size) for size in sizes_of(tmp_path)], 0.1))
        or found.shorter >= SMALLEST
    )


def sizes_of(folder: Path) -> list[tuple[int, int]]:
    found = []
    for path in folder.glob("*/[0-9]*"):
        with Image.open(path) as picture:
            found.append(picture.size)
    return found


def test_squares_of_one_size_classes_that_differ_and_gray(tmp_path: Path) -> None:
    for name, images in (("few", 5), ("many", 40)):
        (tmp_path / name).mkdir()
        for number in range(images):
            Image.new("L", (20, 20), number).save(tmp_path / name / f"{number}.png")
    found = overview(str(tmp_path))
    assert (found.square, found.shorter, found.gray) == (20, 20, True)
    assert (found.counts, found.validation, found.ratio) == ((4, 36), 5, 9)
    # As they are read, whatever is cut out of them.
    assert overview(str(tmp_path), resize=8).square == 20


def test_pictures_of_one_mean_are_looked_at_too(tmp_path: Path) -> None:
    for name, box in (("left", (0, 0, 30, 60)), ("top", (0, 0, 60, 30))):
        (tmp_path / name).mkdir()
        for number in range(6):
            picture = Image.new("L", (60, 60), 255)
            picture.paste(0, box)
            picture.save(tmp_path / name / f"{number}.png")
    assert overview(str(tmp_path)).square == 60


def test_images_that_are_made_have_the_size_that_they_have() -> None:
    found = overview("noise")
    assert (found.made, found.square, found.training) == (True, 32, 9_000)
    digits = overview("digits")
    assert (digits.made, digits.square, digits.gray, digits.training, digits.validation) == (
        False,
        32,
        True,
        1438,
        359,
    )
