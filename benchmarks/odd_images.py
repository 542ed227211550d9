"""A folder of pictures as people have them: of many sizes, formats and modes, some turned, some broken.

Four classes of patterns in noise: rows, columns, a ring and a cross. Rows and columns differ in their direction
alone, so that a picture which is read lying on its side has the wrong class.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CLASSES = ("column", "cross", "ring", "row")
SMALLEST, LARGEST = 28, 72
"""Pixels of a side."""
_ORIENTATION, _TURNED = 0x0112, 6
"""The EXIF entry, and its value for a picture that is to be turned by a quarter clockwise."""


def write_odd_images(folder: Path, images: int, seed: int = 0, bad: int = 3, noise: float = 60.0) -> None:
    """Write pictures into folders of classes.

    Args:
        images: Of each class; they take turns in format and mode.
        bad: Further files that cannot be used, in the first class.
        noise: Standard deviation of each pixel, of 255.
    """
    rng = np.random.default_rng(seed)
    for label, name in enumerate(CLASSES):
        place = folder / name
        place.mkdir(parents=True)
        for number in range(images):
            width, height = rng.integers(SMALLEST, LARGEST, 2, endpoint=True).tolist()
            pixels = _drawn(label, width, height, rng, noise)
            ending, save = _FORMATS[(number + label) % len(_FORMATS)]
            (place / f"{number:04}.{ending}").write_bytes(save(pixels))
    for number in range(bad):
        broken = _png(np.zeros((40, 40, 3), dtype=np.uint8))[: 40 + number]
        (folder / CLASSES[0] / f"broken-{number}.png").write_bytes(broken)


def _drawn(label: int, width: int, height: int, rng: np.random.Generator, noise: float) -> NDArray[np.uint8]:
    """A pattern, shape (height, width, 3), somewhere near the middle, of any two colours."""
    side = min(width, height)
    centre = np.array([height, width]) / 2 + rng.uniform(-0.1, 0.1, 2) * side
    down, across = np.mgrid[:height, :width] - centre[:, np.newaxis, np.newaxis]
    size, thick = side * rng.uniform(0.25, 0.4), side * rng.uniform(0.06, 0.1)
    inside = np.maximum(np.abs(down), np.abs(across)) < size
    period = side * rng.uniform(0.15, 0.25)
    phase = rng.uniform(0, 1)
    shapes = (
        inside & ((across / period + phase) % 1 < 0.5),
        inside & ((np.abs(down) < thick) | (np.abs(across) < thick)),
        np.abs(np.hypot(down, across) - size) < thick,
        inside & ((down / period + phase) % 1 < 0.5),
    )
    ground, ink = rng.uniform(0, 255, (2, 3))
    found = np.where(shapes[label][..., np.newaxis], ink, ground) + rng.normal(0, noise, (height, width, 3))
    return np.clip(found, 0, 255).astype(np.uint8)


def _saved(picture: Image.Image, form: str, **how: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **how)
    return buffer.getvalue()


def _png(pixels: NDArray[np.uint8]) -> bytes:
    return _saved(Image.fromarray(pixels), "PNG")


def _gray16(pixels: NDArray[np.uint8]) -> bytes:
    return _saved(Image.fromarray((pixels.mean(axis=2) * 257).astype(np.uint16)), "PNG")


def _turned(pixels: NDArray[np.uint8]) -> bytes:
    """As a camera that was held upright stores it: lying on its side, which the EXIF entry says."""
    exif = Image.Exif()
    exif[_ORIENTATION] = _TURNED
    return _saved(Image.fromarray(np.rot90(pixels)), "JPEG", exif=exif, quality=90)


def _with_alpha(pixels: NDArray[np.uint8]) -> bytes:
    alpha = np.full((*pixels.shape[:2], 1), 128, dtype=np.uint8)
    return _saved(Image.fromarray(np.concatenate([pixels, alpha], axis=2)), "PNG")


_FORMATS: tuple[tuple[str, Callable[[NDArray[np.uint8]], bytes]], ...] = (
    ("png", _png),
    ("jpg", _turned),
    ("png", _gray16),
    ("jpg", lambda pixels: _saved(Image.fromarray(pixels).convert("CMYK"), "JPEG", quality=90)),
    ("png", _with_alpha),
    ("gif", lambda pixels: _saved(Image.fromarray(pixels).convert("P"), "GIF")),
    ("webp", lambda pixels: _saved(Image.fromarray(pixels), "WEBP", quality=90)),
    ("tif", lambda pixels: _saved(Image.fromarray(pixels).convert("L"), "TIFF")),
)
