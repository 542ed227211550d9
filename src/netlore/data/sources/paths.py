"""What a path holds: one set of images, or one to learn from and one to judge by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from netlore.data.image_set import ImageSet
from netlore.data.sources.folder import read_folder
from netlore.data.sources.huggingface import is_saved, read_saved
from netlore.data.sources.parquet import read_parquet, read_parquet_files
from netlore.errors import UnreadableData

# The folder that torchvision unpacks a data set into, and its class there.
TORCHVISION_FOLDERS = {"cifar-10-batches-py": "CIFAR10", "cifar-100-python": "CIFAR100"}
# Test images come last: where there are others to judge by, they are left for the end.
_VALIDATION_FOLDERS = ("val", "validation", "test")
_VALIDATION_FILES = ("val", "test")


def read_whole(path: Path) -> ImageSet:
    """All images at a path that exists: of a Parquet file, a folder of such files, or a folder of images.

    Of a folder of Hugging Face's `datasets` they are those for training.

    Raises:
        UnreadableData: There is no data set at the path, or it is damaged.
    """
    if is_saved(path):
        return read_saved(path, validation=False)[0]
    if path.is_dir():
        return read_parquet(path) if any(path.glob("[!.]*.parquet")) else read_folder(path)
    if path.suffix.lower() != ".parquet":
        raise UnreadableData(
            f"a data file must be a .parquet file, but {path} is not; convert it or give a folder."
        )
    return read_parquet(path)


def read_parts(path: Path) -> tuple[ImageSet, ImageSet | None]:
    """The images for training at a path that exists, and those that it sets apart for validation.

    All images and None where nothing is set apart. Statistics are those of each set by itself.

    Raises:
        UnreadableData: There is no data set at the path, or it is damaged.
    """
    if is_saved(path):
        return read_saved(path)
    if not path.is_dir():
        return read_whole(path), None
    known = [path / name for name in TORCHVISION_FOLDERS if (path / name).is_dir()]
    if path.absolute().name in TORCHVISION_FOLDERS:
        known = [path.absolute()]
    if len(known) > 1:
        raise UnreadableData(
            f"a data folder must hold one data set, but {path} holds {' and '.join(f.name for f in known)}; "
            "give the path of one of them."
        )
    if known:
        # Only here, since importing torchvision takes a second.
        from netlore.data.sources.torchvision import read_torchvision

        return read_torchvision(known[0], TORCHVISION_FOLDERS[known[0].name])
    files = sorted(path.glob("[!.]*.parquet"))
    return _parquet_parts(path, files) if files else _folder_parts(path)


def _parquet_parts(folder: Path, files: Sequence[Path]) -> tuple[ImageSet, ImageSet | None]:
    """Files named as on Hugging Face, e.g. train-00000-of-00001.parquet, or all files as one set."""
    training = [file for file in files if file.name.startswith("train")]
    for prefix in _VALIDATION_FILES:
        validation = [file for file in files if file.name.startswith(prefix)]
        if training and validation:
            return read_parquet_files(training), read_parquet_files(validation)
    return read_parquet(folder), None


def _folder_parts(folder: Path) -> tuple[ImageSet, ImageSet | None]:
    """The folders train and val in it, or all its class folders as one set."""
    training = folder / "train"
    # A class may be called train too, but then its folder holds images.
    if not any(entry.is_dir() or entry.suffix == ".parquet" for entry in training.glob("[!.]*")):
        return read_whole(folder), None
    for name in _VALIDATION_FOLDERS:
        if (folder / name).is_dir():
            return read_whole(training), read_whole(folder / name)
    raise UnreadableData(
        f"a folder with the folder train must also have {', '.join(_VALIDATION_FOLDERS[:-1])} or "
        f"{_VALIDATION_FOLDERS[-1]}, but {folder} has not; add one, or give {training} to hold images out of it."
    )
