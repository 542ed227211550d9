from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlore.data import ArrayImages, ImageSet, draw_batch, draw_indices
from netlore.errors import DataWarning, InvalidInput

LABELS = np.array([0] * 3 + [1] * 5 + [2] * 4, dtype=np.int64)


@given(
    counts=st.lists(st.integers(0, 9), min_size=1, max_size=8).filter(any),
    fraction=st.floats(0, 1),
    seed=st.integers(0, 2**32),
    data=st.data(),
)
def test_a_batch_is_balanced_as_far_as_there_are_images_and_without_replacement(counts, fraction, seed, data):
    labels = np.repeat(np.arange(len(counts)), counts)
    labels = np.array(data.draw(st.permutations(labels.tolist())), dtype=np.int64)
    size = max(1, round(fraction * sum(counts)))
    indices = draw_indices(labels, size, seed)
    there = np.array([count for count in counts if count])
    drawn = np.bincount(labels[indices], minlength=len(counts))[np.array(counts) > 0]
    assert len(set(indices.tolist())) == size == len(indices)
    # Who has one less than others, or fewer, has given all.
    assert (drawn[drawn < drawn.max() - 1] == there[drawn < drawn.max() - 1]).all()
    assert np.array_equal(indices, draw_indices(labels, size, seed))
    with pytest.raises(InvalidInput, match=f"choose at most {sum(counts)}"):
        draw_indices(labels, sum(counts) + 1, seed)


def as_before(labels, batch_size, seed, number):
    """How batches were drawn when those that cannot be balanced were refused; None: they were."""
    classes, counts = np.unique(labels, return_counts=True)
    if batch_size > len(counts) * counts.min() + (counts > counts.min()).sum():
        return None
    rng = np.random.default_rng([seed, number] if number else seed)
    share, rest = divmod(batch_size, len(classes))
    quota = np.full(len(classes), share)
    quota[rng.choice(np.flatnonzero(counts > share), rest, replace=False)] += 1
    members = np.split(np.argsort(labels, kind="stable"), np.cumsum(counts)[:-1])
    return rng.permutation(
        np.concatenate([rng.choice(rows, n, False) for rows, n in zip(members, quota, strict=True)])
    )


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.floats(0, 1), st.integers(0, 99), st.integers(0, 2))
def test_batches_that_can_be_balanced_are_those_that_they_always_were(counts, fraction, seed, number):
    labels = np.repeat(np.arange(len(counts)), counts)
    size = max(1, round(fraction * len(counts) * (min(counts) + 1)))
    if size <= len(labels) and (before := as_before(labels, size, seed, number)) is not None:
        assert np.array_equal(draw_indices(labels, size, seed, number), before)


def test_one_image_of_a_class_does_not_bound_the_batch_and_is_said():
    pixels = np.random.default_rng(0).integers(0, 256, (41, 2, 2, 3), dtype=np.uint8)
    labels = np.array([0] + [1] * 20 + [2] * 20)
    data = ImageSet(ArrayImages(pixels), labels, ("owl", "ant", "bee"), (0.5,) * 3, (0.5,) * 3)
    assert np.bincount(draw_batch(data, 5, 0).labels).tolist() == [1, 2, 2]
    with pytest.warns(
        DataWarning, match=r"in the batch of 21, classes .* have all that they have, owl \(1\), and oth"
    ):
        assert np.bincount(draw_batch(data, 21, 0).labels).tolist() == [1, 10, 10]
    with pytest.warns(DataWarning):
        assert len(set(map(bytes, draw_batch(data, 41, 0).images))) == 41
    assert sorted(np.bincount(labels[draw_indices(labels, 12, 3)]).tolist()) == [1, 5, 6]


def test_a_batch_smaller_than_the_classes_has_distinct_ones():
    labels = np.repeat(np.arange(100), 6)
    assert len(set(labels[draw_indices(labels, 64, 0)].tolist())) == 64


def test_every_class_and_every_image_can_be_chosen_and_the_order_is_random():
    drawn = [draw_indices(LABELS, 4, seed) for seed in range(200)]
    assert set(np.concatenate(drawn).tolist()) == set(range(12))
    doubled = {int(np.bincount(LABELS[indices]).argmax()) for indices in drawn}
    assert doubled == {0, 1, 2}
    assert {int(LABELS[indices[0]]) for indices in drawn} == {0, 1, 2}


def test_images_are_scaled_normalised_and_put_channels_first():
    pixels = np.zeros((2, 1, 1, 3), dtype=np.uint8)
    pixels[:, 0, 0] = [255, 51, 0]
    data = ImageSet(ArrayImages(pixels), np.array([0, 1]), ("a", "b"), (0.5, 0.2, 0.25), (0.25, 1.0, 0.5))
    batch = draw_batch(data, 2, 0)
    assert batch.images.shape == (2, 3, 1, 1)
    assert batch.images.dtype == np.float32 and batch.images.flags.c_contiguous
    assert batch.images[0].ravel().tolist() == pytest.approx([2.0, 0.0, -0.5])


def test_float_images_are_taken_as_they_are():
    pixels = np.full((2, 1, 1, 3), 7.5, dtype=np.float32)
    data = ImageSet(ArrayImages(pixels), np.array([0, 1]), ("a", "b"), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    assert (draw_batch(data, 2, 0).images == 7.5).all()


@pytest.mark.parametrize(
    ("size", "seed", "message"),
    [
        (0, 0, "batch size must be at least 1, but is 0; choose a larger one."),
        (-3, 0, "batch size must be at least 1, but is -3; choose a larger one."),
        (13, 0, "batch size 13 is larger than the data set's 12 images; choose at most 12."),
        (3, -1, "a seed must be 0 or more, but is -1; choose another."),
    ],
)
def test_impossible_batches_are_refused(size, seed, message):
    with pytest.raises(InvalidInput) as caught:
        draw_indices(LABELS, size, seed)
    assert str(caught.value).startswith(message)
