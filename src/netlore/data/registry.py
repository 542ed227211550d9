"""Which data sets there are, by name or by path: to score networks on, and to train them on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from netlore.data.image_set import ImageSet, is_text
from netlore.data.sources.huggingface import PREFIX, read_named
from netlore.data.sources.paths import read_parts, read_whole
from netlore.data.split import Split, hold_out, measured, paired
from netlore.errors import InvalidInput, shown
from netlore.plugins import Registry
from netlore.reading import is_there

# A loader takes the seed of the run, which only data sets that are made, not read, depend on.
Loader: TypeAlias = Callable[[int], ImageSet]
SplitLoader: TypeAlias = Callable[[int], Split]

_SOURCES = "netlore.data.sources"

DATA: Registry[Loader] = Registry(
    "data set",
    "netlore.data",
    {
        **{name: f"{_SOURCES}.builtin:{name}" for name in ("cifar10", "cifar100", "digits", "noise")},
        **{f"torchvision/{name}": f"{_SOURCES}.torchvision:{name}" for name in ("cifar10", "cifar100")},
    },
    callable,
)

SPLITS: Registry[SplitLoader] = Registry(
    "data set",
    "netlore.splits",
    {
        "cifar10": f"{_SOURCES}.torchvision:cifar10_split",
        "cifar100": f"{_SOURCES}.torchvision:cifar100_split",
        "digits": f"{_SOURCES}.builtin:digits_split",
        "torchvision/cifar10": f"{_SOURCES}.torchvision:cifar10_split",
        "torchvision/cifar100": f"{_SOURCES}.torchvision:cifar100_split",
    },
    callable,
)
"""Data sets that are trained on otherwise than scored on; of all others a tenth is held out."""


def names() -> list[str]:
    """All registered names; a path may be given instead of one."""
    return DATA.names()


def split_names() -> list[str]:
    """All names that `split` knows; a path may be given instead of one."""
    return list(dict.fromkeys([*SPLITS.names(), *DATA.names()]))


def load(name: str, seed: int = 0) -> ImageSet:
    """The data set of that name, at that path, or of the loader at the import path `package.module:name`.

    A path is of a `.parquet` file, a folder of such files, a folder with one folder of images a class, or one that
    `save_to_disk` of Hugging Face's `datasets` wrote; `huggingface/NAME` is one of its hub or cache. A registered
    name goes first: write `./digits` for a folder called digits. The seed, 0 or more, decides what data sets that
    are made look like.

    Raises:
        InvalidInput: The name is neither registered nor the path of something that exists.
        UnreadableData: There is something, but it is not a data set.
    """
    _check_text(name)
    if name in DATA or _is_import_path(name):
        return DATA.get(name)(seed)
    if name.startswith(PREFIX):
        return read_named(name, validation=False)[0]
    return read_whole(_existing(name, names()))


def split(name: str, validation: str | None = None, seed: int = 0) -> Split:
    """The training and the validation set of that name, path or import path, as in `load`.

    A path may also be a folder that torchvision filled with CIFAR (`docs/data.md` has the layouts). A set without
    validation images of its own gives up a tenth of its images, chosen within each class and never by the seed:
    which images are held out belongs to the data set, not to the run. With a path `validation`, its images are
    judged by, and all of `name` is trained on.

    Raises:
        InvalidInput: There is no such data set, it is too small to hold something out, or the two overlap.
        UnreadableData: A data set cannot be read or downloaded, or the two do not fit each other.
    """
    _check_text(name)
    if seed < 0:
        raise InvalidInput(f"a seed must be 0 or more, but is {seed}; choose another.")
    hub = name.startswith(PREFIX)
    if not (hub or name in split_names() or _is_import_path(name)):
        return _split_at(_existing(name, split_names()), validation)
    if validation is not None:
        raise InvalidInput(
            f"a validation set goes with the path of a training set, but {name!r} is a registered name that has "
            f"its own; leave out {validation!r}, or write ./{name} for a path of that name."
        )
    if hub:
        return _paired(*read_named(name))
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
    return ":" in name and not is_there(Path(name))


def _expanded(name: str) -> Path:
    """The path, `~` being somebody's home; where there is no such user, it is a name like any other."""
    with suppress(RuntimeError):
        return Path(name).expanduser()
    return Path(name)


def _existing(name: str, known: list[str]) -> Path:
    path = _expanded(name)
    if not name or not is_there(path):
        raise InvalidInput(
            f"data set {shown(name)} is neither a registered name nor an existing path; choose one of "
            f"{', '.join(sorted(known))}, or give a .parquet file, a folder of such files, a folder of images, "
            "a folder that torchvision filled with CIFAR, or huggingface/NAME."
        )
    return path


def _split_at(path: Path, validation: str | None) -> Split:
    """The images at a path, and those to judge by: at another path, set apart in it, or held out of it."""
    training, apart = read_parts(path)
    if validation is not None:
        apart = _validation_at(validation, path)
    return _paired(training, apart)


def _paired(training: ImageSet, apart: ImageSet | None) -> Split:
    if apart is None:
        rest, apart = hold_out(training)
        training = measured(rest)
    return paired(training, apart, mirrors=True)


def _validation_at(name: str, training: Path) -> ImageSet:
    """The images at a path: those it sets apart for validation, or all."""
    path = _expanded(name)
    if not name or not is_there(path):
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
