"""From the bytes of one picture to pixels."""

from __future__ import annotations

import io
import struct

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from netlore.errors import UnreadableData

# Decoded inside this process. Pillow would hand PostScript, for one, to a program that runs what it says.
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")

# What Pillow's decoders raise on broken files, by experience: truncated files (OSError, EOFError), broken PNG
# chunks (SyntaxError), impossible headers (ValueError, struct.error), absurd sizes (DecompressionBombError).
_DECODING_ERRORS = (OSError, EOFError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError)


def decode_picture(data: bytes, place: str, resolution: int | None = None) -> npt.NDArray[np.uint8]:
    """Decode one square picture to RGB, of any size or of the first one's of its set.

    Grey and palette pictures become three channels; an alpha channel is dropped, not blended. A picture that is
    stored turned, as its EXIF orientation says, is turned upright.

    Args:
        data: A whole image file of one of `FORMATS`.
        place: Where the bytes come from, for the message ("row 7 of train.parquet").
        resolution: The size that it must have, R.

    Returns:
        Shape (R, R, 3), uint8.

    Raises:
        UnreadableData: The bytes are no picture, more than 8 bits deep, not square, or of another size.
    """
    try:
        stored = Image.open(io.BytesIO(data), formats=FORMATS)
        stored.load()
        picture = ImageOps.exif_transpose(stored)  # cameras store pictures turned, and say so
    except _DECODING_ERRORS as error:
        raise UnreadableData(
            f"every image must be a whole {', '.join(FORMATS[:-1])} or {FORMATS[-1]} file, but {place} is not "
            f"({_first_line(error)}); replace or remove it."
        ) from error
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
    return np.array(picture.convert("RGB"), dtype=np.uint8)


def extensions() -> set[str]:
    """The endings of files in these formats, such as `.png`, in lower case."""
    return {ending for ending, kind in Image.registered_extensions().items() if kind in FORMATS}


def _first_line(error: BaseException) -> str:
    # Pillow names the in-memory buffer by its address, which helps nobody.
    if isinstance(error, UnidentifiedImageError):
        return "not an image file"
    return (str(error).splitlines() or [type(error).__name__])[0]
