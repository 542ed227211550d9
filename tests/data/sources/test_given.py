"""Data sets of torch and torchvision, and DataLoaders, in the place of a name."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset
from torchvision.datasets import FakeData, ImageFolder
from torchvision.transforms import ToTensor

from netlore.data import load, split, task
from netlore.data.batch import draw_batch
from netlore.data.task import digest
from netlore.errors import InvalidInput, UnreadableData

PIXELS = np.random.default_rng(0).integers(0, 256, (12, 4, 4, 3), dtype=np.uint8)


class Listed(Dataset[Any]):
    """Items of a list; more attributes as torchvision has them."""

    def __init__(self, items: list[tuple[Any, Any]], **more: Any) -> None:
        self.items = items
        vars(self).update(more)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self.items[index]


def listed(images: Any, **more: Any) -> Listed:
    return Listed([(image, number % 3) for number, image in enumerate(images)], **more)


@pytest.mark.parametrize(
    "images",
    [
        [Image.fromarray(one) for one in PIXELS],
        list(PIXELS),
        [torch.from_numpy(one.transpose(2, 0, 1).copy()) for one in PIXELS],
    ],
    ids=["pictures", "arrays", "tensors"],
)
def test_images_are_pixels_normalised_by_their_own_statistics(images: Any) -> None:
    data = load(listed(images))
    assert np.array_equal(data.images.read(np.array([7, 0])), PIXELS[[7, 0]])
    assert data.labels.tolist() == [0, 1, 2] * 4 and data.class_names == ("0", "1", "2")
    assert data.mean == pytest.approx((PIXELS / 255).mean((0, 1, 2)))


def test_a_folder_is_the_same_by_its_path_and_by_torchvision(image_folder: Any) -> None:
    of_torchvision = ImageFolder(str(image_folder))
    assert task(of_torchvision, 6, 1).digest == task(str(image_folder), 6, 1).digest
    assert load(of_torchvision).class_names == ("ant", "cat")
    assert task(of_torchvision, 4, resize=9).digest == task(str(image_folder), 4, resize=9).digest


def test_the_data_set_of_a_loader_is_taken_whatever_its_order() -> None:
    dataset = listed(PIXELS)
    made = task(DataLoader(dataset, batch_size=5, shuffle=True), 6)
    assert made.digest == task(dataset, 6).digest and made.name == "Listed"
    further = made.with_batches(2).further[0][0]
    assert further.shape == (6, 3, 4, 4)
    assert pickle.loads(pickle.dumps(made)).source is None


def test_floats_are_used_as_they_are() -> None:
    floats = [ToTensor()(Image.fromarray(one)) for one in PIXELS]
    batch = draw_batch(load(listed(floats)), 12, 0)
    found = {image.tobytes() for image in batch.images}
    assert found == {one.numpy().tobytes() for one in floats}
    grey = load(listed([one[:1] for one in floats])).images.read(np.array([3]))
    assert np.array_equal(grey[0, ..., 2], floats[3][0].numpy())


def test_labels_and_names_are_taken_from_what_torchvision_calls_them() -> None:
    class Unread(Listed):
        def __getitem__(self, index: int) -> tuple[Any, Any]:
            return self.items[index][0], "no label is looked for here"

    data = Unread([(one, 0) for one in PIXELS], targets=[0, 1] * 6, classes=["owl", "cow", "ant"])
    assert load(data).labels.tolist() == [0, 1] * 6 and load(data).class_names == ("owl", "cow", "ant")
    part = load(Subset(data, [1, 2, 4, 5]))
    assert part.labels.tolist() == [1, 0, 0, 1] and part.class_names == ("owl", "cow", "ant")
    assert np.array_equal(part.images.read(np.array([1]))[0], PIXELS[2])
    changed = listed(PIXELS, targets=torch.zeros(12), target_transform=int)
    assert load(changed).labels.tolist() == [0, 1, 2] * 4


def test_a_split_is_of_two_data_sets_or_of_one_that_gives_up_a_tenth() -> None:
    found = split(listed(PIXELS), listed(PIXELS[:6]))
    assert (len(found.training), len(found.validation)) == (12, 6) and found.validation.mean == found.training.mean
    held = split(listed(PIXELS))
    assert (len(held.training), len(held.validation)) == (9, 3)
    floats = split(TensorDataset(torch.randn(12, 3, 4, 4), torch.arange(12) % 2))
    assert floats.training.mean == (0.0, 0.0, 0.0) and floats.validation.std == (1.0, 1.0, 1.0)


def test_made_up_data_of_torchvision_are_read() -> None:
    assert load(FakeData(8, (3, 10, 7), num_classes=2, random_offset=3), resize=6).images.resolution == 6


class Endless(IterableDataset[Any]):
    """No item has a number."""

    def __iter__(self) -> Any:
        return iter(())


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (Endless(), {}, "must have numbered items, but Endless is only gone through; give one of its batches"),
        (listed([]), {}, "must hold images, but Listed has none"),
        (listed(PIXELS), {"skip_bad": True}, "skip_bad is for files"),
        (listed(PIXELS), {"image_column": "x"}, "image_column = 'x' is a column of a table"),
        (listed(PIXELS[:, :3]), {}, "must be square, but item 0 of Listed is 4 x 3; give resize=R"),
        (
            listed([*PIXELS[:5], PIXELS[5, :2, :2]]),
            {},
            "item 5 of Listed has 2 x 2 pixels in uint8, the",
        ),
        (listed(["text"] * 6), {}, r"item 0 of Listed is not \(str\); transform it"),
        (listed([torch.randn(2, 4, 4)] * 6), {}, r"of the shape \(4, 4, 2\)"),
        (listed([torch.randn(3, 4, 4)] * 6), {"resize": 3}, "resize them in the data set"),
        (
            Listed([(one, 0.5) for one in PIXELS]),
            {},
            "must be one whole number an image, but those of",
        ),
        (Listed([(one, -1 + n % 2) for n, one in enumerate(PIXELS)]), {}, r"must lie in 0\.\.0, but row 0 has -1"),
    ],
)
def test_what_cannot_be_used_is_refused(data: Any, options: Any, message: str) -> None:
    with pytest.raises((InvalidInput, UnreadableData), match=message):
        load(data, **options)


def test_data_sets_and_names_are_not_mixed(image_folder: Any) -> None:
    with pytest.raises(InvalidInput, match="a validation set of Listed is a data set too, but is 'digits'"):
        split(listed(PIXELS), "digits")
    with pytest.raises(InvalidInput, match=r"a validation set of .* is a path too, but is Listed"):
        split(str(image_folder), listed(PIXELS))


def test_the_digest_is_that_of_the_drawn_images() -> None:
    assert task(listed(PIXELS), 6, 2).digest == digest(draw_batch(load(listed(PIXELS)), 6, 2))
