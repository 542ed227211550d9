from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError

import numpy as np
import pytest

from netlore.data import load, split, task
from netlore.data.sources.torchvision import cache_folder, datasets
from netlore.errors import UnreadableData


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (URLError("no route"), "<urlopen error no route>"),
        (RuntimeError("Dataset corrupted.\nMore"), "Dataset corr"),
    ],
)
@pytest.mark.parametrize(("name", "kind"), [("cifar10", "CIFAR10"), ("cifar100", "CIFAR100")])
def test_without_a_network_one_line_says_what_to_do(monkeypatch, tmp_path, error, reason, name, kind):
    def fail(*_args: object, **_options: object) -> None:
        raise error

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(datasets, kind, fail)
    with pytest.raises(UnreadableData) as caught:
        task(f"torchvision/{name}")
    message = str(caught.value)
    assert message.startswith(f"torchvision/{name} must be in {tmp_path / 'netlore'} or be downloaded")
    assert reason in message and f"use {name}, which comes with netlore" in message and "\n" not in message


def test_what_torchvision_reads_becomes_a_set_and_stdout_stays_empty(monkeypatch, tmp_path, capsys):
    def fake(root: str, train: bool, download: bool) -> SimpleNamespace:
        print("Files already downloaded")
        assert (root, train, download) == (str(tmp_path / "netlore"), True, True)
        data = np.arange(4 * 32 * 32 * 3).astype(np.uint8).reshape(4, 32, 32, 3)
        return SimpleNamespace(data=data, targets=[1, 0, 1, 0], classes=["cat", "dog"])

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(datasets, "CIFAR10", fake)
    data = load("torchvision/cifar10")
    assert data.labels.tolist() == [1, 0, 1, 0] and data.labels.dtype == np.int64
    assert data.class_names == ("cat", "dog")
    assert data.mean == (0.49140, 0.48216, 0.44653)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["cifar10", "torchvision/cifar10", "cifar100", "torchvision/cifar100"])
def test_to_learn_from_the_whole_set_is_read_whatever_its_name(monkeypatch, tmp_path, capsys, name):
    def fake(root: str, train: bool, download: bool) -> SimpleNamespace:
        print("Files already downloaded")
        assert (root, download) == (str(tmp_path / "netlore"), True)
        labels = [1, 0, 1] if train else [0, 1]
        data = np.full((len(labels), 32, 32, 3), 7 if train else 8, dtype=np.uint8)
        return SimpleNamespace(data=data, targets=labels, classes=["cat", "dog"])

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(datasets, name.removeprefix("torchvision/").upper(), fake)
    result = split(name)
    assert (result.training.labels.tolist(), result.validation.labels.tolist()) == ([1, 0, 1], [0, 1])
    assert result.training.images.read(np.array([0])).max() == 7
    assert result.validation.images.read(np.array([0])).max() == 8
    published = (0.50708, 0.48655, 0.44092) if name.endswith("100") else (0.49140, 0.48216, 0.44653)
    assert result.training.mean == result.validation.mean == published
    assert result.mirrors and capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["cifar10", "torchvision/cifar10"])
def test_what_cannot_be_downloaded_to_learn_from_is_refused_in_one_line(monkeypatch, tmp_path, name):
    def fail(*_args: object, **_options: object) -> None:
        raise URLError("no route")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(datasets, "CIFAR10", fail)
    with pytest.raises(UnreadableData) as caught:
        split(name)
    assert str(caught.value) == (
        f"to be learned from, all of cifar10 must be in {tmp_path / 'netlore'} or be downloaded into it, but that "
        "failed (<urlopen error no route>); connect to a network, or give the path of a .parquet file or of a "
        "folder of torchvision's with --data."
    )


def test_the_cache_is_in_the_home_folder_unless_named(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == Path.home() / ".cache" / "netlore"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "netlore"
