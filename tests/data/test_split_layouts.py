from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from netlore.data import load, read_parquet, split, task
from netlore.errors import DataWarning, InvalidInput, UnreadableData
from tests.data.conftest import picture

LABELS = [0, 1] * 10


@pytest.fixture
def write_folder(tmp_path):
    """Writes a folder of class folders, each with a number of images of a size."""

    def write(place: str, classes: dict[str, int], size: int = 4) -> Path:
        for number, (name, count) in enumerate(classes.items()):
            folder = tmp_path / place / name
            folder.mkdir(parents=True)
            for index in range(count):
                (folder / f"{index}.png").write_bytes(picture(100 * number + index, size, size))
        return tmp_path / place

    return write


def test_a_tenth_of_each_class_of_a_file_is_held_out(write_parquet):
    result = split(str(write_parquet(LABELS * 3, names=["ant", "bee"])))
    assert (len(result.training), len(result.validation), result.mirrors) == (54, 6, True)
    assert np.bincount(result.validation.labels).tolist() == [3, 3]
    pixels = result.training.images.read(np.arange(54)) / 255
    assert result.training.mean == pytest.approx(pixels.mean((0, 1, 2)))
    assert (result.validation.mean, result.validation.std) == (result.training.mean, result.training.std)


def test_a_given_validation_file_leaves_all_others_to_training(write_parquet):
    training = write_parquet(LABELS, names=["ant", "bee"], file="a.parquet")
    validation = write_parquet([1, 0, 1], names=["ant", "bee"], file="b.parquet")
    result = split(str(training), str(validation))
    whole = read_parquet(training)
    assert len(result.training) == 20 and result.validation.labels.tolist() == [1, 0, 1]
    assert result.training.mean == result.validation.mean == whole.mean
    assert result.validation.mean != read_parquet(validation).mean


def test_a_validation_file_without_names_may_lack_the_last_classes(write_parquet):
    training = write_parquet([0, 1, 2, 3], file="a.parquet")
    fewer = write_parquet([0, 1, 1], file="b.parquet")
    more = write_parquet([0, 4], file="c.parquet")
    assert split(str(training), str(fewer)).validation.num_classes == 4
    with pytest.raises(UnreadableData, match=r"the validation set must lie in 0\.\.3, but row 1 has 4"):
        split(str(training), str(more))


def test_other_classes_and_another_size_are_refused(write_parquet):
    training = str(write_parquet(LABELS, names=["ant", "bee"], file="a.parquet"))
    other = write_parquet(LABELS, names=["ant", "cat"], file="b.parquet")
    with pytest.raises(UnreadableData, match="same classes, but only training has 'bee'; give both"):
        split(training, str(other))
    larger = write_parquet([0, 1], [picture(0, 5, 5), picture(1, 5, 5)], ["ant", "bee"], file="c.parquet")
    with pytest.raises(UnreadableData, match="one size, but are 4 x 4 and 5 x 5; resize"):
        split(training, str(larger))


def test_files_named_as_on_hugging_face_are_what_they_are_called(write_parquet):
    parts = {"train-00000-of-00002": [0, 0, 0], "train-00001-of-00002": [1, 1], "test-00000-of-00001": [1, 0]}
    for name, labels in parts.items():
        path = write_parquet(labels, names=["ant", "bee"], file=f"set/{name}.parquet")
    result = split(str(path.parent))
    assert result.training.labels.tolist() == [0, 0, 0, 1, 1]
    assert result.validation.labels.tolist() == [1, 0]
    # Images that are called validation go before those that are called test.
    write_parquet([0, 1, 1], names=["ant", "bee"], file="set/validation-00000-of-00001.parquet")
    assert split(str(path.parent)).validation.labels.tolist() == [0, 1, 1]


@pytest.mark.parametrize("files", [("a", "b"), ("train-0", "train-1"), ("test-0", "test-1")])
def test_other_files_of_a_folder_are_one_set(write_parquet, files):
    for file in files:
        path = write_parquet(LABELS, names=["ant", "bee"], file=f"set/{file}.parquet")
    result = split(str(path.parent))
    assert (len(result.training), len(result.validation)) == (36, 4)


def test_files_of_several_data_sets_are_refused(write_parquet):
    write_parquet(LABELS, names=["ant", "bee"], file="set/a.parquet")
    path = write_parquet(LABELS, names=["car", "bus"], file="set/b.parquet")
    with pytest.raises(UnreadableData, match=r"share their classes, but b\.parquet and a\.parquet do not"):
        split(str(path.parent))


