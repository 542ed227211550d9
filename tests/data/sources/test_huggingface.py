"""Data sets of Hugging Face's `datasets`, made here and read from a disk; no network."""

from __future__ import annotations

import builtins
import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netlore.data import split, task
from netlore.data.registry import load
from netlore.data.sources.pictures import decode
from netlore.errors import DataWarning, UnreadableData
from tests.data.conftest import picture

datasets = pytest.importorskip("datasets", reason="needs the extra huggingface")

LABELS = [1, 0, 2, 1, 0, 2, 1, 0]
CLASSES = datasets.ClassLabel(names=["<b>cat</b>", "dog", "owl"])


def table(labels: list[int | None] = LABELS, **columns: Any) -> Any:
    """Pictures 0, 1, ... with these labels; other columns as they are given: values and a feature."""
    given = {
        "image": ([{"bytes": picture(n), "path": None} for n in range(len(labels))], datasets.Image()),
        "label": (labels, CLASSES),
    } | columns
    features = datasets.Features({name: feature for name, (_, feature) in given.items()})
    return datasets.Dataset.from_dict({name: values for name, (values, _) in given.items()}, features)


@pytest.fixture(autouse=True)
def quiet() -> Any:
    datasets.disable_progress_bars()
    yield
    datasets.enable_progress_bars()


def saved(folder: Path, data: Any) -> str:
    data.save_to_disk(folder)
    return str(folder)


def test_a_saved_table_has_its_pictures_labels_and_names(tmp_path: Path) -> None:
    data = load(saved(tmp_path / "set", table()))
    assert data.class_names == ("<b>cat</b>", "dog", "owl") and data.labels.tolist() == LABELS
    asked = np.array([7, 0, 3])
    expected = np.stack([decode(picture(n)) for n in (7, 0, 3)])
    assert np.array_equal(data.images.read(asked), expected)
    assert np.array_equal(pickle.loads(pickle.dumps(data.images)).read(asked), expected)
    assert task(str(tmp_path / "set"), 3).num_classes == 3


def test_parts_are_learned_from_and_judged_by(tmp_path: Path) -> None:
    parts = datasets.DatasetDict({"test": table([0, 1]), "validation": table([2, 1, 0]), "train": table(LABELS)})
    name = saved(tmp_path / "set", parts)
    found = split(name)
    assert (len(found.training), len(found.validation)) == (8, 3)
    assert len(load(name)) == 8
    with pytest.raises(UnreadableData, match=r"must have the part train, but .* has test"):
        load(saved(tmp_path / "other", datasets.DatasetDict({"test": table()})))


def test_a_table_without_parts_gives_up_a_tenth(tmp_path: Path) -> None:
    found = split(saved(tmp_path / "set", table(LABELS * 3)))
    assert (len(found.training), len(found.validation)) == (21, 3)


def test_a_name_is_read_from_the_cache_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache is what `datasets` itself makes of files here, under the name that one of the hub would have."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    files = {"train": str(tmp_path / "train.parquet"), "test": str(tmp_path / "test.parquet")}
    table().to_parquet(files["train"])
    table([0, 1]).to_parquet(files["test"])
    datasets.load_dataset("parquet", data_files=files)
    made = next((tmp_path / "cache").rglob("dataset_info.json")).parent
    cached = made.rename(tmp_path / "birds")
    for file in cached.glob("parquet-*"):
        file.rename(file.with_name(file.name.replace("parquet", "birds", 1)))
    place = tmp_path / "cache" / "somebody___birds" / "default" / "0.0.0"
    place.mkdir(parents=True)
    cached.rename(place / "0123abcd")
    assert load("huggingface/somebody/birds").labels.tolist() == LABELS
    assert len(split("huggingface/somebody/birds").validation) == 2


