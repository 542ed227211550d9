from __future__ import annotations

import pickle

import numpy as np
import pytest

from netlore.data import DATA, SPLITS, ArrayImages, ImageSet, Split, load, names, paired, split, split_names
from netlore.data.reading import Reading
from netlore.data.sources.encoded import EncodedImages
from netlore.data.sources.folder import FolderFiles
from netlore.errors import InvalidInput, UnreadableData

HALF = (0.5, 0.5, 0.5)
QUARTER = (0.25, 0.25, 0.25)


def image_set(labels, class_names, mean=HALF, resolution=2):
    pixels = np.arange(len(labels) * resolution**2 * 3).reshape(-1, resolution, resolution, 3)
    images = ArrayImages(pixels.astype(np.uint8))
    return ImageSet(images, np.array(labels, dtype=np.int64), tuple(class_names), mean, HALF)


OURS = image_set([0, 1, 0, 1], "ab")


def contents(data: ImageSet) -> list[bytes]:
    return [image.tobytes() for image in data.images.read(np.arange(len(data)))]


def test_a_split_knows_its_classes_and_resolution():
    result = Split(OURS, OURS, mirrors=False)
    assert (result.num_classes, result.resolution, result.class_names) == (2, 2, ("a", "b"))


@pytest.mark.parametrize(
    ("theirs", "message"),
    [
        (
            image_set([0, 1], "ab", resolution=3),
            "training and validation images must have one size, but are 2 x 2 and 3 x 3; resize one set first.",
        ),
        (
            image_set([0, 1], "abc"),
            "training and validation images must have the same classes, but only validation has 'c'; give both "
            "the same classes.",
        ),
        (image_set([0, 1], "ac"), "must have the same classes, but only training has 'b'; give"),
        (image_set([0, 1], "abvwxy"), "only validation has 'v', 'w', 'x' and 1 more; give"),
        (image_set([0, 1], "ba"), "but they are in another order from class 0 on; give"),
        (image_set([0, 1], "abb"), "but they are in another order from class 2 on; give"),
        (
            image_set([0, 1], "ab", mean=QUARTER),
            "validation images must be normalised by the mean and std of the training images, "
            f"{HALF} and {HALF}, but have {QUARTER} and {HALF}; give the validation set those of the training "
            "set.",
        ),
    ],
)
def test_sets_that_do_not_fit_are_refused(theirs, message):
    with pytest.raises(UnreadableData) as caught:
        Split(OURS, theirs, mirrors=True)
    assert message in str(caught.value)


def test_a_validation_set_takes_over_the_statistics_of_the_training_set():
    theirs = image_set([1, 0, 1], "ab", mean=QUARTER)
    result = paired(OURS, theirs, mirrors=True)
    assert result.validation.mean == HALF and result.training is OURS
    assert contents(result.validation) == contents(theirs)


def test_classes_without_names_are_those_of_the_training_set():
    named, unnamed = image_set([0, 1, 2], "abc"), image_set([0, 1, 2], "012")
    fewer = image_set([0, 1], "01")
    assert paired(named, fewer, mirrors=True).validation.class_names == ("a", "b", "c")
    assert paired(unnamed, fewer, mirrors=True).validation.class_names == ("0", "1", "2")
    assert paired(unnamed, named, mirrors=True).class_names == ("0", "1", "2")


def test_labels_and_names_beyond_the_training_set_are_refused():
    unnamed = image_set([0, 1], "01")
    message = r"labels of the validation set must lie in 0\.\.1, but row 1 has 2 \(1 such rows\)"
    for training in (OURS, unnamed):
        with pytest.raises(UnreadableData, match=message):
            paired(training, image_set([0, 2, 1], "012"), mirrors=True)
    with pytest.raises(UnreadableData, match="the same number of classes, but have 2 and 3; give files that name"):
        paired(unnamed, image_set([0, 1], "abc"), mirrors=True)


