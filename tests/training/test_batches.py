"""Which images a step sees."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from netlore.errors import InvalidInput
from netlore.training.batches import (
    VALIDATED_AT_ONCE,
    Batches,
    balanced_order,
    check_batches,
    generator_of,
    images_an_epoch,
    training_data,
    validation_batch,
    validation_steps,
)
from tests.training.small import small_data, small_recipe


def numbered_labels(count: int, **changes: object) -> Batches:
    """Batches whose labels say which images they hold."""
    data = small_data(count)
    data.training.labels.copy_(torch.arange(count))
    return Batches(data.training, small_recipe(**changes), seed=0, mirrors=True)


def seen(batches: Batches, epoch: int) -> list[int]:
    return [int(label) for step in range(len(batches)) for label in batches.batch(epoch, step)[1]]


def test_an_epoch_sees_every_image_at_most_once_and_leaves_others_out_each_time() -> None:
    batches = numbered_labels(52)
    epochs = [seen(batches, epoch) for epoch in range(3)]
    assert all(len(one) == 48 == len(set(one)) for one in epochs)
    left_out = [frozenset(range(52)) - set(one) for one in epochs]
    assert len(set(left_out)) == 3


def test_a_set_smaller_than_a_batch_is_one_batch() -> None:
    batches = numbered_labels(10)
    assert len(batches) == 1 and sorted(seen(batches, 0)) == list(range(10))
    assert images_an_epoch(small_data(10), small_recipe()) == 10


def test_a_batch_depends_on_seed_epoch_and_step_alone() -> None:
    data = small_data()
    batches = Batches(data.training, small_recipe(), 5, True)
    forwards = [batches.batch(epoch, step)[0] for epoch in range(2) for step in range(3)]
    backwards = [batches.batch(epoch, step)[0] for epoch in (1, 0) for step in (2, 1, 0)]
    assert all(torch.equal(one, other) for one, other in zip(forwards, reversed(backwards), strict=True))
    other = Batches(data.training, small_recipe(), 6, True)
    assert not torch.equal(forwards[0], other.batch(0, 0)[0])


def test_parts_of_a_batch_make_the_whole_batch() -> None:
    data = small_data()
    whole = Batches(data.training, small_recipe(), 0, True).batch(1, 2)
    parts = [Batches(data.training, small_recipe(), 0, True, part, 4).batch(1, 2) for part in range(4)]
    assert torch.equal(torch.cat([images for images, _ in parts]), whole[0])
    assert torch.equal(torch.cat([labels for _, labels in parts]), whole[1])


MIXED = [{"mixup": 1.0}, {"cutmix": 1.0}, {"mixup": 0.5, "cutmix": 1.0}]


@pytest.mark.parametrize("changes", MIXED)
def test_mixed_parts_of_a_batch_make_the_whole_mixed_batch(changes: dict[str, object]) -> None:
    data, recipe = small_data(), small_recipe(**changes)
    for step in range(3):
        images, shown = Batches(data.training, recipe, 0, True, num_classes=3).batch(1, step)
        parts = [Batches(data.training, recipe, 0, True, part, 4, 3).batch(1, step) for part in range(4)]
        assert torch.equal(torch.cat([one for one, _ in parts]), images)
        assert torch.equal(torch.cat([one for _, one in parts]), shown)
        torch.testing.assert_close(shown.sum(dim=1), torch.ones(16))


@pytest.mark.parametrize("changes", MIXED)
def test_each_image_is_mixed_with_the_one_before_it_in_the_shares_of_the_labels(changes) -> None:
    data = small_data()
    data.training.labels.copy_(torch.arange(52))
    plain = Batches(data.training, small_recipe(), 0, True)
    batches = Batches(data.training, small_recipe(**changes), 0, True, num_classes=52)
    for step in range(3):
        (images, labels), (found, shown) = plain.batch(2, step), batches.batch(2, step)
        share = float(shown[0, labels[0]])
        expected = share * F.one_hot(labels, 52) + (1 - share) * F.one_hot(labels.roll(1), 52)
        torch.testing.assert_close(shown, expected.float())
        # Of every pixel all images have the same share, and its mean is that of the labels.
        before = images.roll(1, 0)
        kept = ((found - before) * (images - before)).sum((0, 1)) / (images - before).square().sum((0, 1))
        torch.testing.assert_close(found, before + kept * (images - before), atol=1e-4, rtol=1e-4)
        assert float(kept.mean()) == pytest.approx(share, abs=1e-3)


def test_mixing_depends_on_seed_epoch_and_step_alone() -> None:
    data, recipe = small_data(), small_recipe(mixup=1.0, cutmix=1.0)
    batches = Batches(data.training, recipe, 5, True, num_classes=3)
    forwards = [batches.batch(epoch, step)[1] for epoch in range(2) for step in range(3)]
    torch.rand(7)
    backwards = [batches.batch(epoch, step)[1] for epoch in (1, 0) for step in (2, 1, 0)]
    assert all(torch.equal(one, other) for one, other in zip(forwards, reversed(backwards), strict=True))
    assert len({tuple(one.flatten().tolist()) for one in forwards}) == 6


def test_balanced_sampling_shows_classes_equally_often_and_images_of_a_class_too() -> None:
    labels = torch.tensor([4] * 37 + [0] * 12 + [2] * 3)
    order = balanced_order(labels, generator_of(0))
    assert len(order) == 52
    for start in range(0, 51, 3):
        assert sorted(labels[order[start : start + 3]].tolist()) == [0, 2, 4]
    times = torch.bincount(order, minlength=52)
    for one, lowest in ((4, 0), (0, 1), (2, 5)):
        each = times[labels == one]
        assert int(each.min()) == lowest and int(each.max()) <= lowest + 1
    assert not torch.equal(order, balanced_order(labels, generator_of(1)))


def test_balanced_batches_depend_on_seed_epoch_and_step_alone() -> None:
    data = small_data()
    data.training.labels.copy_(torch.tensor([0] * 45 + [1] * 5 + [2] * 2))
    batches = Batches(data.training, small_recipe(sampling="balanced"), 3, True)
    forwards = [batches.batch(epoch, step) for epoch in range(2) for step in range(3)]
    backwards = [batches.batch(epoch, step) for epoch in (1, 0) for step in (2, 1, 0)]
    for (images, labels), (again, same) in zip(forwards, reversed(backwards), strict=True):
        assert torch.equal(images, again) and torch.equal(labels, same)
        assert torch.bincount(labels).tolist() in ([6, 5, 5], [5, 6, 5], [5, 5, 6])


def test_without_crop_and_mirror_images_are_only_normalised() -> None:
    data = small_data()
    batches = Batches(data.training, small_recipe(padding=0, mirror=True), 0, mirrors=False)
    images, labels = batches.batch(0, 0)
    expected = (data.training.pixels.float() / 255 - data.training.mean) / data.training.std
    for image, label in zip(images, labels, strict=True):
        same = [torch.allclose(image.permute(1, 2, 0), one, atol=1e-5) for one in expected]
        assert sum(same) == 1 and int(data.training.labels[same.index(True)]) == int(label)


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_validation_sees_every_image_once(parts: int) -> None:
    count = 2 * VALIDATED_AT_ONCE + 7
    images = small_data(8, count).validation
    images.labels.copy_(torch.arange(count))
    steps = validation_steps(count, parts)
    batches = [
        validation_batch(images, step, True, (part, parts)) for step in range(steps) for part in range(parts)
    ]
    assert sorted(int(label) for _, labels in batches for label in labels) == list(range(count))
    assert all(len(pixels) == len(labels) <= VALIDATED_AT_ONCE for pixels, labels in batches)


def test_a_batch_that_cannot_be_shared_is_refused() -> None:
    images = small_data(100).training
    check_batches(images, small_recipe(), 4)
    for number in (3, 0, 10**9):
        with pytest.raises(InvalidInput, match=f"16 images cannot be shared equally by {number} devices"):
            check_batches(images, small_recipe(), number)
    with pytest.raises(InvalidInput, match="a batch of 9 images"):
        check_batches(small_data(9).training, small_recipe(), 2)


def test_a_crop_without_a_pixel_of_the_image_is_refused() -> None:
    images = small_data().training
    check_batches(images, small_recipe(padding=7), 1)
    with pytest.raises(InvalidInput, match="padding = 8 leaves nothing of an image of 8x8 pixels"):
        check_batches(images, small_recipe(padding=8), 1)


def test_generators_of_different_numbers_differ() -> None:
    numbers = [(1, 2), (12,), (2, 1), (1, 2, 0), (1,)]
    drawn = {float(torch.rand((), generator=generator_of(*one))) for one in numbers}
    assert len(drawn) == len(numbers)


def test_digits_are_decoded_whole_and_never_mirrored() -> None:
    data = training_data("digits")
    assert len(data.training) + len(data.validation) == 1797 and not data.mirrors
    assert (data.num_classes, data.resolution) == (10, 32)
    assert data.digest == training_data("digits").digest
    inputs, _ = validation_batch(data.training, 0, True, (0, 1))
    assert abs(float(inputs.mean())) < 0.1 and abs(float(inputs.std()) - 1) < 0.1
    assert np.array_equal(data.training.mean.numpy(), data.validation.mean.numpy())
