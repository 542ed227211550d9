"""What a path holds: one set of images, or one to learn from, one to judge by and one that is kept for the end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from netlore.data.image_set import ImageSet
from netlore.data.reading import AS_IT_IS, Reading
from netlore.data.sources.encoded import say
from netlore.data.sources.folder import read_folder, visible
from netlore.data.sources.huggingface import APART, VALIDATION, Parts, apart, is_saved, read_saved
from netlore.data.sources.parquet import parquet_files, read_parquet, read_parquet_files
from netlore.errors import UnreadableData

# The folder that torchvision unpacks a data set into, and its class there.
TORCHVISION_FOLDERS = {"cifar-10-batches-py": "CIFAR10", "cifar-100-python": "CIFAR100"}
TRAINING = "train"


def read_whole(path: Path, reading: Reading = AS_IT_IS) -> ImageSet:
    """All images at a path that exists: of a Parquet file, a folder of such files, or a folder of images.

    Of a folder with parts, and of one of Hugging Face's `datasets`, they are those for training.

    Raises:
        UnreadableData: There is no data set at the path, or it is damaged.
    """
    if is_saved(path):
        return read_saved(path, reading, ()).training
    if not path.is_dir():
        return _read_file(path, reading)
    inner = _inner(path)
    files = parquet_files(inner)
    parts = _parts_of(inner, files)
    others = [name for name in parts or () if name != TRAINING]
    # All files of a folder were one set before there were parts, and stay it: a run is of certain images.
    if parts is None or (files and inner == path):
        if others:
            say(f"all Parquet files of {path} are drawn from, those that begin with {' and '.join(others)} too.")
        return read_parquet_files(files, None, reading) if files else read_folder(inner, reading)
    if others:
        say(f"of {inner} the images for training are taken, and none of {' and '.join(others)}.")
    return _read_part(parts[TRAINING], reading)


def read_parts(path: Path, reading: Reading = AS_IT_IS, wanted: Sequence[str] = APART) -> Parts:
    """The images for training at a path that exists, and those that it sets apart, as far as they are wanted.

    All images where nothing is set apart. Statistics are those of each set by itself.

    Raises:
        UnreadableData: There is no data set at the path, or it is damaged.
    """
    if is_saved(path):
        return read_saved(path, reading, wanted)
    if not path.is_dir():
        return Parts(_read_file(path, reading))
    if (known := _of_torchvision(path)) is not None:
        # Only here, since importing torchvision takes a second.
        from netlore.data.sources.torchvision import read_torchvision

        reading.check_no_columns(str(path))
        return Parts(*read_torchvision(known, TORCHVISION_FOLDERS[known.name]))
    inner = _inner(path)
    files = parquet_files(inner)
    parts = _parts_of(inner, files)
    if parts is None:
        return Parts(read_parquet_files(files, None, reading) if files else read_folder(inner, reading))
    names = apart(parts)
    if names[0] is None:
        if files:
            return Parts(read_parquet_files(files, None, reading))
        raise UnreadableData(
            f"a folder with the folder train must also have {', '.join(VALIDATION[:-1])} or {VALIDATION[-1]}, "
            f"but {inner} has not; add one, or give {inner / TRAINING} to hold images out of it."
        )
    sets = [
        _read_part(parts[name], reading) if name is not None and part in wanted else None
        for part, name in zip(APART, names, strict=True)
    ]
    return Parts(_read_part(parts[TRAINING], reading), *sets)


Part = Path | list[Path]
"""A folder, or Parquet files."""


def _parts_of(folder: Path, files: Sequence[Path]) -> dict[str, Part] | None:
    """The parts of a folder by name: files named as on Hugging Face, e.g. train-00000-of-00001.parquet, or
    folders; None if all of it is one set."""
    if files:
        begun: dict[str, list[Path]] = {}
        for file in files:
            start = next((one for one in (TRAINING, "val", "test") if file.name.startswith(one)), "")
            begun.setdefault(start, []).append(file)
        begun.pop("", None)
        return {**begun} if TRAINING in begun else None
    # A class may be called train too, but then its folder holds images.
    if not any(entry.is_dir() or entry.suffix == ".parquet" for entry in (folder / TRAINING).glob("[!.]*")):
        return None
    return {name: folder / name for name in (TRAINING, *VALIDATION) if (folder / name).is_dir()}


def _inner(folder: Path) -> Path:
    """The folder of a folder where it only holds one with Parquet files, or with parts that have them, such as
    data/ of a repository."""
    if parquet_files(folder) or (folder / TRAINING).is_dir():
        return folder
    entries = sorted(entry for entry in visible(folder) if entry.is_dir())
    # A look at the first is enough: a class may have a million images.
    if not entries or not (parquet_files(entries[0]) or any(entries[0].glob("*/*.parquet"))):
        return folder
    if len(entries) > 1:
        raise UnreadableData(
            f"a data folder must hold one data set, but {folder} has tables in {len(entries)} folders, such as "
            f"{entries[0].name} and {entries[1].name}; give the path of one of them."
        )
    return _inner(entries[0])


def _of_torchvision(path: Path) -> Path | None:
    known = [path / name for name in TORCHVISION_FOLDERS if (path / name).is_dir()]
    if path.absolute().name in TORCHVISION_FOLDERS:
        known = [path.absolute()]
    if len(known) > 1:
        raise UnreadableData(
            f"a data folder must hold one data set, but {path} holds {' and '.join(f.name for f in known)}; "
            "give the path of one of them."
        )
    return known[0] if known else None


def _read_part(part: Part, reading: Reading) -> ImageSet:
    return read_parquet_files(part, None, reading) if isinstance(part, list) else read_whole(part, reading)


def _read_file(path: Path, reading: Reading) -> ImageSet:
    if path.suffix.lower() != ".parquet":
        raise UnreadableData(
            f"a data file must be a .parquet file, but {path} is not; convert it or give a folder."
        )
    return read_parquet(path, reading)
