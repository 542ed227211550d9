from __future__ import annotations

import numpy as np

from netlore.data import load, task


def test_images_are_standard_normal_and_labels_balanced():
    batch = task("noise", 1_000, seed=3)
    assert batch.images.shape == (1_000, 3, 32, 32)
    assert abs(batch.images.mean()) < 0.005 and abs(batch.images.std() - 1) < 0.005
    assert batch.labels.bincount().tolist() == [100] * 10


def test_an_image_depends_on_the_seed_and_its_number_alone():
    first, other = load("noise", 0).images, load("noise", 1).images
    together = first.read(np.array([5, 0, 7]))
    assert np.array_equal(together[1], first.read(np.array([0]))[0])
    assert len({image.tobytes() for image in [*together, *other.read(np.array([5, 0, 7]))]}) == 6
