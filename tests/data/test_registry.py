from __future__ import annotations

import numpy as np
import pytest

from netlore.data import DATA, ArrayImages, ImageSet, load, names, task
from netlore.errors import InvalidInput, UnreadableData


def test_built_in_names_come_first():
    assert names()[:4] == ["cifar10", "cifar100", "digits", "noise"]
    assert {"torchvision/cifar10", "torchvision/cifar100"} <= set(names())


@pytest.mark.parametrize("name", ["cifar", "no/such/file.parquet", ""])
def test_what_is_neither_a_name_nor_a_path_is_refused(name):
    with pytest.raises(InvalidInput) as caught:
        task(name)
    message = str(caught.value)
    assert message.startswith(
        f"data set {name!r} is neither a registered name nor an existing path; choose one of"
    )
    assert "cifar10, cifar100, digits, noise" in message and "give a .parquet file" in message


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "table.csv").write_text("a,b")
    with pytest.raises(UnreadableData, match=r"must be a \.parquet file, but .*table\.csv is not"):
        task(str(tmp_path / "table.csv"))


def test_a_path_can_begin_at_home(image_folder, monkeypatch):
    monkeypatch.setenv("HOME", str(image_folder.parent))
    assert len(load("~/animals")) == 8


def test_others_can_add_a_loader(monkeypatch):
    monkeypatch.setattr(DATA, "_objects", dict(DATA._objects))
    half = (0.5, 0.5, 0.5)

    def stripes(seed: int) -> ImageSet:
        pixels = np.full((4, 8, 8, 3), seed, dtype=np.uint8)
        return ImageSet(ArrayImages(pixels), np.array([0, 1, 0, 1]), ("a", "b"), half, half)

    DATA.add("stripes", stripes)
    result = task("stripes", 2, seed=255)
    assert (result.resolution, result.num_classes) == (8, 2)
    assert (result.images == 1).all()
