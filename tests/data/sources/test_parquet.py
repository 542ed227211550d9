from __future__ import annotations

import os
import tracemalloc

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from netlore.data import load, read_parquet, split, task
from netlore.data.sources.parquet import class_names
from netlore.data.sources.pictures import decode
from netlore.errors import DataWarning, UnreadableData
from tests.data.conftest import picture

LABELS = [1, 0, 2, 1, 0, 2, 1, 0]


@pytest.mark.parametrize("columns", [("img", "label"), ("image", "label"), ("img", "fine_label")])
def test_both_names_of_each_column_are_understood(write_parquet, columns):
    data = read_parquet(write_parquet(LABELS, columns=columns, names=["a", "b", "c"]))
    assert data.class_names == ("a", "b", "c")
    assert data.labels.tolist() == LABELS


def test_images_come_in_the_order_asked_for_across_row_groups(write_parquet):
    path = write_parquet(LABELS)
    asked = np.array([7, 0, 3, 3, 5])
    encoded = [row["bytes"] for row in pq.read_table(path).column("img").to_pylist()]
    expected = [decode(encoded[index]) for index in asked]
    assert np.array_equal(read_parquet(path).images.read(asked), np.stack(expected))


def test_files_of_a_folder_are_one_set_in_alphabetical_order(write_parquet):
    write_parquet([2, 1], file="set/b.parquet")
    first = write_parquet([0, 1, 0], file="set/a.parquet")
    data = read_parquet(first.parent)
    assert data.labels.tolist() == [0, 1, 0, 2, 1]
    # Both files number their pictures from 0, so picture 0 stands at 0 and at 3.
    pixels = data.images.read(np.array([0, 3]))
    assert np.array_equal(pixels[0], pixels[1])
    assert task(str(first.parent), 3).num_classes == 3


def test_files_that_do_not_belong_together_are_refused(write_parquet):
    write_parquet([0, 1], file="set/a.parquet", names=["cat", "dog"])
    path = write_parquet([0, 1], file="set/b.parquet", names=["ship", "car"])
    with pytest.raises(UnreadableData, match=r"share their classes, but b\.parquet and a\.parquet do not"):
        task(str(path.parent))


def test_empty_files_add_nothing_and_alone_are_refused(write_parquet):
    empty = write_parquet([], file="set/a.parquet")
    with pytest.raises(UnreadableData, match=r"a\.parquet has no rows"):
        read_parquet(empty)
    write_parquet([0, 1], file="set/b.parquet")
    assert len(read_parquet(empty.parent)) == 2


def test_classes_without_names_are_counted_by_the_largest_label(write_parquet):
    assert read_parquet(write_parquet([0, 4])).class_names == ("0", "1", "2", "3", "4")


@pytest.mark.parametrize(
    ("labels", "names", "kind", "message"),
    [
        ([0, 1, 2], ["a", "b"], None, r"labels of data\.parquet must lie in 0\.\.1, but row 2 has 2"),
        ([0, -1, 1], ["a", "b"], None, r"must lie in 0\.\.1, but row 1 has -1"),
        ([0, -1, 1], None, None, r"must lie in 0\.\.1, but row 1 has -1"),
        ([-1, -1], None, None, r"must lie in 0\.\.0, but row 0 has -1"),
        ([0, 10**12], None, None, r"must lie in 0\.\.99999, but row 1 has 1000000000000"),
        ([0, 2**64 - 1], None, pa.uint64(), "row 1 has -1"),
        ([0, 0], None, None, "at least 2 classes, but has 2 images of 1"),
        ([0, None, 1], None, None, r"row 1 of data\.parquet has none; remove or label it"),
        ([0.0, 1.0], None, pa.float64(), r"label of data\.parquet has the type double"),
    ],
)
def test_labels_that_do_not_fit_are_refused(write_parquet, labels, names, kind, message):
    with pytest.raises(UnreadableData, match=message):
        task(str(write_parquet(labels, names=names, label_type=kind)), 2)


def test_missing_columns_are_refused_with_those_there_are(write_parquet):
    with pytest.raises(UnreadableData, match=r"images named img or image, but .* has picture, label; name one by"):
        task(str(write_parquet(LABELS, columns=("picture", "label"))))
    with pytest.raises(UnreadableData, match=r"labels named label or fine_label, but .* has img, class; name one"):
        task(str(write_parquet(LABELS, columns=("img", "class"))))


def test_columns_of_other_names_are_read_on_request(write_parquet):
    usual = task(str(write_parquet(LABELS, names=["a", "b", "c"])), 4)
    path = str(write_parquet(LABELS, names=["a", "b", "c"], columns=("picture", "kind"), file="other.parquet"))
    assert task(path, 4, image_column="picture", label_column="kind").digest == usual.digest
    assert load(path, image_column="picture", label_column="kind").class_names == ("a", "b", "c")
    with pytest.raises(UnreadableData, match=r"labels named sort, but .* has picture, kind; name one by --label-"):
        task(path, image_column="picture", label_column="sort")


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())])
def test_texts_are_classes_in_alphabetical_order(write_parquet, kind):
    path = write_parquet(["owl", "ant", "cow", "ant"], label_type=kind, file="set/a.parquet")
    write_parquet(["bee", "owl"], label_type=kind, file="set/b.parquet")
    data = read_parquet(path.parent)
    assert data.class_names == ("ant", "bee", "cow", "owl")
    assert data.labels.tolist() == [3, 0, 2, 0, 1, 3]


