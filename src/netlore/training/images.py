"""Decoded images: in memory, or in a file that is mapped into it where they are too many for that."""

from __future__ import annotations

import hashlib
import os
import secrets
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from netlore.data import ImageSet, ImageSource
from netlore.data.image_set import Subset
from netlore.data.sources.encoded import EncodedImages, say
from netlore.errors import Unwritable
from netlore.executors import local
from netlore.executors.allocator import available_memory
from netlore.executors.base import usable_cores
from netlore.executors.limits import kept
from netlore.storage import ending
from netlore.storage.atomic import make_folder

SHARE = 0.5
"""Of the free memory, what decoded images may take; more go into a file."""
AT_ONCE = 500
"""Images that a process decodes at a time, into a file."""


@dataclass(frozen=True, eq=False)
class Images:
    """A decoded data set.

    Attributes:
        pixels: Shape (M, R, R, 3), uint8, or float32 where they are used as they are.
        labels: Shape (M,), int64.
        mean: Of each channel on the scale [0, 1], shape (3,).
        std: Likewise.
        file: Where the pixels lie, if not in memory; they stay there, whichever device trains.
    """

    pixels: Tensor
    labels: Tensor
    mean: Tensor
    std: Tensor
    file: Path | None = None

    @staticmethod
    def of(data: ImageSet, file: Path | None = None) -> Images:
        """Decode every image, once, into memory or into a new file; raises `UnreadableData` if one cannot be."""
        if file is None:
            pixels = data.images.read(np.arange(len(data), dtype=np.int64))
            return _images(torch.from_numpy(np.ascontiguousarray(pixels)), data)
        _write(data, file)
        return _images(_mapped(file), data, file)

    def to(self, device: torch.device) -> Images:
        """The same on another device."""
        pixels = self.pixels if self.file is not None else self.pixels.to(device)
        return Images(pixels, self.labels.to(device), self.mean.to(device), self.std.to(device), self.file)

    def picked(self, where: Tensor | slice) -> tuple[Tensor, Tensor]:
        """Some pixels and their labels, on the device of the labels."""
        there = where.to(self.pixels.device) if isinstance(where, Tensor) else where
        return self.pixels[there].to(self.labels.device), self.labels[where]

    def __len__(self) -> int:
        return len(self.labels)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "pixels": self.pixels if self.file is None else None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """In another process; it maps the same file."""
        vars(self).update(state if state["file"] is None else {**state, "pixels": _mapped(state["file"])})

    @property
    def digest(self) -> str:
        """SHA-256 of shapes, pixels and labels, in hexadecimal."""
        result = hashlib.sha256()
        for one in (self.pixels, self.labels):
            array = one.numpy()
            result.update(f"{array.dtype.str}{array.shape}".encode())
            result.update(array.data)
        return result.hexdigest()


def decoded(sets: Sequence[ImageSet], folder: Path | None = None) -> list[Images]:
    """Decode data sets: into memory, or if they take more than `SHARE` of what is free, each into a file in a
    folder.

    A file is nobody's but this process's: it is removed when its images are no longer used, and at the latest when
    the process ends. Without a folder it lies where downloads do.

    Raises:
        UnreadableData: An image cannot be decoded.
        Unwritable: There is no space for a file.
    """
    sizes, free = [_bytes_of(one) for one in sets], available_memory()
    if free is None or sum(sizes) <= SHARE * free:
        return [Images.of(one) for one in sets]
    place = make_folder(folder or _usual_folder())
    say(
        f"decoded, the images take {sum(sizes) / 1e9:.1f} GB, and {free / 1e9:.1f} GB of memory are free; until "
        f"the training ends they lie in files in {place}."
    )
    found = []
    for one in sets:
        file = place / f".netlore-{secrets.token_hex(8)}.npy"
        with ending.changing:
            ending.temporary.add(file)
        try:
            images = Images.of(one, file)
        except BaseException:
            _remove(file)
            raise
        weakref.finalize(images, _remove, file)
        found.append(images)
    return found


def _images(pixels: Tensor, data: ImageSet, file: Path | None = None) -> Images:
    mean, std = (torch.tensor(one, dtype=torch.float32) for one in (data.mean, data.std))
    return Images(pixels, torch.from_numpy(data.labels), mean, std, file)


def _bytes_of(data: ImageSet) -> int:
    return len(data) * data.images.read(np.zeros(1, dtype=np.int64)).nbytes


def _write(data: ImageSet, file: Path) -> None:
    """Decode a data set into a file, by as many processes as there are cores where the images are files."""
    one = data.images.read(np.zeros(1, dtype=np.int64))
    try:
        np.lib.format.open_memmap(file, "w+", one.dtype, (len(data), *one.shape[1:]))
        with file.open("r+b") as stream:
            # A file with holes would end this process with a signal when the disk is full.
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(stream.fileno(), 0, file.stat().st_size)
    except OSError as error:
        raise Unwritable(f"{file} cannot be written ({error.strerror or error}); make space.") from None
    starts = range(0, len(data), AT_ONCE)
    workers = min(usable_cores(), len(starts)) if _are_files(data.images) else 1
    running = local(workers)
    try:
        for _, result in running.run(partial(_writer, data.images, file, len(data)), starts):
            kept(result)
    finally:
        running.close()


def _are_files(images: ImageSource) -> bool:
    while isinstance(images, Subset):
        images = images.images
    return isinstance(images, EncodedImages)


def _writer(images: ImageSource, file: Path, count: int) -> Callable[[int], None]:
    def write(start: int) -> None:
        part = np.arange(start, min(start + AT_ONCE, count), dtype=np.int64)
        pixels = np.load(file, mmap_mode="r+")
        pixels[part[0] : part[-1] + 1] = images.read(part)

    return write


def _mapped(file: Path) -> Tensor:
    # Nothing is written; torch warns of arrays that cannot be written to.
    return torch.from_numpy(np.load(file, mmap_mode="c"))


def _usual_folder() -> Path:
    from netlore.data.sources.torchvision import cache_folder  # importing torchvision takes a second

    return cache_folder()


def _remove(file: Path) -> None:
    # Without the lock: who holds it may be the one in whose middle garbage is collected.
    file.unlink(missing_ok=True)
    ending.temporary.discard(file)
