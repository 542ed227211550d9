"""Images that are pixels already, scaled and cut like pictures that are read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from netlore.data.image_set import ImageSet, ImageSource, Indices, Subset
from netlore.data.reading import Reading
from netlore.data.sources.encoded import EncodedImages
from netlore.data.sources.pictures import cut
from netlore.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class CutImages:
    """Square images of another source, scaled and cut when they are asked for."""

    images: ImageSource
    reading: Reading
    resolution: int

    def read(self, indices: Indices) -> npt.NDArray[Any]:
        """The images of these numbers, shape (n, R, R, 3), uint8."""
        pixels = self.images.read(indices)
        if pixels.dtype != np.uint8:
            raise InvalidInput("images that are made, not read, have no other size; leave out resize and crop.")
        found = np.empty((len(indices), self.resolution, self.resolution, 3), dtype=np.uint8)
        for position, one in enumerate(pixels):
            found[position] = np.asarray(cut(Image.fromarray(one), self.reading))
        return found


def reshaped(data: ImageSet, reading: Reading) -> ImageSet:
    """A data set whose pictures were read without `resize` and `crop`, with them; its statistics stay.

    Raises:
        InvalidInput: Its images are smaller than what is to be cut out, or are made, not read.
    """
    images: ImageSource = data.images
    while isinstance(images, Subset):
        images = images.images
    # What was read as it was asked for is cut already.
    if reading.side is None or (isinstance(images, EncodedImages) and images.reading == reading):
        return data
    size = data.images.resolution
    if reading.resize is None and reading.side > size:
        raise InvalidInput(
            f"crop = {reading.crop} is more than the {size} pixels of the images; lower it, or resize."
        )
    made = replace(data, images=CutImages(data.images, reading, reading.side))
    made.images.read(np.zeros(1, dtype=np.int64))
    return made