def test_whole_numbers_may_be_stored_as_categories(write_parquet):
    data = read_parquet(write_parquet([2, 0, 1], label_type=pa.dictionary(pa.int8(), pa.int64())))
    assert data.labels.tolist() == [2, 0, 1] and data.class_names == ("0", "1", "2")


def test_texts_next_to_numbers_and_too_many_texts_are_refused(write_parquet, monkeypatch):
    path = write_parquet(["owl", "ant"], label_type=pa.string(), file="set/a.parquet")
    write_parquet([0, 1], file="set/b.parquet")
    with pytest.raises(UnreadableData, match=r"share their classes, but b\.parquet and a\.parquet do not"):
        read_parquet(path.parent)
    monkeypatch.setattr("netlore.data.sources.columns.MOST_UNNAMED_CLASSES", 1)
    with pytest.raises(UnreadableData, match=r"label of a\.parquet has 2 different texts; name another column"):
        read_parquet(path)


def test_labels_that_begin_at_one_are_said(write_parquet):
    path = str(write_parquet([1, 2] * 4))
    with pytest.warns(DataWarning, match="labels begin at 1, so class 0 of 3 has no image, and networks"):
        assert task(path, 2).num_classes == 3
    with pytest.warns(DataWarning, match="labels begin at 1"):
        split(path)


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()])
def test_images_may_be_bytes_alone(write_parquet, tmp_path, kind):
    usual = read_parquet(write_parquet(LABELS))
    images = pa.array([picture(number) for number in range(len(LABELS))], kind)
    pq.write_table(pa.table({"image": images, "label": LABELS}), tmp_path / "plain.parquet", row_group_size=3)
    every = np.arange(len(LABELS))
    found = read_parquet(tmp_path / "plain.parquet")
    assert np.array_equal(found.images.read(every), usual.images.read(every))


def test_images_of_another_type_are_refused(tmp_path):
    pq.write_table(pa.table({"img": ["a.png"], "label": [0]}), tmp_path / "paths.parquet")
    with pytest.raises(UnreadableData, match=r"img of paths\.parquet has the type string; save"):
        task(str(tmp_path / "paths.parquet"))
    texts = pa.array([{"bytes": "text"}] * 2, pa.struct([("bytes", pa.string())]))
    pq.write_table(pa.table({"img": texts, "label": [0, 1]}), tmp_path / "texts.parquet")
    with pytest.raises(
        UnreadableData, match=r"img of texts\.parquet has the type struct<bytes: .*string.*>; save"
    ):
        task(str(tmp_path / "texts.parquet"))


@pytest.mark.parametrize("row", [0, 5])
@pytest.mark.parametrize(("data", "message"), [(None, "no bytes: write the"), (b"junk", "not an image file")])
def test_rows_without_a_readable_image_are_named_together(write_parquet, png_of, row, data, message):
    pictures = [png_of(4, 4)] * len(LABELS)
    pictures[row] = pictures[6] = data
    path = str(write_parquet(LABELS, pictures))
    words = rf"row {row} of data\.parquet \({message}.*\), row 6 of data\.parquet \({message}"
    with pytest.raises(UnreadableData, match=rf"2 of 8 in data\.parquet cannot be used: {words}"):
        task(path, 6)


def test_rows_without_a_readable_image_are_left_out_on_request(write_parquet):
    pictures = [picture(number) for number in range(len(LABELS))]
    pictures[2], pictures[6] = None, b"junk"
    with pytest.warns(DataWarning, match=r"2 of 8 images in data\.parquet are left out: row 2 of .* \(no bytes"):
        left = load(str(write_parquet(LABELS, pictures)), skip_bad=True)
    kept = [0, 1, 3, 4, 5, 7]
    assert left.labels.tolist() == [LABELS[number] for number in kept]
    assert np.array_equal(left.images.read(np.arange(6)), np.stack([decode(pictures[number]) for number in kept]))


def test_where_there_are_too_many_to_look_at_those_that_are_read_are_named(write_parquet, monkeypatch):
    pictures = [picture(number) for number in range(len(LABELS))]
    data = read_parquet(write_parquet(LABELS, pictures))
    pictures[4] = pictures[5] = b"junk"
    write_parquet(LABELS, pictures)
    monkeypatch.setattr("netlore.data.sources.encoded.MOST_LOOKED_AT", 4)
    with pytest.raises(UnreadableData, match=r"but 1 of 8 in .* used: row 4 of data\.parquet \("):
        data.images.read(np.array([3, 4]))


