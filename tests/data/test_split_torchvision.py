from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import numpy as np
import pytest
from torchvision import datasets

from netlore.data import ImageSet, split
from netlore.errors import UnreadableData
from tests.data.conftest import picture


@pytest.fixture
def write_cifar(tmp_path, monkeypatch):
    """Writes both CIFARs as torchvision keeps them, with few images, and makes these files the known ones."""

    def known(folder: Path, name: str, value: dict[str, object]) -> list[str]:
        data = pickle.dumps(value)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
        return [name, hashlib.md5(data).hexdigest()]

    def batch(labels: list[int], key: str, start: int) -> dict[str, object]:
        pixels = (start + np.arange(len(labels)))[:, None] * np.ones((1, 3_072), dtype=int)
        return {"data": pixels.astype(np.uint8), key: labels}

    def write(kind: str = "CIFAR10") -> Path:
        data = getattr(datasets, kind)
        folder = tmp_path / "cifar" / data.base_folder
        key = "labels" if kind == "CIFAR10" else "fine_labels"
        files = [name for name, _ in data.train_list]
        train = [known(folder, name, batch([1, 0], key, 10 * n)) for n, name in enumerate(files)]
        test = [known(folder, data.test_list[0][0], batch([0, 1, 1], key, 200))]
        _, md5 = known(folder, data.meta["filename"], {data.meta["key"]: ["cat", "dog"]})
        monkeypatch.setattr(data, "train_list", train)
        monkeypatch.setattr(data, "test_list", test)
        monkeypatch.setattr(data, "meta", {**data.meta, "md5": md5})
        return folder

    return write


def first_pixels(data: ImageSet) -> list[int]:
    return data.images.read(np.arange(len(data)))[:, 0, 0, 0].tolist()


@pytest.mark.parametrize("kind", ["CIFAR10", "CIFAR100"])
def test_a_folder_of_torchvision_is_read_as_it_is(write_cifar, kind):
    folder = write_cifar(kind)
    for path in (folder, folder.parent):
        result = split(str(path))
        batches = len(getattr(datasets, kind).train_list)
        assert first_pixels(result.training) == [10 * n + i for n in range(batches) for i in (0, 1)]
        assert result.training.labels.tolist() == [1, 0] * batches
        assert first_pixels(result.validation) == [200, 201, 202]
        assert result.validation.labels.tolist() == [0, 1, 1]
        assert (result.class_names, result.mirrors) == (("cat", "dog"), True)
    assert result.training.mean[0] == result.validation.mean[0] == (0.4914 if kind == "CIFAR10" else 0.50708)


def test_the_folder_can_be_given_from_inside(write_cifar, monkeypatch):
    monkeypatch.chdir(write_cifar())
    assert len(split(".").validation) == 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "data_batch_3").unlink(),
        lambda folder: (folder / "test_batch").write_bytes(b"x"),
        lambda folder: (folder / "batches.meta").unlink(),
        lambda folder: [path.unlink() for path in folder.iterdir()],
    ],
)
def test_a_damaged_folder_of_torchvision_is_refused_in_one_line(write_cifar, spoil):
    folder = write_cifar()
    spoil(folder)
    with pytest.raises(UnreadableData) as caught:
        split(str(folder.parent))
    assert str(caught.value) == (
        f"{folder} must hold the files of CIFAR10 that torchvision downloads, but one is missing or damaged; "
        "fetch them again."
    )


def test_a_folder_with_both_cifars_is_refused(write_cifar):
    path = write_cifar("CIFAR10").parent
    write_cifar("CIFAR100")
    with pytest.raises(
        UnreadableData, match="holds cifar-10-batches-py and cifar-100-python; give the path of one"
    ):
        split(str(path))


def test_a_validation_path_gives_what_it_sets_apart(write_cifar, write_parquet):
    path = write_cifar()
    training = write_parquet([0, 1], [picture(0, 32, 32), picture(1, 32, 32)], ["cat", "dog"])
    assert first_pixels(split(str(training), str(path)).validation) == [200, 201, 202]
