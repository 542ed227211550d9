from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from netlore.data import DATA, ArrayImages, ImageSet, Task, image_set, load, names, split, task
from netlore.errors import InvalidInput, UnreadableData
from netlore.networks import build
from netlore.scoring.scorer import score
from netlore.space.complexity import complexity
from netlore.space.families.anynet import anynet
from netlore.space.sampling import sample


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


def stripes(seed: int) -> ImageSet:
    half = (0.5, 0.5, 0.5)
    pixels = np.full((4, 8, 8, 3), seed, dtype=np.uint8)
    return ImageSet(ArrayImages(pixels), np.array([0, 1, 0, 1]), ("a", "b"), half, half)


def test_others_can_add_a_loader():
    DATA.add("stripes", stripes)
    try:
        result = task("stripes", 2, seed=255)
    finally:
        DATA.remove("stripes")
    assert (result.resolution, result.num_classes) == (8, 2)
    assert (result.images == 1).all()


def test_a_loader_is_found_by_its_import_path():
    name = f"{__name__}:stripes"
    assert task(name, 2).name == name and len(split(name).training) == 2
    with pytest.raises(InvalidInput, match=r"data set 'no_such:thing' cannot be loaded \(ModuleNotFoundError"):
        task("no_such:thing", 2)


def test_a_path_with_a_colon_is_a_path(image_folder):
    there = image_folder.rename(image_folder.parent / "two:animals")
    assert len(load(str(there))) == 8


@pytest.mark.parametrize(
    "name", [Path("digits"), None, (np.zeros(4), [0, 1, 0, 1])], ids=["path", "none", "arrays"]
)
@pytest.mark.parametrize("read", [load, split])
def test_what_is_no_text_is_refused_with_the_door_for_it(name, read):
    with pytest.raises(InvalidInput, match=r"is a name or a path as text, but is a .*DATA\.add"):
        read(name)


@pytest.mark.parametrize("part", ["folder", "class"])
def test_a_name_that_is_no_utf_8_is_refused_before_anything_is_scored(part, image_folder):
    latin = os.fsdecode(b"k\xe4se")
    if part == "folder":
        there = image_folder.rename(image_folder.parent / latin)
    else:
        (image_folder / "cat").rename(image_folder / latin)
        there = image_folder
    with pytest.raises(
        InvalidInput, match=r"must be UTF-8, as all that is written of .*k\\udce4se.* is not; rename"
    ):
        task(str(there), 4)


def test_images_in_memory_are_a_data_set_with_statistics_and_numbered_classes():
    pixels = np.stack([np.full((8, 8, 3), value, np.uint8) for value in (0, 255, 0, 255)])
    made = image_set(pixels, [0, 1, 0, 1])
    assert made.class_names == ("0", "1") and made.mean == made.std == (0.5, 0.5, 0.5)
    for wrong, message in (
        ((pixels / 255, [0, 1, 0, 1]), "pixels must be uint8 in 0..255, but are float64"),
        ((pixels, [0, 1]), "4 images have 2 labels; give one for each image"),
        ((pixels[..., :1], [0, 1, 0, 1]), "square and in RGB, but theirs is"),
        ((pixels, [0, 1, 0, -1]), "must lie in 0..1, but row 3 has -1"),
    ):
        with pytest.raises(UnreadableData, match=message):
            image_set(*wrong)


def test_one_channel_is_scored_by_hand_and_no_data_set_has_it():
    """Data sets are RGB; a batch made by hand may have one channel, which networks and complexities then have."""
    images = torch.randn(6, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    grey = Task("grey", 3, 8, images, torch.arange(6) % 3, seed=0, digest="grey")
    architecture = sample(anynet(3, resolution=8, channels=1, flops=(1e4, 1e6)), 1)[0]
    found = score([architecture], "synflow", grey).wide
    assert found["params"].item() == complexity(architecture, 3, 8, channels=1).params
    assert found["params"].item() == sum(p.numel() for p in build(architecture, 3, channels=1).parameters())
    with pytest.raises(UnreadableData, match="repeat a grey channel three times"):
        ArrayImages(np.zeros((4, 8, 8, 1), np.uint8))


@pytest.mark.parametrize("name", ["9" * 5_000, "~nobody-of-that-name/images", "a:" + "b" * 5_000])
def test_names_that_no_system_holds_are_unknown_data_sets(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        load(name)
    assert len(str(caught.value)) < 1_200
