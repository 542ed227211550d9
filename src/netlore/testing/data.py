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
from netlore.testing.conformance import ConformanceError

_READ = 64  # images that are looked at


def check_data(load: Callable[[int], ImageSet] | Callable[[int], Split], name: str = "data") -> None:
    """Check a loader of the group `netlore.data` or `netlore.splits`.

    - It takes a seed and returns an `ImageSet`, or a `Split`, whose labels, classes and statistics fit each other.
    - The same seed gives the same images and labels, bit for bit.
    - Images come in the order asked for, in one shape (n, R, R, 3): uint8, or finite float32 used as it is.
    - A batch can be drawn that has an image of every class.
    - No global random generator is used.

    Args:
        load: The loader.
        name: What it is called, for the message.

    Raises:
        ConformanceError: A rule is broken.
    """
    state = _generators()
    first, again = _loaded(load, name), _loaded(load, name)
    for one, other in zip(first, again, strict=True):
        _check_images(one, name)
        same = np.array_equal(one.labels, other.labels) and one.class_names == other.class_names
        few = np.arange(min(len(one), _READ))
        if not same or one.images.read(few).tobytes() != other.images.read(few).tobytes():
            raise _broken(name, "the same seed gives the same images and labels", "two calls with seed 1 differ")
    if _generators() != state:
        raise _broken(name, "no global random generator is used", "the state of one changed")


def _loaded(load: Callable[[int], ImageSet] | Callable[[int], Split], name: str) -> tuple[ImageSet, ...]:
    try:
        found = load(1)
    except TypeError as error:
        raise _broken(
            name, "a loader takes a seed and nothing else", f"load(1) raises TypeError: {error}"
        ) from None
    except InvalidInput as error:
        raise _broken(name, "its images, labels, classes and statistics fit each other", str(error)) from None
    if isinstance(found, Split):
        return found.training, found.validation
    if not isinstance(found, ImageSet):
        raise _broken(name, "a loader returns an ImageSet or a Split", f"it returns a {type(found).__name__}")
    return (found,)


def _check_images(data: ImageSet, name: str) -> None:
    count, side = min(len(data), _READ), data.images.resolution
    chosen = np.random.default_rng(0).permutation(len(data))[:count]
    pixels = data.images.read(chosen)
    if pixels.shape != (count, side, side, 3):
        wanted = f"({count}, {side}, {side}, 3)"
        raise _broken(
            name, "images have the shape (n, R, R, 3)", f"{count} images have {pixels.shape}, not {wanted}"
        )
    if pixels.dtype not in (np.uint8, np.float32) or not np.isfinite(pixels).all():
        found = f"they are {pixels.dtype}" if pixels.dtype not in (np.uint8, np.float32) else "one is not finite"
        raise _broken(name, "images are uint8, or finite float32", found)
    if not np.array_equal(data.images.read(chosen[::-1]), pixels[::-1]):
        raise _broken(name, "images come in the order asked for", "asked for backwards, they are others")
    _, counts = np.unique(data.labels, return_counts=True)
    if len(counts) < data.num_classes:
        missing = data.num_classes - len(counts)
        raise _broken(name, "every class has an image", f"{missing} of {data.num_classes} classes have none")
    batch = draw_batch(data, data.num_classes, 0)
    if not np.isfinite(batch.images).all():
        raise _broken(name, "a batch can be drawn and normalised", "a normalised image is not finite")


def _generators() -> tuple[object, ...]:
    """The states of the global random generators of Python, numpy and torch."""
    words = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    return (
        random.getstate(),
        repr(words["pos"]),
        words["key"].tobytes(),
        torch.random.get_rng_state().numpy().tobytes(),
    )


def _broken(name: str, rule: str, found: str) -> ConformanceError:
    return ConformanceError(f"data set {name!r}", rule, found.rstrip("."))
