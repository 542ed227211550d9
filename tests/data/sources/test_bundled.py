from __future__ import annotations

import hashlib
from collections import Counter
from importlib.resources import files

import numpy as np
import pyarrow.parquet as pq
import pytest

from netlore.data import load, read_parquet

BUNDLED = files("netlore.data") / "bundled"
SETS = {"cifar10": ("label", 10, 64), "cifar100": ("fine_label", 100, 6)}


@pytest.mark.parametrize("name", SETS)
def test_every_class_has_the_same_number_of_different_images(name):
    _, classes, each = SETS[name]
    data = load(name)
    assert np.bincount(data.labels, minlength=classes).tolist() == [each] * classes
    pixels = data.images.read(np.arange(len(data)))
    assert pixels.shape == (classes * each, 32, 32, 3) and pixels.dtype == np.uint8
    assert len({image.tobytes() for image in pixels}) == len(data)


@pytest.mark.parametrize("name", SETS)
def test_rows_are_shuffled(name):
    labels = load(name).labels
    assert np.count_nonzero(np.diff(labels) == 0) < len(labels) / 5


def test_class_names_and_published_statistics_come_along():
    small, large = load("cifar10"), load("cifar100")
    assert small.class_names[0] == "airplane" and small.class_names[9] == "truck"
    assert large.class_names[0] == "apple" and large.class_names[99] == "worm"
    assert (small.mean, small.std) == ((0.49140, 0.48216, 0.44653), (0.24703, 0.24349, 0.26159))
    assert (large.mean, large.std) == ((0.50708, 0.48655, 0.44092), (0.26733, 0.25644, 0.27615))


@pytest.mark.parametrize("name", SETS)
def test_pixels_and_labels_are_those_of_the_source(name, cifar):
    source_path = cifar / f"{name}-train-20k.parquet"
    column = SETS[name][0]
    probe, source = pq.read_table(BUNDLED / f"{name}-probe.parquet"), pq.read_table(source_path)
    assert probe.schema.equals(source.schema, check_metadata=True)
    where = {row["path"]: index for index, row in enumerate(source.column("img").to_pylist())}
    rows = [where[row["path"]] for row in probe.column("img").to_pylist()]
    assert source.column(column).take(rows).to_pylist() == probe.column(column).to_pylist()
    whole = read_parquet(source_path)
    expected = whole.images.read(np.array(rows))
    assert np.array_equal(load(name).images.read(np.arange(len(rows))), expected)


def test_the_data_card_states_the_checksums_and_sizes():
    card = (BUNDLED / "DATA_CARD.md").read_text(encoding="utf-8")
    for name in SETS:
        data = (BUNDLED / f"{name}-probe.parquet").read_bytes()
        assert hashlib.sha256(data).hexdigest() in card
        assert f"{len(data):,}" in card
    assert "Krizhevsky" in card and "2009" in card
    assert Counter(line.split("|")[1].strip() for line in card.splitlines() if "-probe.parquet`" in line) == {
        "`cifar10-probe.parquet`": 1,
        "`cifar100-probe.parquet`": 1,
    }
