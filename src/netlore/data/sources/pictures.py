"""From the bytes of one picture to pixels.

Pillow decodes and scales, as one path for whatever is read: its bilinear filter widens with the scale, so that
nothing aliases, and it is what torchvision's `Resize` does with a picture, without the second that torchvision
takes to import.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from netlore.data.reading import AS_IT_IS, LARGEST_SIDE, Reading

# Decoded inside this process. Pillow would hand PostScript, for one, to a program that runs what it says.
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")

MOST_PIXELS = 2**26
"""Of a picture that is scaled or cut, which is held alone: 8,192 x 8,192, as RGB 200 MB."""

# What Pillow's decoders raise on broken files, by experience: truncated files (OSError, EOFError), broken PNG
# chunks (SyntaxError), impossible headers (ValueError, struct.error), absurd sizes (DecompressionBombError).
_DECODING_ERRORS = (OSError, EOFError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError)

_DEEP_GREY = ("I;16", "I;16L", "I;16B", "I;16N")


class Unusable(Exception):  # noqa: N818 - as in errors
    """Why a picture cannot be used, in a few words that stand in brackets behind its name."""


class Misshapen(Unusable):
    """A picture that is not square or of another size, which `resize` and `crop` mend."""


def size_of(stream: IO[bytes], reading: Reading, whole: bool = False) -> tuple[int, int]:
    """Width and height of a picture, by its header alone or after all that `decode` does; raises `Unusable`."""
    with _in_words():
        picture = _opened(stream, reading)
        # What is not square is refused without a look at its pixels, of which there may be any number.
        if whole and (reading.side or picture.width == picture.height):
            picture.load()
            pixels_of(picture, reading)
        return picture.size


def decode(data: bytes, reading: Reading = AS_IT_IS, resolution: int | None = None) -> npt.NDArray[np.uint8]:
    """Decode one picture to RGB, shape (R, R, 3), uint8, of any size or of a given one.

    Grey and palette pictures become three channels, CMYK the RGB of Pillow's plain formula; of 16 bits of grey the
    255 steps are kept, v / 257 rounded; an alpha channel is dropped, not blended. A picture that is stored turned,
    as its EXIF orientation says, is turned upright. What cannot be used is refused by its header, before it is
    decoded: a file of 20 kB may claim to hold pixels of 500 MB.

    Args:
        data: A whole image file of one of `FORMATS`.
        reading: What is cut out of it.
        resolution: The size that it must have, R, where nothing is cut.

    Raises:
        Unusable: The bytes are no picture, deeper than 16 bits, too large, or smaller than what is cut out.
        Misshapen: It is not square, or of another size.
    """
    with _in_words():
        stored = _opened(io.BytesIO(data), reading)
        if reading.side is None:
            check_shape(stored.size, resolution)
        stored.load()
        return pixels_of(stored, reading)


def pixels_of(picture: Image.Image, reading: Reading) -> npt.NDArray[np.uint8]:
    """A loaded picture upright, in RGB and cut out."""
    _check_depth(picture)
    upright = ImageOps.exif_transpose(picture)  # cameras store pictures turned, and say so
    return np.array(cut(_in_colour(upright), reading), dtype=np.uint8)


def cut(picture: Image.Image, reading: Reading) -> Image.Image:
    """The square in the middle of a picture, scaled: R x R pixels; the picture itself if nothing is to be cut.

    With `resize`, the middle of the source is scaled in one step, and not all of it: the same pixels as scaling
    first and cutting then, where the longer side is a whole number after scaling, and little memory for pictures
    that are far longer than high. The square begins at a whole pixel, so that nothing is blurred by half of one.
    """
    if reading.side is None:
        return picture
    shorter = min(picture.size)
    taken = float(reading.side) if reading.resize is None else shorter * reading.side / reading.resize
    if taken > shorter:
        raise Unusable(f"{picture.width} x {picture.height} pixels, from which {reading.side} cannot be cut")
    left, top = (round((length - taken) / 2) for length in picture.size)
    box = (left, top, left + taken, top + taken)
    if taken == reading.side:
        return picture.crop((left, top, left + reading.side, top + reading.side))
    return picture.resize((reading.side, reading.side), Image.Resampling.BILINEAR, box)


def check_shape(size: tuple[int, int], resolution: int | None) -> None:
    """Refuse, as `Misshapen`, what is not square, or not of a given size."""
    width, height = size
    if width != height or width != (resolution or width):
        raise Misshapen(f"{width} x {height}")


def extensions() -> set[str]:
    """The endings of files in these formats, such as `.png`, in lower case."""
    return {ending for ending, kind in Image.registered_extensions().items() if kind in FORMATS}


def _opened(stream: IO[bytes], reading: Reading) -> Image.Image:
    """A picture whose header says that it can be decoded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our limit is lower
        stored = Image.open(stream, formats=FORMATS)
    _check_depth(stored)
    width, height = stored.size
    if reading.side is None and width == height > LARGEST_SIDE:
        raise Unusable(f"{width} x {height} pixels, more than {LARGEST_SIDE:,} x {LARGEST_SIDE:,}; resize it")
    if reading.side is not None and width * height > MOST_PIXELS:
        raise Unusable(f"{width} x {height} pixels, more than {MOST_PIXELS:,}")
    if reading.resize is None and reading.crop is not None and min(width, height) < reading.crop:
        raise Unusable(f"{width} x {height} pixels, from which {reading.crop} cannot be cut")
    return stored


def _check_depth(picture: Image.Image) -> None:
    # Pillow clips deeper pixels to 255 without a word, which would turn such a picture almost white.
    if picture.mode.startswith(("I", "F")) and not _is_deep_grey(picture):
        raise Unusable(f"its mode {picture.mode!r} is deeper than 16 bits")


def _is_deep_grey(picture: Image.Image) -> bool:
    # Some versions of Pillow open such PNG files with 32 bits, of which 16 are used.
    return picture.mode in _DEEP_GREY or (picture.mode == "I" and picture.format == "PNG")


def _in_colour(picture: Image.Image) -> Image.Image:
    if _is_deep_grey(picture):
        values = np.asarray(picture).astype(np.int64)
        return Image.fromarray(((values + 128) // 257).astype(np.uint8)).convert("RGB")
    if picture.mode == "P" and "transparency" in picture.info:
        picture = picture.convert("RGBA")  # Pillow warns where several colours are transparent
    return picture.convert("RGB")


@contextmanager
def _in_words() -> Iterator[None]:
    """Turns what Pillow raises into an `Unusable`."""
    try:
        yield
    except _DECODING_ERRORS as error:
        raise Unusable(_first_line(error)) from error


def _first_line(error: BaseException) -> str:
    # Pillow names the in-memory buffer by its address, which helps nobody.
    if isinstance(error, UnidentifiedImageError):
        return "not an image file"
    return (str(error).splitlines() or [type(error).__name__])[0]
