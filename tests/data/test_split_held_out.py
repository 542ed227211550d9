from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlore.data import ArrayImages, ImageSet
from netlore.data.split import Subset, held_out, hold_out, measured
from netlore.errors import InvalidInput

NUMBERED = ArrayImages(np.arange(10, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), dtype=np.uint8))
HALF = (0.5, 0.5, 0.5)


def image_set(labels: list[int]) -> ImageSet:
    pixels = np.arange(len(labels), dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), dtype=np.uint8)
    return ImageSet(ArrayImages(pixels), np.array(labels, dtype=np.int64), ("a", "b", "c"), HALF, HALF)


@given(
    counts=st.lists(st.integers(0, 40), min_size=1, max_size=8).filter(any),
    fraction=st.floats(0.01, 0.99),
    data=st.data(),
)
def test_every_class_keeps_an_image_and_gives_its_share(counts, fraction, data):
    labels = np.repeat(np.arange(len(counts)), counts)
    labels = np.array(data.draw(st.permutations(labels.tolist())), dtype=np.int64)
    apart = held_out(labels, fraction)
    for label, count in enumerate(counts):
        given_up = int(apart[labels == label].sum())
        if count < 2:
            assert given_up == 0
        else:
            assert 1 <= given_up <= count - 1
            assert abs(given_up - count * fraction) <= 1
    assert np.array_equal(apart, held_out(labels, fraction))


@pytest.mark.parametrize(("count", "share"), [(1, 0), (2, 1), (3, 1), (10, 1), (14, 1), (15, 2), (200, 20)])
def test_shares_by_hand(count, share):
    assert held_out(np.zeros(count, dtype=np.int64), 0.1).sum() == share


def test_which_images_are_held_out_is_random_but_fixed():
    apart = np.flatnonzero(held_out(np.zeros(1_000, dtype=np.int64), 0.1))
    assert len(np.unique(np.diff(apart))) > 5 and apart.min() < 100 and apart.max() > 900


def test_both_parts_are_disjoint_complete_and_keep_order_classes_and_statistics():
    whole = image_set([0, 1, 2, 0, 1, 0, 1, 2, 0, 1])
    training, validation = hold_out(whole, 0.3)
    numbers = [part.images.read(np.arange(len(part)))[:, 0, 0, 0].tolist() for part in (training, validation)]
    assert sorted(numbers[0] + numbers[1]) == list(range(10))
    for part, rows in zip((training, validation), numbers, strict=True):
        assert rows == sorted(rows) and part.labels.tolist() == whole.labels[rows].tolist()
        assert (part.class_names, part.mean, part.std) == (whole.class_names, HALF, HALF)
    assert (len(training), len(validation)) == (7, 3)


def test_a_subset_reads_what_is_asked_for_in_that_order():
    subset = Subset(NUMBERED, np.array([7, 2, 9]))
    assert subset.resolution == 2
    assert subset.read(np.array([2, 0, 0]))[:, 1, 1, 2].tolist() == [9, 7, 7]


def test_measured_statistics_are_those_of_the_part_alone():
    training, _ = hold_out(image_set([0, 1, 0, 1, 0, 1, 0, 1]), 0.5)
    pixels = training.images.read(np.arange(4)) / 255
    assert measured(training).mean == pytest.approx(pixels.mean((0, 1, 2)))
    assert measured(training).std == pytest.approx(pixels.std((0, 1, 2)))


@pytest.mark.parametrize(("labels", "able"), [([0, 1, 2], 0), ([0, 0, 0, 1, 2], 1)])
def test_a_set_that_is_too_small_is_refused(labels, able):
    with pytest.raises(InvalidInput) as caught:
        hold_out(image_set(labels))
    assert str(caught.value) == (
        "images can be held out of a set that has two classes of 2 images or more, but this one has "
        f"{len(labels)} images and {able} such classes; add images, or give a validation set."
    )
