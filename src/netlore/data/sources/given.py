"""Data sets that are objects of Python: torch's, torchvision's among them, and what a DataLoader loads from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, TypeGuard

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, IterableDataset
from torch.utils.data import Subset as SubsetOfTorch

from netlore.data.image_set import ImageSet, Indices, numbered
from netlore.data.reading import AS_IT_IS, Reading
from netlore.data.sources.cut import reshaped
from netlore.data.sources.pictures import Unusable, pixels_of
from netlore.data.statistics import channel_statistics
from netlore.errors import InvalidInput, UnreadableData

Given: TypeAlias = ImageSet | Dataset[Any] | DataLoader[Any]
"""What may stand where the name of a data set may."""


def is_given(data: object) -> TypeGuard[Given]:
    """Whether a data set is an object, not a name."""
    return isinstance(data, ImageSet | Dataset | DataLoader)


_LABELS = ("targets", "labels")
_UNCHANGED = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


def name_of(given: Given) -> str:
    """What a data set that is no text is called in records: its class."""
    return type(given.dataset if isinstance(given, DataLoader) else given).__name__


def image_set_of(given: Given, reading: Reading = AS_IT_IS) -> ImageSet:
    """The images and labels of a data set of torch, by number; of a DataLoader those that it loads from.

    An item is a pair of an image and a whole number from 0. An image is a picture of Pillow or bytes, a tensor
    (C, H, W) or an array (H, W, C) or (H, W), with 1 or 3 channels; they are normalised by their own statistics.
    Or it is a tensor or an array of floats, which are used as they are. Labels are those of the attribute
    `targets` or `labels`, as torchvision has them, or else of every item, one after the other; names those of
    `classes`. Order and batches of a DataLoader play no part: which images are drawn, the seed decides.

    Raises:
        InvalidInput: Its items have no numbers, or a reading is asked for that it cannot have.
        UnreadableData: Images or labels are none, or have no common square size.
    """
    reading.check_no_columns(name_of(given))
    if isinstance(given, ImageSet):
        return reshaped(given, reading)
    dataset: Any = given.dataset if isinstance(given, DataLoader) else given
    if isinstance(dataset, IterableDataset) or not hasattr(dataset, "__len__"):
        raise InvalidInput(
            f"a data set must have numbered items, but {name_of(dataset)} is only gone through; give one of its "
            "batches as images and labels."
        )
    if reading.skip_bad:
        raise InvalidInput(f"skip_bad is for files, but {name_of(dataset)} has items; leave it out.")
    labels = _labels(dataset)
    if not len(labels):
        raise UnreadableData(f"a data set must hold images, but {name_of(dataset)} has none; give another.")
    first = _pixels(dataset, 0, reading)
    images = DatasetImages(dataset, len(first), reading, first.dtype == np.float32)
    largest = int(labels.max())
    names = tuple(map(str, getattr(_base(dataset), "classes", None) or ()))
    statistics = _UNCHANGED if images.is_float else channel_statistics(images, len(labels))
    names = names if len(names) > largest else numbered(max(largest, 0) + 1)
    return ImageSet(images, labels, names, *statistics)


@dataclass(frozen=True, eq=False)
class DatasetImages:
    """Images of a data set of torch, one at a time; all must have the kind and the resolution of the first."""

    dataset: Any
    resolution: int
    reading: Reading
    is_float: bool

    def read(self, indices: Indices) -> npt.NDArray[Any]:
        """The images of these numbers, shape (n, R, R, 3), uint8 or float32."""
        kind = np.float32 if self.is_float else np.uint8
        found = np.empty((len(indices), self.resolution, self.resolution, 3), dtype=kind)
        for position, index in enumerate(indices.tolist()):
            one = _pixels(self.dataset, index, self.reading)
            if one.dtype != kind or len(one) != self.resolution:
                raise UnreadableData(
                    f"images must have one size and type, but item {index} of {name_of(self.dataset)} has "
                    f"{len(one)} x {len(one)} pixels in {one.dtype}, the first {self.resolution} in "
                    f"{np.dtype(kind)}; give resize=R, or transform them."
                )
            found[position] = one
        return found


def _pixels(dataset: Any, index: int, reading: Reading) -> npt.NDArray[Any]:
    """One image, shape (R, R, 3): uint8, or float32."""
    image = dataset[index][0]
    place = f"item {index} of {name_of(dataset)}"
    if isinstance(image, torch.Tensor):
        image = image.detach().cpu()
        image = (image.movedim(0, -1) if image.ndim == 3 else image).numpy()
    if isinstance(image, np.ndarray) and image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    try:
        if isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim in (2, 3):
            image = Image.fromarray(image)
        pixels = pixels_of(image, reading) if isinstance(image, Image.Image) else _floats(image, reading)
    except (Unusable, TypeError) as error:
        raise UnreadableData(
            f"images must be pictures, bytes or floats with 1 or 3 channels, but {place} is not ({error}); "
            "transform it."
        ) from error
    if pixels.shape[0] != pixels.shape[1]:
        height, width = pixels.shape[:2]
        raise UnreadableData(f"images must be square, but {place} is {width} x {height}; give resize=R.")
    return pixels


def _floats(image: Any, reading: Reading) -> npt.NDArray[np.float32]:
    if not isinstance(image, np.ndarray) or image.dtype.kind != "f":
        raise TypeError(str(getattr(image, "dtype", type(image).__name__)))
    if reading.side is not None:
        raise TypeError("floats are used as they are: resize them in the data set")
    if image.ndim == 2:
        image = np.repeat(image[..., np.newaxis], 3, axis=2)
    if image.ndim != 3 or image.shape[2] != 3:
        raise TypeError(f"of the shape {image.shape}")
    return np.asarray(image, dtype=np.float32)


def _labels(dataset: Any) -> Indices:
    if isinstance(dataset, SubsetOfTorch):
        return _labels(dataset.dataset)[np.asarray(dataset.indices, dtype=np.int64)]
    known = next((getattr(dataset, name) for name in _LABELS if hasattr(dataset, name)), None)
    if known is None or getattr(dataset, "target_transform", None) is not None or len(known) != len(dataset):
        known = [dataset[index][1] for index in range(len(dataset))]
    labels = np.asarray(known)
    if labels.ndim != 1 or (labels.size and labels.dtype.kind not in "iu"):
        raise UnreadableData(
            f"labels must be one whole number an image, but those of {name_of(dataset)} are {labels.dtype} of "
            f"shape {labels.shape}; give the data set a target_transform that makes them so."
        )
    return labels.astype(np.int64)


def _base(dataset: Any) -> Any:
    return _base(dataset.dataset) if isinstance(dataset, SubsetOfTorch) else dataset
