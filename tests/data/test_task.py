from __future__ import annotations

import hashlib
import json
import pickle

import numpy as np
import pytest
import torch

from netlore.data import task

# Made by this code on the shipped probe set; it changes if and only if the default batch of every run changes.
CIFAR10_64_SEED_0 = "83530374985c10aa041b634a07b5b4ef0bceb15bd01c9deb41f4f672f15baf54"


def test_the_default_batch_is_the_known_one():
    result = task("cifar10")
    assert result.digest == CIFAR10_64_SEED_0
    assert result.images.shape == (64, 3, 32, 32) and result.images.dtype == torch.float32
    assert result.labels.shape == (64,) and result.labels.dtype == torch.int64
    assert sorted(result.labels.bincount().tolist()) == [6] * 6 + [7] * 4


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
