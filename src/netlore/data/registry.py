"""Which data sets there are, by name or by path."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from netlore.data.image_set import ImageSet
from netlore.data.sources.folder import read_folder
from netlore.data.sources.parquet import read_parquet
from netlore.errors import InvalidInput, UnreadableData
from netlore.plugins import Registry

# A loader takes the seed of the run, which only data sets that are made, not read, depend on.
Loader: TypeAlias = Callable[[int], ImageSet]

DATA: Registry[Loader] = Registry(
    "data set",
    "netlore.data",
    {
        "cifar10": "netlore.data.sources.bundled:cifar10",
        "cifar100": "netlore.data.sources.bundled:cifar100",
        "digits": "netlore.data.sources.digits:digits",
        "noise": "netlore.data.sources.noise:noise",
        "torchvision/cifar10": "netlore.data.sources.torchvision_download:cifar10",
        "torchvision/cifar100": "netlore.data.sources.torchvision_download:cifar100",
    },
)


def names() -> list[str]:
    """All registered names; a path may be given instead of one."""
    return DATA.names()


def load(name: str, seed: int = 0) -> ImageSet:
    """The data set of that name or at that path.

    A registered name goes first: write `./digits` for a folder called digits.

    Args:
        name: A registered name, a `.parquet` file, a folder of such files, or a folder with one folder of images a
            class.
        seed: Decides what data sets that are made look like; 0 or more.

    Raises:
        InvalidInput: The name is neither registered nor the path of something that exists.
        UnreadableData: There is something, but it is not a data set.
    """
    if name in DATA.names():
        return DATA.get(name)(seed)
    path = Path(name).expanduser()
    if not name or not path.exists():
        raise InvalidInput(
            f"data set {name!r} is neither a registered name nor an existing path; choose one of "
            f"{', '.join(sorted(DATA.names()))}, or give a .parquet file or a folder of images."
        )
    if path.is_dir():
        return read_parquet(path) if any(path.glob("[!.]*.parquet")) else read_folder(path)
    if path.suffix.lower() != ".parquet":
        raise UnreadableData(
            f"a data file must be a .parquet file, but {path} is not; convert it or give a folder."
        )
    return read_parquet(path)
