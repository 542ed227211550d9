"""Data sets as folders: one folder a class, one image a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from netlore.arguments import validated
from netlore.data.image_set import ImageSet, Indices, int64
from netlore.data.sources.pictures import LARGEST_SIDE, decode_picture, extensions
from netlore.data.statistics import channel_statistics
from netlore.errors import UnreadableData
from netlore.reading import read_file

# Bytes of the largest image file: twice those of the pixels of the largest picture.
_LARGEST = 2 * 3 * LARGEST_SIDE**2


@dataclass(frozen=True)
class FolderImages:
    """Image files, decoded when they are asked for; all must have the resolution of the first one."""

    paths: tuple[Path, ...]
    resolution: int

    def read(self, indices: Indices) -> npt.NDArray[np.uint8]:
        """The images of these numbers, shape (n, R, R, 3), uint8."""
        pixels = np.empty((len(indices), self.resolution, self.resolution, 3), dtype=np.uint8)
        for position, index in enumerate(indices):
            path = self.paths[index]
            pixels[position] = decode_picture(_bytes_of(path), str(path), self.resolution)
        return pixels


@validated
def read_folder(folder: Path) -> ImageSet:
    """Open a folder that holds one folder of images a class.

    Classes are numbered in the alphabetical order of their folders, as in torchvision's `ImageFolder`. Hidden
    files and folders (their names begin with a dot) are skipped, and so are files next to the class folders.
    Normalised by the set's own channel statistics (`channel_statistics`: from at most 2,000 images).

    Raises:
        UnreadableData: There is no class folder, a class folder is empty or holds something that is not an
            image, or images have no common square size.
    """
    classes = sorted((entry for entry in _visible(folder) if entry.is_dir()), key=lambda entry: entry.name)
    if not classes:
        raise UnreadableData(
            f"a data folder must hold .parquet files or one folder of images a class, but {folder} holds neither; "
            "check the path."
        )
    files = [_images_of(entry) for entry in classes]
    paths = tuple(path for members in files for path in members)
    labels = np.repeat(np.arange(len(classes)), [len(members) for members in files])
    images = FolderImages(paths, len(decode_picture(_bytes_of(paths[0]), str(paths[0]))))
    mean, std = channel_statistics(images, len(paths))
    return ImageSet(images, int64(labels), tuple(entry.name for entry in classes), mean, std)


def _images_of(folder: Path) -> list[Path]:
    """The image files of a class, in alphabetical order."""
    files = sorted(_visible(folder), key=lambda path: path.name)
    if not files:
        raise UnreadableData(f"every class folder must hold images, but {folder} is empty; fill or remove it.")
    known = extensions()
    for path in files:
        if not path.is_file() or path.suffix.lower() not in known:
            raise UnreadableData(
                f"class folders must hold image files only, but {path} is not one; remove it, or hide it with a "
                "dot before its name."
            )
    return files


def _visible(folder: Path) -> list[Path]:
    with _readable("a data folder", folder):
        return [entry for entry in folder.iterdir() if not entry.name.startswith(".")]


def _bytes_of(path: Path) -> bytes:
    with _readable("every image file", path):
        return read_file(path, _LARGEST)


@contextmanager
def _readable(what: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnreadableData(
            f"{what} must be readable, but {path} is not ({error.strerror}); check its permissions."
        ) from error
