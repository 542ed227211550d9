"""Files and texts that others may have made: read within limits, or refused.

Nothing here says what a file is for. Who reads one begins the line of complaint, and says what to do.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

LARGEST = 2**26
"""Bytes of the largest document that is read, if nothing else is said."""

LARGEST_TOML = 2**18
"""Characters of the longest TOML, which people write by hand."""

DEEPEST = 32
"""Objects and lists in one another, at most, in a document; and parts of a key of TOML."""

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_PART = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.){0,200}+"|'[^'\n]{0,200}+')"""
# The time that tomllib takes for a key grows with the square of its parts.
_LONG_KEY = re.compile(rf"(?<![\w\"'-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{DEEPEST}}}")


@contextmanager
def opened_file(path: Path) -> Iterator[BinaryIO]:
    """A regular file, to be read.

    Raises:
        OSError: It cannot be read, or is a pipe, a device or a folder, which is not even opened: a pipe would wait
            for its other end, and a device may have no end.
    """
    _check_regular(path, path.stat())
    # Not to wait, should a pipe have taken the file's place since.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        _check_regular(path, os.fstat(descriptor))
        yield file


def is_there(path: Path) -> bool:
    """Whether something is at a path; a name that is too long for the system is nowhere."""
    try:
        return path.exists()
    except OSError:
        return False


def read_file(path: Path, most: int = LARGEST) -> bytes:
    """The content of a regular file of at most so many bytes; raises OSError as `opened_file`, or if larger."""
    with opened_file(path) as file:
        if os.fstat(file.fileno()).st_size > most:
            raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes", str(path))
        return file.read(most)


def _check_regular(path: Path, found: os.stat_result) -> None:
    kind = stat.S_IFMT(found.st_mode)
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(kind):
        raise OSError(errno.EINVAL, f"it is {_KINDS.get(kind, 'no file')}", str(path))


def parse_json(text: str | bytes, constant: Callable[[str], Any] | None = None) -> Any:
    """What a JSON text says; `constant` is called for NaN and infinities, which are numbers if it is missing.

    Raises:
        ValueError: It is no JSON, or nested too deep.
    """
    try:
        found = json.loads(text, parse_constant=constant)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    _check_depth(found)
    return found


def parse_toml(text: str) -> dict[str, Any]:
    """What a TOML text says.

    Raises:
        ValueError: It is no TOML, too long, or nested too deep, in its values or in a key of many parts.
    """
    if len(text) > LARGEST_TOML:
        raise ValueError(f"it is longer than {LARGEST_TOML:,} characters")
    if _LONG_KEY.search(text):
        raise ValueError(f"more than {DEEPEST} words are joined by dots")
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    _check_depth(found)
    return found


def _check_depth(document: Any) -> None:
    """Refuse, as ValueError, a document in which too much is in one another; without recursion."""
    level, depth = [document], 0
    while level:
        depth += 1
        inner = (value for one in level for value in _inside(one))
        level = [value for value in inner if isinstance(value, dict | list)]
        if level and depth >= DEEPEST:
            raise ValueError(f"more than {DEEPEST} objects and lists are in one another")


def _inside(one: Any) -> Any:
    return one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
