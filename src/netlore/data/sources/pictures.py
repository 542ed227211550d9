"""From the bytes of one picture to pixels."""

from __future__ import annotations

import io
import struct
import warnings

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from netlore.errors import UnreadableData

# Decoded inside this process. Pillow would hand PostScript, for one, to a program that runs what it says.
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")

LARGEST_SIDE = 4096
"""Pixels of the highest picture that is decoded: a batch of 64 such takes 13 GB."""

# What Pillow's decoders raise on broken files, by experience: truncated files (OSError, EOFError), broken PNG
# chunks (SyntaxError), impossible headers (ValueError, struct.error), absurd sizes (DecompressionBombError).
_DECODING_ERRORS = (OSError, EOFError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError)


def decode_picture(data: bytes, place: str, resolution: int | None = None) -> npt.NDArray[np.uint8]:
    """Decode one square picture to RGB, of any size or of the first one's of its set.

    Grey and palette pictures become three channels; an alpha channel is dropped, not blended. A picture that is
    stored turned, as its EXIF orientation says, is turned upright. What cannot be used is refused by its
    header, before it is decoded: a file of 20 kB may claim to hold pixels of 500 MB.

    Args:
        data: A whole image file of one of `FORMATS`.
        place: Where the bytes come from, for the message ("row 7 of train.parquet").
        resolution: The size that it must have, R.

    Returns:
        Shape (R, R, 3), uint8.

    Raises:
        UnreadableData: The bytes are no picture, more than 8 bits deep, not square, too large, or of another size.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our limit is lower
            stored = Image.open(io.BytesIO(data), formats=FORMATS)
        _check(stored, place, resolution)
        stored.load()
        picture = ImageOps.exif_transpose(stored)  # cameras store pictures turned, and say so
        return np.array(picture.convert("RGB"), dtype=np.uint8)
    except UnreadableData:
        raise
    except _DECODING_ERRORS as error:
        raise UnreadableData(
            f"every image must be a whole {', '.join(FORMATS[:-1])} or {FORMATS[-1]} file, but {place} is not "
            f"({_first_line(error)}); replace or remove it."
        ) from error


def _check(picture: Image.Image, place: str, resolution: int | None) -> None:
    """Refuse a picture by what its header says."""
    # Pillow clips deeper pixels to 255 without a word, which would turn such a picture almost white.
    if picture.mode.startswith(("I", "F")):
        raise UnreadableData(
            f"images must have 8 bits a channel, but {place} has the mode {picture.mode!r}; convert it first."
        )
    if picture.height != picture.width:
        raise UnreadableData(
            f"images must be square, but {place} is {picture.width} x {picture.height}; crop or resize it first."
        )
    if picture.width != (resolution or picture.width):
        raise UnreadableData(
            f"images of a data set must have one size, but {place} is {picture.width} x {picture.height} and the "
            f"first one is {resolution} x {resolution}; resize them first."
        )
    if picture.width > LARGEST_SIDE:
        raise UnreadableData(
            f"images must have at most {LARGEST_SIDE:,} x {LARGEST_SIDE:,} pixels, but {place} is "
            f"{picture.width} x {picture.height}; resize it first."
        )


def extensions() -> set[str]:
    """The endings of files in these formats, such as `.png`, in lower case."""
    return {ending for ending, kind in Image.registered_extensions().items() if kind in FORMATS}


def _first_line(error: BaseException) -> str:
    # Pillow names the in-memory buffer by its address, which helps nobody.
    if isinstance(error, UnidentifiedImageError):
        return "not an image file"
    return (str(error).splitlines() or [type(error).__name__])[0]