def test_numbers_that_are_names_of_folders_are_names(tmp_path):
    def folders(class_names):
        images = EncodedImages(FolderFiles(tmp_path, (tmp_path,) * 2), 2, Reading())
        return ImageSet(images, np.array([0, 1]), tuple(class_names), HALF, HALF)

    assert paired(folders("012"), folders("012"), mirrors=True).num_classes == 3
    with pytest.raises(UnreadableData, match="only training has '0'; give both"):
        paired(folders("012"), folders("12"), mirrors=True)


def test_digits_are_cut_in_two_and_nothing_is_lost():
    whole, result = load("digits"), split("digits")
    training, validation = contents(result.training), contents(result.validation)
    assert (len(training), len(validation)) == (1_438, 359)
    assert sorted(training + validation) == sorted(contents(whole))
    assert not set(training) & set(validation)
    assert result.mirrors is False and result.class_names == tuple("0123456789")
    given = np.bincount(result.validation.labels) / np.bincount(whole.labels)
    assert (np.abs(given - 0.2) < 0.005).all()


def test_digits_are_normalised_by_the_training_images_alone():
    result = split("digits")
    pixels = result.training.images.read(np.arange(len(result.training))) / 255
    assert result.training.mean == pytest.approx((pixels.mean(),) * 3)
    assert (result.validation.mean, result.validation.std) == (result.training.mean, result.training.std)


def test_the_seed_makes_noise_but_never_chooses_what_is_held_out():
    first, other = split("noise", seed=1), split("noise", seed=2)
    assert first.mirrors and (len(first.training), len(first.validation)) == (9_000, 1_000)
    assert np.bincount(first.validation.labels).tolist() == [100] * 10
    assert np.array_equal(first.validation.images.indices, other.validation.images.indices)
    few = np.arange(3)
    assert not np.array_equal(first.validation.images.read(few), other.validation.images.read(few))
    assert contents(split("digits", seed=1).validation) == contents(split("digits", seed=2).validation)


@pytest.fixture
def added():
    yield
    DATA.remove("images")
    SPLITS.remove("mine")


@pytest.mark.usefixtures("added")
def test_others_can_add_a_split_or_only_images():
    mine = Split(OURS, OURS, mirrors=False)
    DATA.add("images", lambda seed: image_set([0, 1] * (10 + seed), "ab"))
    SPLITS.add("mine", lambda seed: mine)
    assert split("mine") is mine
    result = split("images", seed=5)
    assert (len(result.training), len(result.validation), result.mirrors) == (26, 4, True)
    assert {"images", "mine"} <= set(split_names()) and len(split_names()) == len(set(split_names()))


def test_names_are_those_of_all_data_sets():
    assert split_names()[:3] == ["cifar10", "cifar100", "digits"]
    assert set(names()) <= set(split_names())


@pytest.mark.parametrize("name", ["cifar", "no/such/file.parquet", ""])
def test_what_is_neither_a_name_nor_a_path_is_refused(name):
    with pytest.raises(InvalidInput) as caught:
        split(name)
    message = str(caught.value)
    assert message.startswith(
        f"data set {name!r} is neither a registered name nor an existing path; choose one of"
    )
    assert "cifar10, cifar100, digits, noise" in message and "give a .parquet file, a folder of" in message


def test_a_negative_seed_and_a_validation_set_for_a_name_are_refused():
    with pytest.raises(InvalidInput, match=r"a seed must be 0 or more, but is -1; choose another\."):
        split("noise", seed=-1)
    with pytest.raises(InvalidInput, match=r"'digits' is a registered name .* leave out 'x', or write \./digits"):
        split("digits", "x")


def test_a_split_travels_to_other_processes():
    result = split("digits")
    copy = pickle.loads(pickle.dumps(result))
    assert contents(copy.validation) == contents(result.validation) and copy.training.mean == result.training.mean