def test_a_name_that_nobody_has_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    with pytest.raises(
        UnreadableData, match=r"'huggingface/no/such' cannot be read .* connect to a network"
    ) as seen:
        load("huggingface/no/such")
    assert "\n" not in str(seen.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (lambda: table().remove_columns("label"), r"type ClassLabel, .* has image \(Image\); cast or rename"),
        (lambda: table().remove_columns("image"), r"one column of the type Image, .* has label \(ClassLabel\)"),
        (lambda: table(label=(LABELS, datasets.Value("int64"))), r"label \(Value\); cast"),
        (lambda: table([0, None, 1]), "but of 3 rows .* 1 have none"),
        (lambda: table([0, -1, 1]), r"must lie in 0\.\.2, but row 1 has -1"),
        (lambda: table([0] * 8), "at least 2 classes"),
        (lambda: table(image=([None] * 8, datasets.Image())), r"8 of 8 in .*row 0 of .* \(no bytes: save_to_disk"),
        (
            lambda: table(image=([{"bytes": b"%!PS-Adobe-3.0 EPSF", "path": None}] * 8, datasets.Image())),
            "whole PNG, JPEG, .* but 8 of 8 in",
        ),
    ],
    ids=["no labels", "no images", "numbers", "a gap", "unlabelled", "one class", "no bytes", "PostScript"],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, data: Any, message: str) -> None:
    with pytest.raises(UnreadableData, match=message):
        load(saved(tmp_path / "set", data()))


def test_of_several_columns_the_usual_one_is_taken(tmp_path: Path) -> None:
    data = table(coarse_label=([0] * 8, CLASSES), thumb=([None] * 8, datasets.Image()))
    assert load(saved(tmp_path / "set", data)).labels.tolist() == LABELS


def test_columns_of_other_names_and_types_are_read_on_request(tmp_path: Path) -> None:
    usual = load(saved(tmp_path / "usual", table()))
    kinds = (["owl", "ant"] * 4, datasets.Value("string"))
    name = saved(tmp_path / "set", table(thumb=([picture(0)] * 8, datasets.Value("binary")), kind=kinds))
    found = load(name, label_column="kind")
    assert found.class_names == ("ant", "owl") and found.labels.tolist() == [1, 0] * 4
    every = np.arange(8)
    assert np.array_equal(found.images.read(every), usual.images.read(every))
    same = load(name, image_column="thumb").images.read(every)
    assert (same == decode(picture(0))).all()
    for options, message in (
        ({"image_column": "kind"}, r"kind of .* has the type string; save"),
        ({"label_column": "thumb"}, r"thumb of .* has the type binary; number"),
        ({"label_column": "sort"}, r"labels named sort, but .* has image, label, thumb, kind; name"),
    ):
        with pytest.raises(UnreadableData, match=message):
            load(name, **options)


def test_pictures_are_scaled_and_bad_ones_left_out_on_request(tmp_path: Path) -> None:
    files = [{"bytes": b"x" if number == 5 else picture(number, 6, 4), "path": None} for number in range(8)]
    name = saved(tmp_path / "set", table(image=(files, datasets.Image())))
    with pytest.raises(UnreadableData, match=r"7 are not square \(row 0 .*; also, 1 of 8 in .* row 5 of"):
        load(name)
    for _ in range(2):
        with pytest.warns(DataWarning, match="1 of 8 images"):
            found = load(name, resize=4, skip_bad=True)
        assert len(found) == 7 and found.images.read(np.arange(7)).shape == (7, 4, 4, 3)


def test_test_images_next_to_others_for_validation_are_kept_apart(tmp_path: Path) -> None:
    parts = {"test": table([0, 1]), "validation": table([2, 1, 0]), "train": table(LABELS)}
    name = saved(tmp_path / "set", datasets.DatasetDict(parts))
    found = split(name, test=True)
    assert found.test is not None and (len(found.validation), len(found.test)) == (3, 2)
    assert found.test.mean == found.training.mean and split(name).test is None


def test_a_folder_that_points_outside_or_to_a_pipe_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    name = saved(folder, table())
    state = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps({**state, "_data_files": [{"filename": "../x.arrow"}]}))
    with pytest.raises(UnreadableData, match=r"'\.\./x\.arrow' is no name of a file in the folder"):
        load(name)
    os.mkfifo(folder / "pipe")
    (folder / "state.json").write_text(json.dumps({**state, "_data_files": [{"filename": "pipe"}]}))
    with pytest.raises(UnreadableData, match="pipe is no file of the folder"):
        load(name)
    (folder / "state.json").write_text("{}")
    with pytest.raises(UnreadableData, match="write it again by save_to_disk"):
        load(name)


def test_without_the_package_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, importing = saved(tmp_path / "set", table()), builtins.__import__

    def without(package: str, *more: Any) -> Any:
        if package == "datasets":
            raise ImportError(package)
        return importing(package, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UnreadableData, match=r"install netlore\[huggingface\]"):
        load(name)
