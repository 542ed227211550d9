"""Data sets as folders: one folder a class, one image a file."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netlore.arguments import validated
from netlore.data.image_set import ImageSet, Indices, int64
from netlore.data.reading import AS_IT_IS, LARGEST_SIDE, Reading
from netlore.data.sources.encoded import Sizes, opened
from netlore.data.sources.pictures import Unusable, extensions, size_of
from netlore.data.statistics import channel_statistics
from netlore.errors import UnreadableData
from netlore.reading import opened_file, read_file

# Bytes of the largest image file: twice those of the pixels of the largest picture.
_LARGEST = 2 * 3 * LARGEST_SIDE**2


@dataclass(frozen=True)
class FolderFiles:
    """Image files in folders of classes."""

    folder: Path
    paths: tuple[Path, ...]

    @property
    def where(self) -> str:
        """The folder."""
        return str(self.folder)

    def __len__(self) -> int:
        return len(self.paths)

    def place(self, index: int) -> str:
        """A file in the folder."""
        return str(self.paths[index].relative_to(self.folder))

    def encoded(self, indices: Indices) -> Iterator[tuple[int, bytes | Unusable]]:
        """The files, one after the other."""
        known = extensions()
        for position, index in enumerate(indices.tolist()):
            try:
                _check_name(self.paths[index], known)
                yield position, read_file(self.paths[index], _LARGEST)
            except OSError as error:
                yield position, Unusable(error.strerror or "unreadable")
            except Unusable as error:
                yield position, error

    def headers(self, reading: Reading) -> Sizes:
        """Their first bytes say how large pictures are."""
        known = extensions()
        for index, path in enumerate(self.paths):
            try:
                _check_name(path, known)
                with opened_file(path) as stream:
                    size = size_of(stream, reading)
            except OSError as error:
                yield index, Unusable(error.strerror or "unreadable")
            except Unusable as error:
                yield index, error
            else:
                yield index, size

    def state(self) -> Hashable:
        """Sizes and times of change."""
        return tuple(_state(path) for path in self.paths)


@validated
def read_folder(folder: Path, reading: Reading = AS_IT_IS) -> ImageSet:
    """Open a folder that holds one folder of images a class.

    Classes are numbered in the alphabetical order of their folders, as in torchvision's `ImageFolder`. Hidden
    files and folders (their names begin with a dot) are skipped, and so are files next to the class folders.
    Normalised by the set's own channel statistics (`channel_statistics`: from at most 2,000 images).

    Raises:
        UnreadableData: There is no class folder, a class folder has no image, or files in it cannot be used.
    """
    reading.check_no_columns(f"the folder {folder}")
    classes = sorted((entry for entry in visible(folder) if entry.is_dir()), key=lambda entry: entry.name)
    if not classes:
        raise UnreadableData(
            f"a data folder must hold .parquet files or one folder of images a class, but {folder} holds neither; "
            "check the path."
        )
    members = [_images_of(entry) for entry in classes]
    labels = np.repeat(np.arange(len(classes)), [len(one) for one in members])
    files = FolderFiles(folder, tuple(path for one in members for path in one))
    images, kept, left_out = opened(files, reading)
    if empty := sorted({*range(len(classes))} - {*labels[kept].tolist()}):
        raise UnreadableData(f"of {classes[empty[0]]} no image can be used; mend one, or remove the folder.")
    statistics = channel_statistics(images, len(kept))
    names = tuple(entry.name for entry in classes)
    return ImageSet(images, int64(labels[kept]), names, *statistics, left_out)


def _images_of(folder: Path) -> list[Path]:
    """The image files of a class, in alphabetical order."""
    files = sorted(visible(folder), key=lambda path: path.name)
    if not files:
        raise UnreadableData(f"every class folder must hold images, but {folder} is empty; fill or remove it.")
    return files


def _check_name(path: Path, known: set[str]) -> None:
    if not path.is_file() or path.suffix.lower() not in known:
        raise Unusable("by its name no image file")


def _state(path: Path) -> Hashable:
    try:
        found = path.stat()
    except OSError:
        return path
    return found.st_size, found.st_mtime_ns


def visible(folder: Path) -> list[Path]:
    """What lies in a folder and is not hidden; raises `UnreadableData` if nobody may see it."""
    try:
        return [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError as error:
        raise UnreadableData(
            f"a data folder must be readable, but {folder} is not ({error.strerror}); check its permissions."
        ) from error
