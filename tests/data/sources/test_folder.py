from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netlore.data import Reading, draw_batch, read_folder, task
from netlore.data.sources.pictures import decode
from netlore.data.task import digest
from netlore.errors import DataWarning, InvalidInput, UnreadableData


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
    with pytest.raises(UnreadableData, match=r"ant/notes\.txt \(by its name no image file\); replace or remove"):
        task(str(image_folder))


def test_all_bad_files_are_named_at_once_before_anything_is_drawn(image_folder):
    whole = (image_folder / "ant" / "1.png").read_bytes()
    (image_folder / "ant" / "1.png").write_bytes(whole[: len(whole) // 2])  # its header is right
    (image_folder / "cat" / "3.png").write_bytes(b"not a picture")
    (image_folder / "cat" / "notes.txt").write_text("notes")
    with pytest.raises(UnreadableData) as caught:
        task(str(image_folder), 2)
    assert f"3 of 9 in {image_folder} cannot be used: ant/1.png (" in str(caught.value)
    assert "), cat/3.png (not an image file), cat/notes.txt (by its name no image file); " in str(caught.value)
    assert "--skip-bad (in Python skip_bad=True)" in str(caught.value) and "\n" not in str(caught.value)


def test_of_many_bad_files_ten_are_named(image_folder):
    for number in range(15):
        (image_folder / "cat" / f"x{number:02}.png").write_bytes(b"x")
    with pytest.raises(UnreadableData, match=r"15 of 23 in .* cat/x09.png \(not an image file\) and 5 more; repl"):
        task(str(image_folder), 2)


def test_a_damaged_picture_that_is_drawn_is_named_with_all_others(image_folder):
    for name in ("ant/1.png", "cat/3.png"):
        whole = (image_folder / name).read_bytes()
        (image_folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableData, match=r"2 of 8 in .*: ant/1\.png \(.*\), cat/3\.png \("):
        task(str(image_folder), 2)


def test_bad_files_are_left_out_on_request_and_said(image_folder):
    without = read_folder(image_folder)
    (image_folder / "ant" / "15.png").write_bytes(b"not a picture")
    (image_folder / "cat" / "notes.txt").write_text("notes")
    words = "ant/15.png (not an image file), cat/notes.txt (by its name no image file)"
    with pytest.warns(DataWarning, match=re.escape(f"2 of 10 images in {image_folder} are left out: {words}.")):
        found = read_folder(image_folder, Reading(skip_bad=True))
    assert ", ".join(found.left_out) == words
    every = np.arange(8)
    assert np.array_equal(found.images.read(every), without.images.read(every))
    assert (found.labels.tolist(), found.mean) == (without.labels.tolist(), without.mean)
    with pytest.warns(DataWarning):
        made = task(str(image_folder), 4, skip_bad=True)
    assert made.left_out == found.left_out and made.digest == digest(draw_batch(without, 4, 0))


def test_what_is_left_out_is_looked_for_again_when_files_change(image_folder):
    assert read_folder(image_folder, Reading(skip_bad=True)).left_out == ()
    (image_folder / "cat" / "3.png").write_bytes(b"not a picture")
    with pytest.warns(DataWarning, match="1 of 8"):
        assert len(read_folder(image_folder, Reading(skip_bad=True))) == 7


def test_a_class_of_which_nothing_is_left_is_refused(image_folder):
    for path in (image_folder / "ant").iterdir():
        path.write_bytes(b"x")
    with pytest.warns(DataWarning), pytest.raises(UnreadableData, match=r"of .*animals/ant no image can be used"):
        read_folder(image_folder, Reading(skip_bad=True))
    for path in (image_folder / "cat").iterdir():
        path.write_bytes(b"x")
    with pytest.raises(UnreadableData, match="8 of 8 in"):
        read_folder(image_folder, Reading(skip_bad=True))


@pytest.mark.parametrize("skip", [False, True])
def test_sizes_that_differ_are_one_refusal_with_the_remedy(image_folder, skip):
    write_grey(image_folder / "cat" / "3.png", (5, 5))
    write_grey(image_folder / "cat" / "4.png", (4, 5))
    write_grey(image_folder / "ant" / "0.png", (6, 5))
    with pytest.raises(UnreadableData) as caught:
        task(str(image_folder), skip_bad=skip)
    assert str(caught.value) == (
        f"images must be square and of one size, but of 8 in {image_folder} 2 are not square (ant/0.png is 5 x 6) "
        "and 1 has another size (cat/3.png is 5 x 5, the first one 4 x 4); --resize R (in Python resize=R) scales "
        "the shorter side to R and cuts the middle out, --crop R cuts it out as it is."
    )


def test_pictures_of_any_size_are_scaled_and_cut(image_folder):
    write_grey(image_folder / "cat" / "3.png", (50, 70))
    made = task(str(image_folder), 4, resize=6)
    assert made.images.shape == (4, 3, 6, 6) and made.resolution == 6
    assert task(str(image_folder), 4, crop=3).images.shape == (4, 3, 3, 3)
    assert task(str(image_folder), 4, resize=5, crop=3).digest != task(str(image_folder), 4, crop=3).digest
    with pytest.raises(UnreadableData, match=r"7 of 8 .*: ant/0.png \(4 x 4 pixels, from which 5"):
        task(str(image_folder), 4, crop=5)


def test_further_batches_are_read_as_the_first_one(image_folder):
    made = task(str(image_folder), 4, resize=6).with_batches(2)
    assert made.further[0][0].shape == (4, 3, 6, 6)


def test_columns_of_a_folder_are_refused(image_folder):
    with pytest.raises(InvalidInput, match=r"image_column = 'picture' is a column of a table, but .* is none"):
        task(str(image_folder), image_column="picture")


def test_a_file_that_went_away_is_named(image_folder):
    data = read_folder(image_folder)
    (image_folder / "cat" / "3.png").unlink()
    with pytest.raises(UnreadableData, match=r"cat/3\.png \(by its name no image file"):
        data.images.read(np.arange(8))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(image_folder):
    (image_folder / "cat" / "3.png").chmod(0)
    with pytest.raises(UnreadableData, match=r"cat/3\.png \(Permission denied\)"):
        read_folder(image_folder)


def write_grey(path: Path, shape: tuple[int, int]) -> None:
    Image.fromarray(np.zeros(shape, dtype=np.uint8)).save(path)
