"""Data sets of Hugging Face's package `datasets`, an extra that is imported only here.

By a name on its hub or in its cache, or a folder that `save_to_disk` wrote. Nothing that a data set brings is run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from netlore.data.image_set import ImageSet, Indices
from netlore.data.reading import AS_IT_IS, Reading
from netlore.data.sources.columns import IMAGE_COLUMNS, LABEL_COLUMNS, check_images, classes_of, column, labels_of
from netlore.data.sources.encoded import opened
from netlore.data.sources.pictures import Unusable
from netlore.data.statistics import channel_statistics
from netlore.errors import UnreadableData, shown
from netlore.reading import parse_json, read_file

PREFIX = "huggingface/"
"""Of names: `huggingface/OWNER/NAME`."""
_PARTS, _TABLE, _STATE = "dataset_dict.json", "dataset_info.json", "state.json"
TEST = "test"
VALIDATION = ("validation", "val", "valid", TEST)
"""Parts to judge by; test images come last, as everywhere."""
APART = ("validation", "test")
"""What may be wanted beside the images for training."""


@dataclass(frozen=True)
class HubFiles:
    """Pictures of a table of `datasets`, which reads them from a disk, one at a time."""

    rows: Any = field(compare=False)  # its state says when two are the same
    column: str
    where: str

    def __len__(self) -> int:
        return len(self.rows)

    def place(self, index: int) -> str:
        """A row of the table."""
        return f"row {index} of {self.where}"

    def encoded(self, indices: Indices) -> Iterator[tuple[int, bytes | Unusable]]:
        """The rows, one after the other."""
        for position, row in enumerate(indices.tolist()):
            data = (self.rows[row][self.column] or {}).get("bytes")
            yield position, Unusable("no bytes: save_to_disk embeds them") if data is None else data

    def headers(self, reading: Reading) -> None:
        """Unknown: all pictures would have to be read."""

    def state(self) -> Hashable:
        """Each table has a fingerprint."""
        return str(self.rows._fingerprint)


class Parts(NamedTuple):
    """Images to learn from, those to judge by during training, and those that are kept for the end."""

    training: ImageSet
    validation: ImageSet | None = None
    test: ImageSet | None = None


def is_saved(path: Path) -> bool:
    """Whether `save_to_disk` of `datasets` wrote this folder."""
    return any((path / name).is_file() for name in (_PARTS, _STATE))


def read_saved(path: Path, reading: Reading = AS_IT_IS, wanted: Sequence[str] = APART) -> Parts:
    """The images for training of such a folder, and those that it sets apart, if any and as far as wanted.

    Raises:
        UnreadableData: The folder is damaged, has no images with classes, or `datasets` is not installed.
    """
    remedy = "write it again by save_to_disk"
    try:
        _check_files(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unusable(str(path), error, remedy) from error
    found = _loaded(str(path), remedy, lambda library: library.load_from_disk(str(path)))
    return _parts(found, str(path), reading, wanted)


def read_named(name: str, reading: Reading = AS_IT_IS, wanted: Sequence[str] = APART) -> Parts:
    """The same of `huggingface/NAME`, from the cache of `datasets`, or downloaded into it.

    Raises:
        UnreadableData: It is in no cache and cannot be downloaded, or errors as of `read_saved`.
    """
    remedy = "check the name, connect to a network, or give a folder that save_to_disk wrote"
    found = _loaded(name, remedy, lambda library: library.load_dataset(name.removeprefix(PREFIX)))
    return _parts(found, name, reading, wanted)


def _loaded(place: str, remedy: str, load: Callable[[Any], Any]) -> Mapping[str, Any]:
    """Tables by the names of their parts."""
    try:
        import datasets
    except ImportError:
        raise UnreadableData(
            f"data set {shown(place)} is read by the package datasets, which is not installed; install "
            "netlore[huggingface]."
        ) from None
    try:
        found = load(datasets)
    # Whatever is wrong with a file, a name or the network: the package has no class of its own for all of that.
    except Exception as error:
        raise _unusable(place, error, remedy) from error
    return found if isinstance(found, Mapping) else {"train": found}


def _parts(found: Mapping[str, Any], place: str, reading: Reading, wanted: Sequence[str]) -> Parts:
    if "train" not in found:
        raise UnreadableData(
            f"a data set must have the part train, but {place} has {', '.join(found) or 'none'}; rename one, or "
            "give its folder."
        )
    names = apart(found)
    sets = (_image_set(found[name], place, reading) if name and part in wanted else None
            for part, name in zip(APART, names, strict=True))  # fmt: skip
    return Parts(_image_set(found["train"], place, reading), *sets)


def apart(there: Collection[str]) -> tuple[str | None, str | None]:
    """Which of the parts of a data set is judged by, and which is kept for the end: test images, where there are
    others to judge by."""
    judged = next((name for name in VALIDATION if name in there), None)
    return judged, TEST if TEST in there and judged != TEST else None


def _check_files(folder: Path) -> None:
    """Read the documents of a folder within our limits, and see that they point to files in it alone."""
    if (folder / _PARTS).is_file():
        for name in parse_json(read_file(folder / _PARTS))["splits"]:
            _check_files(folder / _inside(name))
        return
    parse_json(read_file(folder / _TABLE))
    for one in parse_json(read_file(folder / _STATE))["_data_files"]:
        file = folder / _inside(one["filename"])
        if not file.is_file():
            raise FileNotFoundError(f"{file.name} is no file of the folder")


def _inside(name: str) -> str:
    if Path(name).name != name:
        raise ValueError(f"{shown(name)} is no name of a file in the folder")
    return name


def _image_set(table: Any, place: str, reading: Reading) -> ImageSet:
    """One part; its pictures stay as they are until they are drawn."""
    import datasets

    image = _column(table.features, datasets.Image, IMAGE_COLUMNS, "image", place, reading.image_column)
    label = _column(table.features, datasets.ClassLabel, LABEL_COLUMNS, "label", place, reading.label_column)
    labels = table.with_format("arrow").select_columns(label)[:].column(0)
    if labels.null_count or not len(labels):
        raise UnreadableData(
            f"every row must have a label, but of {len(labels)} rows of {place} {labels.null_count} have none; "
            "remove them, or give another data set."
        )
    names = tuple(map(str, getattr(table.features[label], "names", None) or ()))
    names, (numbers,) = classes_of([labels_of(labels, f"{label} of {place}")], names)
    if not isinstance(table.features[image], datasets.Image):
        check_images(table.features.arrow_schema.field(image).type, f"{image} of {place}")
    # Not decoded by the package, which would take every format that Pillow knows.
    rows = table.cast_column(image, datasets.Image(decode=False)).select_columns(image)
    images, kept, left_out = opened(HubFiles(rows, image, place), reading)
    return ImageSet(images, numbers[kept], names, *channel_statistics(images, len(kept)), left_out)


def _column(
    features: Mapping[str, Any], kind: type, usual: tuple[str, ...], meaning: str, place: str, asked: str | None
) -> str:
    """The column that is asked for, or the one of a kind, or of several the one with a usual name."""
    if asked is not None:
        return column([*features], usual, meaning, place, asked)
    found = [name for name, feature in features.items() if isinstance(feature, kind)]
    chosen = found if len(found) == 1 else [name for name in usual if name in found][:1]
    if not chosen:
        columns = ", ".join(f"{name} ({type(feature).__name__})" for name, feature in features.items())
        raise UnreadableData(
            f"a data set needs one column of the type {kind.__name__}, or one of several named "
            f"{' or '.join(usual)}, but {place} has {columns}; cast or rename one, or name it by "
            f"--{meaning}-column (in Python {meaning}_column)."
        )
    return chosen[0]


def _unusable(place: str, error: Exception, remedy: str) -> UnreadableData:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return UnreadableData(f"data set {shown(place)} cannot be read by datasets ({reason:.300}); {remedy}.")
