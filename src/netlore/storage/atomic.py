"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from netlore.errors import Unwritable
from netlore.storage import ending


def make_folder(folder: Path) -> Path:
    """Make a folder and those above it, if they are missing; raises `Unwritable` if that cannot be."""
    try:
        make_folders(folder)
    except OSError as error:
        raise Unwritable(f"{folder} cannot be made ({error.strerror or error}); choose another folder.") from None
    return folder


def make_folders(folder: Path) -> None:
    """The same; raises OSError. One after the other, as `mkdir` recurses, and a path may have a thousand parts."""
    missing, one = [], folder
    while not one.is_dir():
        missing.append(one)
        one = one.parent
    for path in reversed(missing):
        path.mkdir(exist_ok=True)


def write_whole(path: Path, content: bytes) -> Path:
    """Write a temporary file and move it to its place: readers see the old or the new one, never a part.

    Raises `Unwritable` if there is no space, no permission, or no such folder; an old file is left as it was.
    """
    # A name of its own, for two threads may write one file; and a new file, never what a planted link names.
    temporary = path.with_name(f".netlore-{secrets.token_hex(8)}.tmp")
    try:
        with ending.changing:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(temporary, flags, 0o666)
            ending.temporary.add(temporary)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)  # the content before its name, or a power cut leaves an empty file
        with ending.changing:
            temporary.replace(path)
            ending.temporary.discard(temporary)
        _keep_names(path.parent)
    except OSError as error:
        raise Unwritable(
            f"{path} cannot be written ({error.strerror or error}); make space or choose another folder."
        ) from None
    finally:
        with ending.changing:
            if temporary in ending.temporary:
                temporary.unlink(missing_ok=True)
                ending.temporary.discard(temporary)
    return path


def _keep_names(folder: Path) -> None:
    """Let a folder's names outlast a power cut, where its file system can; the new file is in its place."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
