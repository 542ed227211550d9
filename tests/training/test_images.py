"""Decoded images in memory and in files: the same numbers, and nothing is left of the files."""

from __future__ import annotations

import gc
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import netlore as nl
from netlore.data import image_set, split
from netlore.errors import DataWarning, UnreadableData, Unwritable
from netlore.executors import InProcess
from netlore.storage import ending
from netlore.training import images
from netlore.training.batches import Batches, training_data, validation_batch
from netlore.training.images import decoded
from tests.training.small import small_architecture, small_recipe


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two classes of 14 pictures of many sizes; the class shows in their brightness."""
    rng = np.random.default_rng(0)
    for number, name in enumerate(("dark", "light")):
        folder = tmp_path / "photos" / name
        folder.mkdir(parents=True)
        for index in range(14):
            height, width = rng.integers(8, 20, 2)
            pixels = rng.integers(100 * number, 100 * number + 90, (height, width, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"{index}.png")
    return tmp_path / "photos"


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any image is too much for the memory."""
    monkeypatch.setattr(images, "available_memory", lambda: 100.0)
    monkeypatch.setattr(images, "AT_ONCE", 5)
    monkeypatch.setattr(images, "usable_cores", lambda: 1)


@pytest.mark.usefixtures("no_room")
def test_images_in_a_file_are_those_in_memory(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.warns(
        DataWarning, match=r"of memory are free; until the training ends they lie in files in .*cache"
    ):
        filed = training_data(str(photos), cache=tmp_path / "cache", resize=8)
    monkeypatch.setattr(images, "available_memory", lambda: None)
    held = training_data(str(photos), cache=tmp_path / "none", resize=8)
    assert not (tmp_path / "none").exists() and held.training.file is None
    assert filed.training.file is not None and filed.training.file.parent == tmp_path / "cache"
    assert filed.digest == held.digest and torch.equal(filed.training.pixels, held.training.pixels)
    for step in range(3):
        one, other = (
            Batches(data.training, small_recipe(batch_size=6), 3, True).batch(1, step) for data in (filed, held)
        )
        assert torch.equal(one[0], other[0]) and torch.equal(one[1], other[1])
    one, other = (validation_batch(data.validation, 0, True, (0, 1)) for data in (filed, held))
    assert torch.equal(one[0], other[0])


@pytest.mark.usefixtures("no_room")
def test_files_are_removed_when_their_images_are_not_used_any_more(photos: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with pytest.warns(DataWarning):
        data = training_data(str(photos), cache=cache, resize=8)
    assert len(list(cache.iterdir())) == 2 and {*cache.iterdir()} <= ending.temporary
    copy = pickle.loads(pickle.dumps(data))
    assert torch.equal(copy.training.pixels, data.training.pixels) and copy.training.file == data.training.file
    moved = data.training.to(torch.device("cpu"))
    del data, copy
    gc.collect()
    assert not list(cache.iterdir()) and not {one for one in ending.temporary if one.parent == cache}
    assert moved.pixels.sum() > 0  # what is mapped stays readable


@pytest.mark.usefixtures("no_room")
def test_a_picture_that_cannot_be_decoded_leaves_no_file(photos: Path, tmp_path: Path) -> None:
    found = split(str(photos), resize=8)
    whole = (photos / "dark" / "13.png").read_bytes()
    (photos / "dark" / "13.png").write_bytes(whole[: len(whole) // 2])
    with pytest.warns(DataWarning), pytest.raises(UnreadableData, match=r"dark/13\.png"):
        decoded([found.training, found.validation], tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


@pytest.mark.usefixtures("no_room")
def test_a_full_disk_is_said_before_anything_is_decoded(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with (
        pytest.warns(DataWarning),
        pytest.raises(Unwritable, match=r"cannot be written \(No space left on device\)"),
    ):
        training_data(str(photos), cache=tmp_path / "cache", resize=8)
    assert not list((tmp_path / "cache").iterdir())


class Elsewhere(InProcess):
    """Does jobs as another process would, which gets everything as bytes; from the last to the first."""

    def run(self, setup: Any, jobs: Any) -> Any:
        for number, job in reversed([*enumerate(jobs)]):
            yield number, pickle.loads(pickle.dumps(setup))()(job)


@pytest.mark.usefixtures("no_room")
def test_several_processes_decode_files_and_get_the_same(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.warns(DataWarning):
        alone = training_data(str(photos), cache=tmp_path, resize=8)
    asked: list[int] = []
    monkeypatch.setattr(images, "usable_cores", lambda: 3)
    monkeypatch.setattr(images, "local", lambda workers: asked.append(workers) or Elsewhere())
    with pytest.warns(DataWarning):
        together = training_data(str(photos), cache=tmp_path, resize=8)
    # 24 images to learn from in parts of 5, and 4 to judge by in one. What is in memory already is sent nowhere.
    assert together.digest == alone.digest and asked == [3, 1]
    with pytest.warns(DataWarning):
        decoded([image_set(np.stack([np.full((8, 8, 3), value, np.uint8) for value in (0, 9)]), [0, 1])], tmp_path)
    assert asked == [3, 1, 1]


@pytest.mark.usefixtures("no_room")
def test_a_network_learns_from_a_file_at_resolution_224(photos: Path, tmp_path: Path) -> None:
    pytest.importorskip("lightning", reason="the extra `train` is not installed")
    for path in photos.glob("*/*[3-9].png"):
        path.unlink()
    with pytest.warns(DataWarning):
        data = training_data(str(photos), cache=tmp_path / "cache", resize=256, crop=224)
    assert (data.resolution, data.num_classes) == (224, 2)
    recipe = small_recipe(epochs=1, batch_size=4)
    record = nl.train(small_architecture(), data, recipe, tmp_path / "out")
    assert len(record.epochs) == 1 and np.isfinite(record.epochs[0].loss)


def test_data_sets_of_torch_are_learned_from() -> None:
    pixels = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (20, 3, 8, 8), dtype=np.uint8))
    dataset = torch.utils.data.TensorDataset(pixels, torch.arange(20) % 2)
    data = nl.training_data(dataset, torch.utils.data.Subset(dataset, range(6)))
    assert (data.name, len(data.training), len(data.validation)) == ("TensorDataset", 20, 6)
    assert torch.equal(data.training.pixels, pixels.permute(0, 2, 3, 1))
