"""Image files by number, wherever they lie: decoded when they are asked for, and refused together if bad."""

from __future__ import annotations

import io
import warnings
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from netlore.data.image_set import ImageSource, Indices, Subset
from netlore.data.reading import Reading
from netlore.data.sources.pictures import FORMATS, Unusable, decode, size_of
from netlore.errors import DataWarning, UnreadableData

MOST_LOOKED_AT = 50_000
"""Of more images, those that are asked for are looked at when one is bad; of fewer, all, so that all are named."""
_LISTED = 10

Sizes = Iterator[tuple[int, tuple[int, int] | Unusable]]
"""Numbers of images, each with its width and height, or why it cannot be used."""


class Files(Protocol):
    """Whole image files by number."""

    @property
    def where(self) -> str:
        """The folder or table that they lie in, in words."""
        ...

    def __len__(self) -> int: ...

    def place(self, index: int) -> str:
        """The words for one of them."""
        ...

    def encoded(self, indices: Indices) -> Iterator[tuple[int, bytes | Unusable]]:
        """The files of these numbers, each with its position in `indices`, in any order."""
        ...

    def headers(self, reading: Reading) -> Sizes | None:
        """All sizes, where that is much less work than to read the files; None where it is not."""
        ...

    def state(self) -> Hashable:
        """What changes when they do; None: nobody knows."""
        ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True)
class EncodedImages:
    """Image files as an `ImageSource`; without a side in `reading`, all must have the one resolution."""

    files: Files
    resolution: int
    reading: Reading

    def read(self, indices: Indices) -> npt.NDArray[np.uint8]:
        """The images of these numbers, shape (n, R, R, 3), uint8.

        Raises:
            UnreadableData: Some cannot be used; they are named, and the bad ones among all others with them.
        """
        pixels = np.empty((len(indices), self.resolution, self.resolution, 3), dtype=np.uint8)
        bad: set[int] = set()
        for position, data in self.files.encoded(indices):
            try:
                pixels[position] = decode(_checked(data), self.reading, self.resolution)
            except Unusable:
                bad.add(int(indices[position]))
        if bad:
            found = _Found.of(_sizes(self.files, self.reading, np.array([*bad])))
            raise _refusal(self.files, self.reading, found, self.resolution)
        return pixels

    def stored_sizes(self, indices: Indices) -> list[tuple[int, int]]:
        """Width and height of the pictures of these numbers as their headers have them; those that have none are
        left out."""
        found = []
        for _, data in self.files.encoded(indices):
            with suppress(Unusable):
                found.append(size_of(io.BytesIO(_checked(data)), self.reading))
        return found


class Opened(NamedTuple):
    """Images, which of all files they are, and the words for those that were left out."""

    images: ImageSource
    kept: Indices
    left_out: tuple[str, ...]


def opened(files: Files, reading: Reading) -> Opened:
    """Image files as images of one size, looked at before anything is made of them.

    Where it costs little, the headers of all are read. What is left out does not depend on which images are drawn,
    so `skip_bad` decodes every one: a file may be damaged in its middle.

    Raises:
        UnreadableData: Files cannot be used, or have no common square size: all are named at once.
    """
    every = np.arange(len(files), dtype=np.int64)
    if reading.skip_bad:
        return _without_bad(files, reading)
    headers = files.headers(reading)
    found = _Found.of(_sizes(files, reading, every[:1]) if headers is None else headers)
    if found.bad or found.misshapen(reading):
        raise _refusal(files, reading, found)
    return Opened(EncodedImages(files, reading.side or found.sizes[0][0], reading), every, ())


class _Found(NamedTuple):
    """What was found out of some files: their sizes, and why others cannot be used."""

    sizes: dict[int, tuple[int, int]]
    bad: dict[int, Unusable]

    @staticmethod
    def of(sizes: Sizes) -> _Found:
        found = _Found({}, {})
        for index, one in sizes:
            if isinstance(one, Unusable):
                found.bad[index] = one
            else:
                found.sizes[index] = one
        return found

    def misshapen(self, reading: Reading) -> bool:
        """Whether they have no common square size, and need one."""
        different = set(self.sizes.values())
        return reading.side is None and (len(different) > 1 or any(w != h for w, h in different))