def test_a_folder_of_classes_gives_up_a_tenth(image_folder):
    result = split(str(image_folder))
    assert (len(result.training), result.validation.labels.tolist()) == (6, [0, 1])
    assert result.class_names == ("ant", "cat")


@pytest.mark.parametrize("name", ["val", "validation", "valid", "test"])
def test_folders_for_training_and_validation_are_what_they_are_called(write_folder, name):
    write_folder("set/train", {"ant": 3, "bee": 4})
    validation = write_folder(f"set/{name}", {"ant": 2, "bee": 1})
    result = split(str(validation.parent))
    assert result.training.labels.tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert result.validation.labels.tolist() == [0, 0, 1]
    assert result.validation.mean == result.training.mean


def test_images_for_validation_go_before_those_for_the_test(write_folder):
    for name, count in (("train", 5), ("test", 4), ("val", 3)):
        path = write_folder(f"set/{name}", {"ant": count, "bee": count})
    assert len(split(str(path.parent)).validation) == 6


def test_test_images_next_to_others_for_validation_are_kept_apart_until_they_are_asked_for(write_folder):
    for name, count in (("train", 5), ("test", 4), ("val", 3)):
        path = write_folder(f"set/{name}", {"ant": count, "bee": count})
    assert split(str(path.parent)).test is None
    found = split(str(path.parent), test=True)
    assert found.test is not None and (len(found.validation), len(found.test)) == (6, 8)
    assert (found.test.mean, found.test.class_names) == (found.training.mean, ("ant", "bee"))
    # With images to judge by from elsewhere they are kept apart, too.
    (other,) = {write_folder("other", {"ant": 1, "bee": 1})}
    judged = split(str(path.parent), str(other), test=True)
    assert judged.test is not None and (len(judged.validation), len(judged.test)) == (2, 8)


def test_test_images_that_judge_are_not_kept_apart(write_folder):
    for name, count in (("train", 5), ("test", 4)):
        path = write_folder(f"set/{name}", {"ant": count, "bee": count})
    assert split(str(path.parent), test=True).test is None


def test_a_test_set_of_other_classes_is_refused(write_folder):
    for name in ("train", "val"):
        write_folder(f"set/{name}", {"ant": 4, "bee": 4})
    path = write_folder("set/test", {"ant": 2, "cow": 2})
    with pytest.raises(UnreadableData, match="only training has 'bee'"):
        split(str(path.parent), test=True)
    assert len(split(str(path.parent)).validation) == 8


def test_networks_are_scored_on_the_training_part_and_that_is_said(write_folder):
    for name, count in (("train", 5), ("test", 4), ("val", 3)):
        path = write_folder(f"set/{name}", {"ant": count, "bee": count})
    with pytest.warns(
        DataWarning, match=r"of .*set the images for training are taken, and none of val and test\."
    ):
        assert len(load(str(path.parent))) == 10
    with pytest.warns(DataWarning):
        assert task(str(path.parent), 4).digest == task(str(path.parent / "train"), 4).digest


@pytest.mark.parametrize("inner", ["data", "default/train", "plain"])
def test_parquet_files_in_a_folder_of_a_folder_are_found(write_parquet, inner):
    for part, labels in (("train", LABELS), ("test", [1, 0])):
        place = inner.replace("train", part) if "train" in inner else inner
        write_parquet(labels, file=f"set/{place}/{part}-0.parquet")
    path = write_parquet([0], file="elsewhere/a.parquet").parents[1] / "set"
    (path / "README.md").write_text("about")
    (path / ".git").mkdir()
    found = split(str(path))
    assert (len(found.training), found.validation.labels.tolist()) == (20, [1, 0])
    with pytest.warns(DataWarning, match="the images for training are taken, and none of test"):
        assert len(load(str(path))) == 20


def test_all_files_of_one_folder_are_scored_on_as_ever_and_that_is_said(write_parquet):
    write_parquet(LABELS, file="set/train-0.parquet")
    path = write_parquet([1, 0], file="set/test-0.parquet")
    with pytest.warns(DataWarning, match="all Parquet files of .* are drawn from, those that begin with test too"):
        assert len(load(str(path.parent))) == 22


def test_a_folder_with_tables_of_several_data_sets_is_refused(write_parquet):
    write_parquet(LABELS, file="set/fine/a.parquet")
    path = write_parquet(LABELS, file="set/coarse/a.parquet")
    for read in (load, split):
        with pytest.raises(
            UnreadableData, match="has tables in 2 folders, such as coarse and fine; give the path"
        ):
            read(str(path.parents[1]))


