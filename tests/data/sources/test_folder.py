from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netlore.data import read_folder, task
from netlore.data.sources.pictures import decode
from netlore.errors import UnreadableData


def test_classes_are_folders_in_alphabetical_order(image_folder):
    data = read_folder(image_folder)
    assert data.class_names == ("ant", "cat")
    assert data.labels.tolist() == [0] * 3 + [1] * 5
    expected = decode((image_folder / "cat/2.png").read_bytes())
    assert np.array_equal(data.images.read(np.array([5]))[0], expected)


def test_statistics_are_those_of_the_images(image_folder):
    data = read_folder(image_folder)
    pixels = data.images.read(np.arange(8)) / 255
    assert data.mean == pytest.approx(pixels.mean((0, 1, 2)))
    assert data.std == pytest.approx(pixels.std((0, 1, 2)))


def test_hidden_things_and_files_next_to_the_classes_are_skipped(image_folder):
    before = task(str(image_folder), 4).digest
    (image_folder / "README.txt").write_text("about")
    (image_folder / ".cache").mkdir()
    (image_folder / "ant" / ".thumbs.db").write_bytes(b"x")
    assert task(str(image_folder), 4).digest == before


def test_folders_without_classes_or_images_are_refused(image_folder, tmp_path):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(UnreadableData, match="nothing holds neither; check the path"):
        task(str(tmp_path / "nothing"))
    (image_folder / "bee").mkdir()
    with pytest.raises(UnreadableData, match="bee is empty; fill or remove it"):
        task(str(image_folder))


def test_one_class_is_refused(image_folder):
    for path in (image_folder / "ant").iterdir():
        path.unlink()
    (image_folder / "ant").rmdir()
    with pytest.raises(UnreadableData, match="at least 2 classes, but has 5 images of 1"):
        task(str(image_folder))


@pytest.mark.parametrize("make", [lambda p: p.write_text("notes"), lambda p: p.mkdir()])
def test_something_else_in_a_class_is_refused(image_folder, make):
    make(image_folder / "ant" / "notes.txt")
    with pytest.raises(UnreadableData, match=r"ant/notes\.txt is not one; remove it"):
        task(str(image_folder))


def test_a_damaged_or_differing_image_is_named(image_folder):
    (image_folder / "cat" / "3.png").write_bytes(b"not a picture")
    with pytest.raises(UnreadableData, match=r"cat/3\.png is not \(not an image file\)"):
        task(str(image_folder))
    write_grey(image_folder / "cat" / "3.png", (5, 5))
    with pytest.raises(UnreadableData, match=r"cat/3\.png is 5 x 5 and the first one is 4 x 4"):
        task(str(image_folder))
    write_grey(image_folder / "cat" / "3.png", (5, 4))
    with pytest.raises(UnreadableData, match=r"cat/3\.png is 4 x 5"):
        task(str(image_folder))


def test_a_file_that_went_away_is_named(image_folder):
    data = read_folder(image_folder)
    (image_folder / "cat" / "3.png").unlink()
    with pytest.raises(UnreadableData, match=r"cat/3\.png is not \(No such file"):
        data.images.read(np.arange(8))


def write_grey(path: Path, shape: tuple[int, int]) -> None:
    Image.fromarray(np.zeros(shape, dtype=np.uint8)).save(path)
