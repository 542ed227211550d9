"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from netlore.errors import Unwritable


def make_folder(folder: Path) -> Path:
    """Make a folder and those above it, if they are missing.

    Raises:
        Unwritable: There is no permission or no space, or a file has that name.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unwritable(f"{folder} cannot be made ({error.strerror or error}); choose another folder.") from None
    return folder


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file beside its place and move it there: readers see the old or the new one, never a part.

    Raises:
        Unwritable: There is no space, no permission, or no such folder; an old file is left as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise Unwritable(
            f"{path} cannot be written ({error.strerror or error}); make space or choose another folder."
        ) from None
    finally:
        temporary.unlink(missing_ok=True)
    return path
