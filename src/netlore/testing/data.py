"""check_data: does a data set give every run the same images, and only images that a network can take?"""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import torch

from netlore.data.batch import draw_batch
from netlore.data.image_set import ImageSet
from netlore.data.split import Split
from netlore.errors import InvalidInput
from netlore.testing.conformance import Checked

_READ = 64  # images that are looked at


def check_data(load: Callable[[int], ImageSet] | Callable[[int], Split], name: str = "data") -> None:
    """Check a loader of the group `netlore.data` or `netlore.splits`.

    - It takes a seed and returns an `ImageSet`, or a `Split`, whose labels, classes and statistics fit each other.
    - The same seed gives the same images and labels, bit for bit.
    - Images come in the order asked for, in one shape (n, R, R, 3): uint8, or finite float32 used as it is.
    - A batch can be drawn that has an image of every class.
    - No global random generator is used.

    Raises:
        ConformanceError: A rule is broken.
    """
    checked, state = Checked(f"data set {name!r}"), _generators()
    first, again = _loaded(load, checked), _loaded(load, checked)
    for one, other in zip(first, again, strict=True):
        _check_images(one, checked)
        few = np.arange(min(len(one), _READ))
        same = np.array_equal(one.labels, other.labels) and one.class_names == other.class_names
        same = same and one.images.read(few).tobytes() == other.images.read(few).tobytes()
        checked.require(same, "the same seed gives the same images and labels", "two calls with seed 1 differ")
    unused = _generators() == state
    checked.require(unused, "no global random generator is used", "the state of one changed")


def _loaded(load: Callable[[int], ImageSet] | Callable[[int], Split], checked: Checked) -> tuple[ImageSet, ...]:
    raises = "load(1) raises TypeError: {}".format
    with (
        checked.rule("a loader takes a seed and nothing else", TypeError, found=raises),
        checked.rule("its images, labels, classes and statistics fit each other", InvalidInput, found=str),
    ):
        found = load(1)
    if isinstance(found, Split):
        return found.training, found.validation
    rule = "a loader returns an ImageSet or a Split"
    checked.require(isinstance(found, ImageSet), rule, f"it returns a {type(found).__name__}")
    return (found,)


def _check_images(data: ImageSet, checked: Checked) -> None:
    count, side = min(len(data), _READ), data.images.resolution
    chosen = np.random.default_rng(0).permutation(len(data))[:count]
    pixels, wanted = data.images.read(chosen), (count, side, side, 3)
    shapes = f"{count} images have {pixels.shape}, not {wanted}"
    checked.require(pixels.shape == wanted, "images have the shape (n, R, R, 3)", shapes)
    rule, known = "images are uint8, or finite float32", pixels.dtype in (np.uint8, np.float32)
    checked.require(known, rule, f"they are {pixels.dtype}")
    checked.require(np.isfinite(pixels).all(), rule, "one is not finite")
    ordered = np.array_equal(data.images.read(chosen[::-1]), pixels[::-1])
    checked.require(ordered, "images come in the order asked for", "asked for backwards, they are others")
    missing = data.num_classes - len(np.unique(data.labels))
    checked.require(missing <= 0, "every class has an image", f"{missing} of {data.num_classes} classes have none")
    finite = np.isfinite(draw_batch(data, data.num_classes, 0).images).all()
    checked.require(finite, "a batch can be drawn and normalised", "a normalised image is not finite")


def _generators() -> tuple[object, ...]:
    """The states of the global random generators of Python, numpy and torch."""
    words = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    of_torch = torch.random.get_rng_state().numpy().tobytes()
    return random.getstate(), repr(words["pos"]), words["key"].tobytes(), of_torch
