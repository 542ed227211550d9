"""Which data sets there are, by name or by path: to score networks on, and to train them on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from netlore.data.hold_out import hold_out, measured
from netlore.data.image_set import ImageSet, is_text
from netlore.data.sources.paths import read_parts, read_whole
from netlore.data.split import Split, paired
from netlore.errors import InvalidInput
from netlore.plugins import Registry

# A loader takes the seed of the run, which only data sets that are made, not read, depend on.
Loader: TypeAlias = Callable[[int], ImageSet]
SplitLoader: TypeAlias = Callable[[int], Split]

_SOURCES = "netlore.data.sources"

DATA: Registry[Loader] = Registry(
    "data set",
    "netlore.data",
    {
        "cifar10": f"{_SOURCES}.bundled:cifar10",
        "cifar100": f"{_SOURCES}.bundled:cifar100",
        "digits": f"{_SOURCES}.digits:digits",
        "noise": f"{_SOURCES}.noise:noise",
        "torchvision/cifar10": f"{_SOURCES}.torchvision_download:cifar10",
        "torchvision/cifar100": f"{_SOURCES}.torchvision_download:cifar100",
    },
    callable,
)

SPLITS: Registry[SplitLoader] = Registry(
    "data set",
    "netlore.splits",
    {
        "cifar10": f"{_SOURCES}.torchvision_download:cifar10_split",
        "cifar100": f"{_SOURCES}.torchvision_download:cifar100_split",
        "digits": f"{_SOURCES}.digits:digits_split",
        "torchvision/cifar10": f"{_SOURCES}.torchvision_download:cifar10_split",
        "torchvision/cifar100": f"{_SOURCES}.torchvision_download:cifar100_split",
    },
    callable,
)
"""Data sets that are trained on otherwise than scored on; of all others a tenth is held out."""

_PATHS = (
    "a .parquet file, a folder of such files, a folder of images, or a folder that torchvision filled with CIFAR"
)


def names() -> list[str]:
    """All registered names; a path may be given instead of one."""
    return DATA.names()


def split_names() -> list[str]:
    """All names that `split` knows; a path may be given instead of one."""
    return list(dict.fromkeys([*SPLITS.names(), *DATA.names()]))


def load(name: str, seed: int = 0) -> ImageSet:
    """The data set of that name or at that path.

    A registered name goes first: write `./digits` for a folder called digits.

    Args:
        name: A registered name, a `.parquet` file, a folder of such files, a folder with one folder of images a
            class, or the import path `package.module:name` of a loader.
        seed: Decides what data sets that are made look like; 0 or more.

    Raises:
        InvalidInput: The name is neither registered nor the path of something that exists.
        UnreadableData: There is something, but it is not a data set.
    """
    _check_text(name)
    if name in DATA or _is_import_path(name):
        return DATA.get(name)(seed)
    return read_whole(_existing(name, names()))


def split(name: str, validation: str | None = None, seed: int = 0) -> Split:
    """The training and the validation set of that name or at that path.

    A set without validation images of its own gives up a tenth of its images, chosen within each class and never
    by the seed: which images are held out belongs to the data set, not to the run. A registered name goes first:
    write `./digits` for a folder called digits.

    Args:
        name: A registered name; or a `.parquet` file, a folder of such files, a folder of images, or a folder that
            torchvision filled with CIFAR (`docs/data.md` has the layouts); or the import path of a loader.
        validation: A path of the same kinds whose images are judged by, so that all of `name` is trained on.
        seed: Decides what data sets that are made look like; 0 or more.

    Raises:
        InvalidInput: There is no such data set, it is too small to hold something out, or the two overlap.
        UnreadableData: A data set cannot be read or downloaded, or the two do not fit each other.
    """
    _check_text(name)
    if seed < 0:
        raise InvalidInput(f"a seed must be 0 or more, but is {seed}; choose another.")
    registered = name in split_names() or _is_import_path(name)
    if not registered:
        return _split_at(_existing(name, split_names()), validation)
    if validation is not None:
        raise InvalidInput(
            f"a validation set goes with the path of a training set, but {name!r} is a registered name that has "
            f"its own; leave out {validation!r}, or write ./{name} for a path of that name."
        )
    if name in SPLITS:
        return SPLITS.get(name)(seed)
    training, apart = hold_out(DATA.get(name)(seed))
    return Split(training, apart, mirrors=True)


def _check_text(name: object) -> None:
    if not isinstance(name, str):
        raise InvalidInput(
            f"a data set is a name or a path as text, but is a {type(name).__name__}; give str(path), or register "
            "images with netlore.data.DATA.add."
        )
    if not is_text(name):
        raise InvalidInput(
            f"the path of a data set must be UTF-8, as all that is written of it, but {name!a} is not; rename it."
        )


def _is_import_path(name: str) -> bool:
    return ":" in name and not Path(name).exists()


def _existing(name: str, known: list[str]) -> Path:
    path = Path(name).expanduser()
    if not name or not path.exists():
        raise InvalidInput(
            f"data set {name!r} is neither a registered name nor an existing path; choose one of "
            f"{', '.join(sorted(known))}, or give {_PATHS}."
        )
    return path


def _split_at(path: Path, validation: str | None) -> Split:
    """The images at a path, and those to judge by: at another path, set apart in it, or held out of it."""
    training, apart = read_parts(path)
    if validation is not None:
        apart = _validation_at(validation, path)
    if apart is None:
        training, apart = hold_out(training)
        training = measured(training)
    return paired(training, apart, mirrors=True)


def _validation_at(name: str, training: Path) -> ImageSet:
    """The images at a path: those it sets apart for validation, or all."""
    path = Path(name).expanduser()
    if not name or not path.exists():
        raise InvalidInput(
            f"validation set {name!r} is not an existing path; give a .parquet file, a folder of images, or none."
        )
    here, there = path.resolve(), training.resolve()
    if here.is_relative_to(there) or there.is_relative_to(here):
        raise InvalidInput(
            f"validation images must lie apart from the training images, but {path} and {training} overlap; "
            "give two separate paths, or no validation set."
        )
    everything, apart = read_parts(path)
    return everything if apart is None else apart
