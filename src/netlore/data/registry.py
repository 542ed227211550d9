"""Which data sets there are, by name or by path: to score networks on, and to train them on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias, Unpack

from netlore.data.image_set import ImageSet, is_text, numbered
from netlore.data.reading import Reading, ReadingOptions
from netlore.data.sources.cut import reshaped
from netlore.data.sources.encoded import say
from netlore.data.sources.given import Given, image_set_of, is_given, name_of
from netlore.data.sources.huggingface import APART, PREFIX, Parts, read_named
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


def load(name: str | Given, seed: int = 0, **how: Unpack[ReadingOptions]) -> ImageSet:
    """The data set of that name, at that path, or of the loader at the import path `package.module:name`.

    A path is of a `.parquet` file, a folder of such files, a folder with one folder of images a class, one with
    the folder train, or one that `save_to_disk` of Hugging Face's `datasets` wrote; `huggingface/NAME` is one of
    its hub or cache. A registered name goes first: write `./digits` for a folder called digits. The seed, 0 or
    more, decides what data sets that are made look like. Instead of a name, a data set itself may be given: an
    `ImageSet`, one of torch or torchvision, or a DataLoader (`netlore.data.sources.given`). The keywords are those
    of `Reading`, which says how pictures are read: resize, crop, skip_bad, image_column and label_column.

    Raises:
        InvalidInput: The name is neither registered nor the path of something that exists, or cannot be read as
            the keywords say.
        UnreadableData: There is something, but it is not a data set.
    """
    found = _load(name, seed, Reading(**how))
    _say_empty_class(found)
    return found


def _load(name: str | Given, seed: int, reading: Reading) -> ImageSet:
    if is_given(name):
        return image_set_of(name, reading)
    name = _text(name)
    if name in DATA or _is_import_path(name):
        reading.check_no_columns(f"data set {name!r}")
        return reshaped(DATA.get(name)(seed), reading)
    if name.startswith(PREFIX):
        return read_named(name, reading, ()).training
    return reshaped(read_whole(_existing(name, names()), reading), reading)


def split(
    name: str | Given,
    validation: str | Given | None = None,
    seed: int = 0,
    test: bool = False,
    **how: Unpack[ReadingOptions],
) -> Split:
    """The training and the validation set of that name, path or import path, as in `load`, or of data sets.

    A path may also be a folder that torchvision filled with CIFAR (`docs/data.md` has the layouts). A set without
    validation images of its own gives up a tenth of its images, chosen within each class and never by the seed:
    which images are held out belongs to the data set, not to the run. With a path `validation`, its images are
    judged by, and all of `name` is trained on. With `test`, images for a test that lie next to others for
    validation are read, too.

    Raises:
        InvalidInput: There is no such data set, it is too small to hold something out, or the two overlap.
        UnreadableData: A data set cannot be read or downloaded, or the two do not fit each other.
    """
    found = _split(name, validation, seed, APART if test else APART[:1], Reading(**how))
    _say_empty_class(found.training)
    return found


def _split(
    name: str | Given, validation: str | Given | None, seed: int, wanted: Sequence[str], reading: Reading
) -> Split:
    if is_given(name):
        return _of_given(name, validation, reading)
    name = _text(name)
    if seed < 0:
        raise InvalidInput(f"a seed must be 0 or more, but is {seed}; choose another.")
    hub = name.startswith(PREFIX)
    if not (hub or name in split_names() or _is_import_path(name)):
        return _split_at(_existing(name, split_names()), validation, wanted, reading)
    if validation is not None:
        raise InvalidInput(
            f"a validation set goes with the path of a training set, but {name!r} is a registered name that has "
            f"its own; leave out {validation!r}, or write ./{name} for a path of that name."
        )
    if hub:
        return _paired(read_named(name, reading, wanted))
    reading.check_no_columns(f"data set {name!r}")
    if name in SPLITS:
        return _reshaped(SPLITS.get(name)(seed), reading)
    training, apart = hold_out(reshaped(DATA.get(name)(seed), reading))
    return Split(training, apart, mirrors=True)


def _of_given(name: Given, validation: str | Given | None, reading: Reading) -> Split:
    if isinstance(validation, str):
        raise InvalidInput(
            f"a validation set of {name_of(name)} is a data set too, but is {validation!r}; give one."
        )
    apart = None if validation is None else image_set_of(validation, reading)
    return _paired(Parts(image_set_of(name, reading), apart))


def _reshaped(found: Split, reading: Reading) -> Split:
    if reading.side is None:
        return found
    test = None if found.test is None else reshaped(found.test, reading)
    return Split(reshaped(found.training, reading), reshaped(found.validation, reading), found.mirrors, test)


def _say_empty_class(data: ImageSet) -> None:
    """Labels that were counted from 1 make a class that nothing is of, and networks with an output for it."""
    if data.class_names == numbered(data.num_classes) and 0 not in data.labels:
        say(
            f"labels begin at {data.labels.min()}, so class 0 of {data.num_classes} has no image, and networks "
            "have an output for it; subtract that, or use texts as labels."
        )


def _text(name: object) -> str:
    if not isinstance(name, str):
        raise InvalidInput(
            f"a data set is a name or a path as text, but is a {type(name).__name__}; give str(path), a data set "
            "of torch, or netlore.data.image_set(pixels, labels), or register images with netlore.data.DATA.add."
        )
    if not is_text(name):
        raise InvalidInput(
            f"the path of a data set must be UTF-8, as all that is written of it, but {name!a} is not; rename it."
        )
    return name


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


def _split_at(path: Path, validation: str | Given | None, wanted: Sequence[str], reading: Reading) -> Split:
    """The images at a path, and those to judge by: at another path, set apart in it, or held out of it."""
    if validation is not None:
        if not isinstance(validation, str):
            raise InvalidInput(
                f"a validation set of {path} is a path too, but is {name_of(validation)}; give one."
            )
        parts = read_parts(path, reading, wanted[1:])
        parts = parts._replace(validation=_validation_at(validation, path, reading))
    else:
        parts = read_parts(path, reading, wanted)
    others = (None if one is None else reshaped(one, reading) for one in parts[1:])
    return _paired(Parts(reshaped(parts.training, reading), *others))


def _paired(parts: Parts) -> Split:
    training, apart, test = parts
    if apart is None:
        rest, apart = hold_out(training)
        training = measured(rest)
    return paired(training, apart, True, test)


def _validation_at(name: str, training: Path, reading: Reading) -> ImageSet:
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
    found = read_parts(path, reading, APART[:1])
    return found.training if found.validation is None else found.validation
