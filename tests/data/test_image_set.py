from __future__ import annotations

import numpy as np
import pytest

from netlore.data import ArrayImages, ImageSet
from netlore.data.image_set import check_statistics
from netlore.errors import UnreadableData

HALF = (0.5, 0.5, 0.5)
IMAGES = ArrayImages(np.zeros((3, 2, 2, 3), dtype=np.uint8))


def test_a_set_knows_its_size_classes_and_resolution():
    data = ImageSet(IMAGES, np.array([0, 2, 0]), ("a", "b", "c"), HALF, HALF)
    assert (len(data), data.num_classes, data.images.resolution) == (3, 3, 2)


@pytest.mark.parametrize(
    ("labels", "names", "std", "message"),
    [
        ([0, 0, 0], ("a",), HALF, "needs images of at least 2 classes, but has 3 images of 1"),
        ([1, 1, 1], ("a", "b"), HALF, "needs images of at least 2 classes, but has 3 images of 1"),
        ([], ("a", "b"), HALF, "needs images of at least 2 classes, but has 0 images of 0"),
        ([0, 1, 2], ("a", "b"), HALF, r"must lie in 0\.\.1, but row 2 has 2 \(1 such rows\)"),
        ([0, -1, 1], ("a", "b"), HALF, r"must lie in 0\.\.1, but row 1 has -1"),
        ([0, 1, 0], ("a", "b"), (0.5, 0.0, 0.5), r"must be positive, but are \(0\.5, 0\.0, 0\.5\)"),
    ],
)
def test_labels_and_statistics_that_do_not_fit_are_refused(labels, names, std, message):
    with pytest.raises(UnreadableData, match=message):
        ImageSet(IMAGES, np.array(labels, dtype=np.int64), names, HALF, std)


def test_labels_of_another_type_are_refused():
    with pytest.raises(UnreadableData, match="must be one int64 an image, but are int32"):
        ImageSet(IMAGES, np.array([0, 1, 0], dtype=np.int32), ("a", "b"), HALF, HALF)


@pytest.mark.parametrize("shape", [(3, 2, 4, 3), (3, 2, 2), (3, 2, 2, 1)])
def test_arrays_that_are_not_square_rgb_are_refused(shape):
    with pytest.raises(UnreadableData, match="square and in RGB, but theirs is"):
        ArrayImages(np.zeros(shape, dtype=np.uint8))


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("mean", "std", "message"),
    [
        ((NAN, 0.5, 0.5), (0.5, 0.5, 0.5), "must be finite"),
        ((0.5, 0.5, 0.5), (0.5, INF, 0.5), "must be finite"),
        ((0.5, 0.5, 0.5), (0.5, NAN, 0.5), "must be finite"),
        ((0.5, 0.5, 0.5), (0.5, 0.0, 0.5), "must be positive"),
    ],
)
def test_statistics_that_normalise_nothing_are_refused(mean, std, message):
    with pytest.raises(UnreadableData, match=message):
        check_statistics(mean, std)
    with pytest.raises(UnreadableData, match=message):
        ImageSet(ArrayImages(np.zeros((2, 4, 4, 3), np.uint8)), np.array([0, 1]), ("a", "b"), mean, std)