def test_images_of_differing_sizes_or_not_square_are_refused(write_parquet, png_of):
    pictures = [png_of(4, 4)] * len(LABELS)
    pictures[4] = png_of(6, 6)
    with pytest.raises(UnreadableData, match=r"1 has another size \(row 4 of data\.parquet is 6 x 6, the"):
        task(str(write_parquet(LABELS, pictures)))
    oblong = str(write_parquet(LABELS, [png_of(6, 4)] * len(LABELS)))
    with pytest.raises(UnreadableData, match=r"8 are not square \(row 0 of data\.parquet is 6 x 4\); --resize R"):
        task(oblong)
    assert task(oblong, 4, resize=8).images.shape == (4, 3, 8, 8)


def test_files_that_are_damaged_or_no_parquet_are_refused(write_parquet, tmp_path):
    path = write_parquet(LABELS)
    whole = path.read_bytes()
    for name, data in [("cut.parquet", whole[:-100]), ("text.parquet", b"hello"), ("empty.parquet", b"")]:
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UnreadableData, match=f"{name} must be a whole Parquet file") as caught:
            task(str(tmp_path / name))
        assert "\n" not in str(caught.value)
    path.write_bytes(whole[:4] + b"\xff" * 200 + whole[204:])
    with pytest.raises(UnreadableData, match="must be a whole Parquet file"):
        task(str(path))


@pytest.mark.parametrize("metadata", [None, {}, {b"huggingface": b"{"}, {b"huggingface": b'{"info": null}'}])
def test_metadata_without_class_names_are_no_error(metadata):
    assert class_names(metadata, "label") == ()


def test_of_20000_rows_only_the_sample_and_the_batch_are_decoded(cifar, rows_read):
    result = task(str(cifar / "cifar10-train-20k.parquet"), 64)
    assert sum(rows_read) == 1 + 2_000 + 64
    assert result.labels.bincount().tolist().count(6) == 6
    assert abs(result.images.mean()) < 0.2


def test_statistics_of_20000_images_are_close_to_the_published_ones(cifar):
    data = read_parquet(cifar / "cifar100-train-20k.parquet")
    assert data.mean == pytest.approx((0.50708, 0.48655, 0.44092), abs=0.01)
    assert data.std == pytest.approx((0.26733, 0.25644, 0.27615), abs=0.01)
    assert data.class_names[0] == "apple" and data.num_classes == 100


@pytest.mark.parametrize("twice", ["label", "image"])
def test_two_columns_of_one_name_are_refused(twice, tmp_path):
    names = ["image", "label", twice]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    images = pa.array([{"bytes": picture(i), "path": None} for i in range(4)], kind)
    columns = {"image": images, "label": pa.array([0, 1, 0, 1])}
    pq.write_table(pa.table([columns[name] for name in names], names=names), tmp_path / "joined.parquet")
    with pytest.raises(UnreadableData) as caught:
        task(str(tmp_path / "joined.parquet"), 2)
    assert str(caught.value) == (
        f"a column of {twice}s must be the only one of its name, but joined.parquet has 2 called {twice}; rename "
        "or drop the others."
    )


def test_a_file_that_unpacks_to_far_more_is_refused(tmp_path):
    same = pa.DictionaryArray.from_arrays(np.zeros(100_000, dtype=np.int32), [b"x" * 100_000])
    images = pa.StructArray.from_arrays([same], ["bytes"])
    pq.write_table(pa.table({"img": images, "label": np.zeros(100_000, dtype=np.int64)}), tmp_path / "a.parquet")
    with pytest.raises(UnreadableData, match=r"a\.parquet must be .* \(it has 100,000 rows in [\d,]+ bytes"):
        read_parquet(tmp_path / "a.parquet")


def test_one_image_in_many_rows_is_held_once(tmp_path):
    data = picture(0) + b"\0" * 50_000  # decoders leave out what follows a picture
    same = pa.DictionaryArray.from_arrays(np.zeros(9_000, dtype=np.int32), [data])
    table = pa.table({"img": pa.StructArray.from_arrays([same], ["bytes"]), "label": np.arange(9_000) % 2})
    pq.write_table(table, tmp_path / "a.parquet")
    tracemalloc.start()
    try:
        before = pa.total_allocated_bytes()
        assert read_parquet(tmp_path / "a.parquet").images.read(np.array([0, 8_999])).shape[0] == 2
        assert tracemalloc.get_traced_memory()[1] + pa.total_allocated_bytes() - before < 2**25, "450 MB are not"
    finally:
        tracemalloc.stop()


def test_a_pipe_is_no_data_set(tmp_path):
    os.mkfifo(tmp_path / "a.parquet")
    with pytest.raises(UnreadableData, match=r"a\.parquet must be a whole Parquet file, but .* \(.*it is a pipe"):
        read_parquet(tmp_path / "a.parquet")
