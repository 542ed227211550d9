"""Batches that somebody has already, as tensors of torch or arrays of numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from torch import Tensor

from netlore.data.batch import Batch
from netlore.data.image_set import ArrayImages, Channels, check_statistics
from netlore.data.statistics import channel_statistics
from netlore.errors import InvalidInput

Images: TypeAlias = Tensor | npt.NDArray[Any]
Labels: TypeAlias = Tensor | npt.NDArray[Any] | Sequence[int]


def own_batches(pairs: Sequence[tuple[Images, Labels]]) -> list[Batch]:
    """Pairs of images and labels as batches: floats as they are, bytes normalised by the statistics of the first.

    Images are tensors (N, C, R, R) or arrays (N, R, R, C), each also in the order of the other where its shape
    allows no other meaning; bytes may be grey, also of shape (N, R, R), and become three equal channels.

    Raises:
        InvalidInput: Images and labels do not fit together, or the pairs do not fit each other.
    """
    found = [(_channels_first(images), _whole(labels)) for images, labels in pairs]
    shape = found[0][0].shape
    for (images, labels), (given, _) in zip(found, pairs, strict=True):
        fits = images.ndim == 4 and images.shape[2] == images.shape[3] and images.shape[1:] == shape[1:]
        fits = fits and (images.dtype.kind == "f" or (images.dtype == np.uint8 and images.shape[1] == 3))
        if not (fits and labels.dtype.kind in "iu" and labels.shape == images.shape[:1] and len(labels)):
            raise InvalidInput(
                f"images {given.dtype} of shape {tuple(given.shape)} and labels {labels.dtype} of shape "
                f"{labels.shape} are no batch; give floats (N, C, R, R), or bytes of 1 or 3 channels, and whole "
                "numbers (N,)."
            )
    statistics = _statistics([images for images, _ in found if images.dtype == np.uint8][:1])
    return [Batch(_normalised(images, statistics), labels.astype(np.int64)) for images, labels in found]


def _channels_first(images: Images) -> npt.NDArray[Any]:
    """Shape (N, C, R, R), if it is one of images at all."""
    is_tensor = isinstance(images, Tensor)
    if isinstance(images, Tensor):
        images = images.detach()
        array = (images.float() if images.is_floating_point() else images).cpu().numpy()
    else:
        array = np.asarray(images)
    if array.dtype == np.uint8 and array.ndim == 3:
        array = array[:, np.newaxis] if is_tensor else array[..., np.newaxis]
    if array.ndim == 4:
        first, last = array.shape[2] == array.shape[3], array.shape[1] == array.shape[2]
        if last and not (is_tensor and first):
            array = array.transpose(0, 3, 1, 2)
        if array.dtype == np.uint8 and array.shape[1] == 1:
            array = np.repeat(array, 3, axis=1)
    return array


def _whole(labels: Labels) -> npt.NDArray[Any]:
    return labels.detach().cpu().numpy() if isinstance(labels, Tensor) else np.asarray(labels)


def _statistics(pixels: Sequence[npt.NDArray[np.uint8]]) -> tuple[Channels, Channels] | None:
    if not pixels:
        return None
    found = channel_statistics(ArrayImages(pixels[0].transpose(0, 2, 3, 1)), len(pixels[0]))
    check_statistics(*found)
    return found


def _normalised(images: npt.NDArray[Any], statistics: tuple[Channels, Channels] | None) -> npt.NDArray[np.float32]:
    if images.dtype != np.uint8 or statistics is None:
        return np.ascontiguousarray(images.astype(np.float32))
    mean, std = (np.array(one, dtype=np.float32)[:, np.newaxis, np.newaxis] for one in statistics)
    return np.ascontiguousarray((images.astype(np.float32) / np.float32(255) - mean) / std)