def _without_bad(files: Files, reading: Reading) -> Opened:
    state = files.state()
    # Several parts of a command read the same files, and decoding all of them may take minutes.
    found = _decoded(files, reading) if state is None else _decoded_once(files, reading, state)
    if not found.sizes or found.misshapen(reading):
        raise _in_one_line(files, reading, found)
    kept = np.array(sorted(found.sizes), dtype=np.int64)
    words = tuple(f"{files.place(index)} ({one})" for index, one in sorted(found.bad.items()))
    images: ImageSource = EncodedImages(files, reading.side or found.sizes[int(kept[0])][0], reading)
    if words:
        images = Subset(images, kept)
        say(f"{len(words)} of {len(files)} images in {files.where} are left out: {_listed(words)}.")
    return Opened(images, kept, words)


@lru_cache(maxsize=8)
def _decoded_once(files: Files, reading: Reading, state: Hashable) -> _Found:
    return _decoded(files, reading)


def _decoded(files: Files, reading: Reading) -> _Found:
    """What is found out by decoding all files."""
    return _Found.of(_sizes(files, reading, np.arange(len(files), dtype=np.int64)))


def _sizes(files: Files, reading: Reading, indices: Indices) -> Sizes:
    """The sizes of some files, which are decoded to the end."""
    for position, data in files.encoded(indices):
        try:
            size = size_of(io.BytesIO(_checked(data)), reading, whole=True)
        except Unusable as error:
            yield int(indices[position]), error
        else:
            yield int(indices[position]), size


def _checked(data: bytes | Unusable) -> bytes:
    if isinstance(data, Unusable):
        raise data
    return data


def _refusal(files: Files, reading: Reading, found: _Found, resolution: int | None = None) -> UnreadableData:
    """One line about what is bad among all files, or about what was found where there are too many to look at."""
    if len(files) <= MOST_LOOKED_AT and not reading.skip_bad:
        found = _decoded(files, reading)
    return _in_one_line(files, reading, found, resolution)


def _in_one_line(files: Files, reading: Reading, found: _Found, resolution: int | None = None) -> UnreadableData:
    unreadable = ""
    if found.bad:
        words = [f"{files.place(index)} ({one})" for index, one in sorted(found.bad.items())]
        unreadable = f"{len(words)} of {len(files)} in {files.where} cannot be used: {_listed(words)}"
    shapes = "" if reading.side else _shapes(files, found.sizes, resolution)
    if not shapes:
        return UnreadableData(
            f"every image must be a whole {', '.join(FORMATS[:-1])} or {FORMATS[-1]} file, but {unreadable}; "
            "replace or remove what is bad, or leave it out by --skip-bad (in Python skip_bad=True)."
        )
    return UnreadableData(
        f"images must be square and of one size, but of {len(files)} in {files.where} {shapes}; --resize R (in "
        "Python resize=R) scales the shorter side to R and cuts the middle out, --crop R cuts it out as it is"
        f"{f'; also, {unreadable}' if unreadable else ''}."
    )


def _shapes(files: Files, sizes: Mapping[int, tuple[int, int]], resolution: int | None) -> str:
    """The words for how many are not square, and how many of another size than the first that is."""
    oblong = [index for index, (width, height) in sorted(sizes.items()) if width != height]
    square = [index for index, (width, height) in sorted(sizes.items()) if width == height]
    side = resolution or (sizes[square[0]][0] if square else 0)
    other = [index for index in square if sizes[index][0] != side]
    said = []
    if oblong:
        width, height = sizes[oblong[0]]
        what = "is not square" if len(oblong) == 1 else "are not square"
        said.append(f"{len(oblong)} {what} ({files.place(oblong[0])} is {width} x {height})")
    if other:
        size, what = sizes[other[0]][0], "has another size" if len(other) == 1 else "have another size"
        first = f"the first one {side} x {side}"
        said.append(f"{len(other)} {what} ({files.place(other[0])} is {size} x {size}, {first})")
    return " and ".join(said)


def _listed(words: Sequence[str]) -> str:
    more = f" and {len(words) - _LISTED} more" if len(words) > _LISTED else ""
    return f"{', '.join(words[:_LISTED])}{more}"


def say(text: str) -> None:
    """A note about a data set; shown once, however often it is read."""
    warnings.warn(text, DataWarning, stacklevel=2)
