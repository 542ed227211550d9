from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import pickle
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torchvision.transforms import Compose, Normalize, ToTensor

from netlore.data import task
from netlore.errors import InvalidInput

# Of the shipped probe set; it changes if and only if the default batch of every run does, and with it all scores.
CIFAR10_64_SEED_0 = "83530374985c10aa041b634a07b5b4ef0bceb15bd01c9deb41f4f672f15baf54"


def test_the_default_batch_is_the_known_one():
    result = task("cifar10")
    assert result.digest == CIFAR10_64_SEED_0
    assert result.images.shape == (64, 3, 32, 32) and result.images.dtype == torch.float32
    assert result.labels.shape == (64,) and result.labels.dtype == torch.int64
    assert sorted(result.labels.bincount().tolist()) == [6] * 6 + [7] * 4


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
def test_a_batch_is_pictures_of_the_file_as_torchvision_normalises_them(name):
    """Read and decoded without this package: each image of the batch is one of the file, with that one's label."""
    published = {
        "cifar10": ((0.49140, 0.48216, 0.44653), (0.24703, 0.24349, 0.26159)),
        "cifar100": ((0.50708, 0.48655, 0.44092), (0.26733, 0.25644, 0.27615)),
    }[name]
    table = pd.read_parquet(str(files("netlore.data") / "bundled" / f"{name}-probe.parquet"))
    image, label = (
        next(c for c in table.columns if c in names) for names in (("img", "image"), ("label", "fine_label"))
    )
    prepare = Compose([ToTensor(), Normalize(*published)])
    known = {}
    for row, number in zip(table[image], table[label], strict=True):
        pixels = prepare(Image.open(io.BytesIO(row["bytes"])).convert("RGB"))
        known[pixels.numpy().tobytes()] = int(number)
    found = task(name)
    labels = [known.get(one.numpy().tobytes()) for one in found.images]
    assert labels == found.labels.tolist()
    assert len({one.numpy().tobytes() for one in found.images}) == 64


@pytest.mark.parametrize("name", ["cifar10", "cifar100", "digits", "noise"])
def test_the_seed_alone_decides(name):
    first, again, other = task(name, 16, 1), task(name, 16, 1), task(name, 16, 2)
    assert first.digest == again.digest != other.digest
    assert torch.equal(first.images, again.images) and torch.equal(first.labels, again.labels)
    assert not torch.equal(first.images, other.images)


def test_the_digest_covers_the_exact_bytes_of_images_and_labels():
    result = task("digits", 2, 0)
    digest = hashlib.sha256()
    digest.update(b"<f4(2, 3, 32, 32)" + result.images.numpy().tobytes())
    digest.update(b"<i8(2,)" + result.labels.numpy().tobytes())
    assert result.digest == digest.hexdigest()


def test_description_is_json():
    result = task("cifar100", 64, 5)
    assert json.loads(json.dumps(result.describe())) == {
        "name": "cifar100",
        "batch_size": 64,
        "seed": 5,
        "digest": result.digest,
        "num_classes": 100,
        "resolution": 32,
    }


def test_global_random_states_are_left_alone(image_folder):
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), np.random.get_state()[2]  # noqa: NPY002
    for name in ("cifar10", "digits", "noise", str(image_folder)):
        task(name, 4, 3)
    after = np.random.get_state()  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(after[1], before[1]) and after[2] == before[2]


def test_global_seeds_change_nothing():
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002
    first = task("noise", 4).digest
    torch.manual_seed(2)
    np.random.seed(2)  # noqa: NPY002
    assert task("noise", 4).digest == first


def test_a_task_travels_to_other_processes():
    result = task("digits", 4)
    copy = pickle.loads(pickle.dumps(result))
    assert copy.digest == result.digest and torch.equal(copy.images, result.images)


def test_further_batches_are_drawn_from_the_same_data_by_the_seed():
    result = task("cifar10", 8, 3).with_batches(3)
    assert result.digest == task("cifar10", 8, 3).digest and len(result.further) == 2
    assert result.with_batches(2) is result
    again = task("cifar10", 8, 3).with_batches(2).with_batches(3)
    images = [result.images, *(images for images, _ in result.further)]
    assert not any(torch.equal(one, other) for i, one in enumerate(images) for other in images[:i])
    for (left, of_left), (right, of_right) in zip(result.further, again.further, strict=True):
        assert torch.equal(left, right) and torch.equal(of_left, of_right)
        assert left.shape == (8, 3, 32, 32) and of_left.bincount(minlength=10).max() == 1


def test_further_batches_of_data_that_changed_are_refused():
    changed = dataclasses.replace(task("noise", 4), digest="another")
    with pytest.raises(InvalidInput, match="'noise' has changed since the task was made"):
        changed.with_batches(2)


