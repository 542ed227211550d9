"""Columns of tables: which hold pictures and classes, and how labels are numbered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from netlore.data.image_set import Indices, numbered
from netlore.errors import UnreadableData
from netlore.reading import parse_json

IMAGE_COLUMNS = ("img", "image")
LABEL_COLUMNS = ("label", "fine_label")
# Labels without names that are larger than this, and texts of which there are more, are identifiers, not classes.
MOST_UNNAMED_CLASSES = 100_000


class Texts(NamedTuple):
    """A column of texts: each different one once, and which of them stands in every row."""

    different: list[str]
    codes: Indices


def labels_of(values: Any, place: str) -> Indices | Texts:
    """A column of labels without gaps, as numbers or as texts; `place` are the words for it."""
    if pa.types.is_dictionary(values.type) and pa.types.is_integer(values.type.value_type):
        values = values.cast(values.type.value_type)
    if pa.types.is_integer(values.type):
        found: Indices = values.cast(pa.int64(), safe=False).to_numpy()
        return found
    kind = _plain(values.type)
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise UnreadableData(
            f"labels must be whole numbers or texts, but {place} has the type {kind}; number the classes 0, 1, ..."
        )
    coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    whole = coded.unify_dictionaries().combine_chunks()
    whole = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
    if len(whole.dictionary) > MOST_UNNAMED_CLASSES:
        raise UnreadableData(
            f"labels must be classes, but {place} has {len(whole.dictionary):,} different texts; name "
            "another column."
        )
    return Texts(whole.dictionary.to_pylist(), whole.indices.to_numpy().astype(np.int64))


def classes_of(labels: Sequence[Indices | Texts], names: tuple[str, ...]) -> tuple[tuple[str, ...], list[Indices]]:
    """The names of the classes, and labels as their numbers, file by file."""
    numbers = [one for one in labels if not isinstance(one, Texts)]
    if numbers:
        largest = max(int(one.max(initial=0)) for one in numbers)
        return names or numbered(min(max(largest + 1, 1), MOST_UNNAMED_CLASSES)), numbers
    texts = [one for one in labels if isinstance(one, Texts)]
    # A dictionary may have entries that stand in no row.
    used = sorted({one.different[code] for one in texts for code in np.unique(one.codes).tolist()})
    place = {name: number for number, name in enumerate(used)}
    return tuple(used), [
        np.array([place.get(name, 0) for name in one.different], np.int64)[one.codes] for one in texts
    ]


def class_names(metadata: dict[bytes, bytes] | None, label: str) -> tuple[str, ...]:
    """The names of the classes that a schema's metadata give for a label column; empty if they give none."""
    try:
        features = parse_json((metadata or {})[b"huggingface"])["info"]["features"]
        return tuple(str(name) for name in features[label]["names"])
    except (KeyError, TypeError, ValueError):
        return ()


def column(there: Sequence[str], usual: tuple[str, ...], meaning: str, file: str, asked: str | None) -> str:
    """The one column of a meaning: that which is asked for, or the first with a usual name."""
    wanted = usual if asked is None else (asked,)
    for name in wanted:
        count = there.count(name)
        if count > 1:
            raise UnreadableData(
                f"a column of {meaning}s must be the only one of its name, but {file} has {count} called {name}; "
                "rename or drop the others."
            )
        if name in there:
            return name
    raise UnreadableData(
        f"a data set needs a column of {meaning}s named {' or '.join(wanted)}, but {file} has "
        f"{', '.join(there) or 'none'}; name one by --{meaning}-column (in Python {meaning}_column)."
    )


def check_images(kind: Any, place: str) -> None:
    """Refuse a column whose type says that it holds no image files; `place` are the words for it."""
    kind = _plain(kind)
    is_struct = pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0
    if not _is_bytes(_plain(kind.field("bytes").type) if is_struct else kind):
        raise UnreadableData(
            f"images must be bytes, or a struct with the field bytes, but {place} has the type {kind}; save the "
            "data set with its images embedded."
        )


def _plain(kind: Any) -> Any:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_bytes(kind: Any) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))