def test_pictures_of_all_parts_are_scaled(write_folder, tmp_path):
    write_folder("set/train", {"ant": 4, "bee": 4}, size=9)
    write_folder("set/val", {"ant": 2, "bee": 2}, size=5)
    path = write_folder("set/test", {"ant": 2, "bee": 2}, size=7)
    found = split(str(path.parent), test=True, resize=6)
    assert found.test is not None and found.resolution == found.test.images.resolution == 6
    for part in (found.training, found.validation, found.test):
        assert part.images.read(np.arange(4)).shape == (4, 6, 6, 3)


def test_a_given_validation_folder_replaces_the_one_set_apart(write_folder):
    for name, count in (("train", 5), ("val", 4)):
        path = write_folder(f"set/{name}", {"ant": count, "bee": count})
    other = write_folder("other", {"ant": 1, "bee": 2})
    result = split(str(path.parent), str(other))
    assert (len(result.training), len(result.validation)) == (10, 3)


def test_class_folders_that_differ_are_refused(write_folder):
    write_folder("set/train", {"0": 3, "1": 3, "2": 3})
    path = write_folder("set/val", {"0": 2, "1": 2})
    with pytest.raises(UnreadableData, match="only training has '2'; give both the same classes"):
        split(str(path.parent))


def test_a_folder_for_training_alone_is_refused_unless_train_is_a_class(write_folder):
    path = write_folder("set/train", {"ant": 3, "bee": 3}).parent
    with pytest.raises(
        UnreadableData, match=r"must also have validation, val, valid or test, but .*set has not; add"
    ):
        split(str(path))
    vehicles = write_folder("vehicles", {"car": 3, "train": 3})
    assert split(str(vehicles)).class_names == ("car", "train")


def test_folders_for_training_and_validation_may_hold_parquet_files(write_parquet):
    write_parquet(LABELS, file="set/train/a.parquet")
    path = write_parquet([1, 0], file="set/test/a.parquet")
    assert split(str(path.parent.parent)).validation.labels.tolist() == [1, 0]


def test_a_validation_path_that_overlaps_or_does_not_exist_is_refused(write_parquet):
    path = write_parquet(LABELS, file="set/a.parquet")
    for one, other in ((path, path), (path, path.parent), (path.parent, path), (path.parent / "../set", path)):
        with pytest.raises(
            InvalidInput, match=r"must lie apart from the training images, but .* overlap; give two"
        ):
            split(str(one), str(other))
    for name in ("nothing", "", "digits"):
        with pytest.raises(InvalidInput, match=f"validation set '{name}' is not an existing path; give"):
            split(str(path), name)


def test_a_path_with_the_name_of_a_data_set_can_be_given(image_folder, monkeypatch):
    shutil.move(image_folder, image_folder.parent / "digits")
    monkeypatch.chdir(image_folder.parent)
    assert split("./digits").class_names == ("ant", "cat")


def test_what_is_no_data_set_is_refused(tmp_path):
    (tmp_path / "table.csv").write_text("a,b")
    with pytest.raises(UnreadableData, match=r"must be a \.parquet file, but .*table\.csv is not"):
        split(str(tmp_path / "table.csv"))
    (tmp_path / "nothing").mkdir()
    with pytest.raises(UnreadableData, match="nothing holds neither; check the path"):
        split(str(tmp_path / "nothing"))


def test_a_set_that_is_too_small_is_refused(write_parquet):
    with pytest.raises(InvalidInput, match="has 2 images and 0 such classes; add images, or give a validation"):
        split(str(write_parquet([0, 1])))


def test_real_cifar_is_read_without_decoding_it(cifar, rows_read):
    result = split(str(cifar / "cifar10-train-20k.parquet"), str(cifar / "cifar10-test.parquet"))
    # The first image of each file gives its size, 2,000 its statistics.
    assert sum(rows_read) == 2 * (1 + 2_000)
    assert (len(result.training), len(result.validation), result.resolution) == (20_000, 10_000, 32)
    assert result.class_names[3] == "cat"
    assert result.validation.mean == result.training.mean == pytest.approx((0.4914, 0.48216, 0.44653), abs=0.01)


def test_real_cifar_gives_up_a_tenth_and_other_classes_are_refused(cifar):
    result = split(str(cifar / "cifar10-train-20k.parquet"))
    assert np.bincount(result.validation.labels).tolist() == [200] * 10
    assert np.bincount(result.training.labels).tolist() == [1_800] * 10
    with pytest.raises(
        UnreadableData, match="only training has 'airplane', 'automobile', 'bird' and 7 more; give"
    ):
        split(str(cifar / "cifar10-train-20k.parquet"), str(cifar / "cifar100-test-5k.parquet"))
    with pytest.raises(UnreadableData, match="share their classes"):
        split(str(cifar))