def test_a_task_of_own_tensors():
    images, labels = torch.randn(4, 1, 5, 5, dtype=torch.float64), torch.tensor([0, 2, 1, 2], dtype=torch.int32)
    own = task(images=images, labels=labels)
    assert (own.num_classes, own.resolution, own.batch_size) == (3, 5, 4)
    assert own.images.dtype == torch.float32 and own.labels.dtype == torch.int64
    assert task(images=images, labels=labels, num_classes=7).num_classes == 7
    assert own.digest == task(images=images.clone(), labels=labels.long()).digest
    assert own.digest != task(images=images, labels=labels, batches=[(images, labels)]).digest
    assert (
        task(images=images, labels=labels, batches=[(images, labels)]).with_batches(2).further[0][0].shape[0] == 4
    )


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (torch.zeros(4, 3, 5, 6), torch.zeros(4, dtype=torch.int64), "are no batch; give floats"),
        (torch.zeros(4, 3, 5), torch.zeros(4, dtype=torch.int64), "are no batch"),
        (torch.zeros(4, 3, 5, 5, dtype=torch.int16), torch.zeros(4, dtype=torch.int64), "are no batch"),
        (torch.zeros(4, 2, 5, 5, dtype=torch.uint8), torch.zeros(4, dtype=torch.int64), "are no batch"),
        (np.zeros((4, 5, 6, 3)), [0, 1, 0, 1], "are no batch"),
        (np.zeros(4, dtype=np.uint8), [0, 1, 0, 1], "are no batch"),
        (torch.zeros(4, 3, 5, 5), torch.zeros(3, dtype=torch.int64), "are no batch"),
        (torch.zeros(4, 3, 5, 5), torch.zeros(4), "are no batch"),
        (torch.zeros(0, 3, 5, 5), torch.zeros(0, dtype=torch.int64), "are no batch"),
        (torch.zeros(2, 3, 5, 5), torch.tensor([0, -1]), "labels must be 0 to 0, but go from -1 to 0"),
    ],
)
def test_tensors_that_are_no_batch_are_refused(images, labels, message):
    with pytest.raises(InvalidInput, match=message) as caught:
        task(images=images, labels=labels)
    assert "\n" not in str(caught.value)


PIXELS = np.random.default_rng(0).integers(0, 256, (6, 5, 5, 3), dtype=np.uint8)


@pytest.mark.parametrize("images", [PIXELS, torch.from_numpy(PIXELS.transpose(0, 3, 1, 2).copy())])
def test_bytes_are_normalised_by_their_own_statistics(images):
    own = task(images=images, labels=[0, 1, 2, 0, 1, 2])
    scaled = PIXELS / 255
    expected = (scaled - scaled.mean((0, 1, 2))) / scaled.std((0, 1, 2))
    assert own.images.numpy() == pytest.approx(expected.transpose(0, 3, 1, 2), abs=1e-5)
    assert (own.num_classes, own.resolution) == (3, 5) and own.labels.dtype == torch.int64


def test_bytes_of_further_batches_are_normalised_as_the_first_ones():
    own = task(images=PIXELS, labels=np.arange(6), batches=[(PIXELS[:2], np.arange(2))])
    assert torch.equal(own.further[0][0], own.images[:2])


@pytest.mark.parametrize("shape", [(6, 5, 5), (6, 5, 5, 1)])
def test_grey_bytes_become_three_equal_channels(shape):
    own = task(images=PIXELS[..., 0].reshape(shape), labels=np.arange(6))
    assert own.images.shape == (6, 3, 5, 5) and torch.equal(own.images[:, 0], own.images[:, 2])


def test_floats_are_used_as_they_are_in_either_order_of_axes():
    floats = np.random.default_rng(0).standard_normal((6, 5, 5, 2))
    own = task(images=floats, labels=np.arange(6))
    assert np.array_equal(own.images.numpy(), floats.astype(np.float32).transpose(0, 3, 1, 2))
    for other in (floats.transpose(0, 3, 1, 2), torch.from_numpy(floats.transpose(0, 3, 1, 2).copy())):
        assert task(images=other, labels=np.arange(6)).digest == own.digest


def test_a_reading_is_of_a_data_set_and_not_of_a_batch():
    with pytest.raises(InvalidInput, match="give one or the other"):
        task(images=PIXELS, labels=np.arange(6), resize=4)


def test_registered_data_sets_are_scaled_and_made_ones_are_not():
    small = task("digits", 8, resize=16)
    assert small.images.shape == (8, 3, 16, 16) and small.with_batches(2).further[0][0].shape == (8, 3, 16, 16)
    assert task("cifar10", 4, resize=40, crop=36).resolution == 36
    for name, options, message in (
        ("noise", {"resize": 16}, "made, not read, have no other size"),
        ("digits", {"crop": 33}, "crop = 33 is more than the 32 pixels of the images"),
        (
            "digits",
            {"label_column": "x"},
            "label_column = 'x' is a column of a table, but data set 'digits' is none",
        ),
        ("digits", {"resize": 0}, "resize = 0 is not between 1 and 4,096 pixels"),
        ("digits", {"resize": 8, "crop": 9}, "crop = 9 is more than the shorter side has after resize = 8"),
        ("digits", {"resize": 2.5}, "resize = 2.5 is not a whole number or None"),
    ):
        with pytest.raises(InvalidInput, match=message):
            task(name, 4, **options)


def test_a_task_is_of_a_name_or_of_tensors():
    for arguments in ({}, {"name": "noise", "images": torch.zeros(1)}, {"labels": torch.zeros(1)}):
        with pytest.raises(InvalidInput, match="a data set's name, or else of images and labels"):
            task(**arguments)
