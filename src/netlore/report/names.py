"""What hyperparameters are called in titles and sentences: d1 is the depth of stage 1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any, NamedTuple

from netlore.space.complexity import LABELS
from netlore.space.distribution import Interval, Subset
from netlore.space.families.anynet import WORDS

_NAME = re.compile(r"([^\W\d_]+)_?(\d*)")


class HyperparameterClass(NamedTuple):
    """Hyperparameters that mean the same in different stages.

    Attributes:
        letters: What their names have in common, such as "d".
        singular: What one of them is called, such as "depth"; the letters where that is not known.
        plural: Likewise of several, such as "depths".
        names: Their names, in the design space's order.
        slug: The plural as part of a file name, unique among the classes of a design space.
    """

    letters: str
    singular: str
    plural: str
    names: tuple[str, ...]
    slug: str


def split_name(name: str) -> tuple[str, str]:
    """Split a name into the letters of its class and the digits of its stage.

    >>> split_name("d1"), split_name("kernel_12"), split_name("d_model")
    (('d', '1'), ('kernel', '12'), ('d_model', ''))
    """
    match = _NAME.fullmatch(name)
    return (match[1], match[2]) if match else (name, "")


def slug(text: str) -> str:
    """Turn any text into a part of a file name.

    >>> slug("Group widths / 2"), slug("../..")
    ('group-widths-2', 'unnamed')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "unnamed"


def short_data(name: str) -> str:
    """Shorten the path of a data set for titles and sentences; names stay as they are.

    >>> short_data("../data/cifar10-train-20k.parquet"), short_data("cifar10"), short_data("photos/")
    ('cifar10-train-20k', 'cifar10', 'photos')
    """
    return re.split(r"[/\\]", name.rstrip("/\\"))[-1].removesuffix(".parquet") or name


def unique(names: Iterable[str]) -> list[str]:
    """Number the repetitions, so that no two names are equal.

    >>> unique(["edf", "edf", "size"])
    ['edf', 'edf-2', 'size']
    """
    taken: list[str] = []
    for name in names:
        numbered = (f"{name}-{number}" if number > 1 else name for number in count(1))
        taken.append(next(one for one in numbered if one not in taken))
    return taken


def classes_of(names: Iterable[str]) -> tuple[HyperparameterClass, ...]:
    """Group hyperparameters by what they mean, in the order of their first appearance.

    >>> [(group.plural, group.names) for group in classes_of(["d1", "w1", "d2", "k"])]
    [('depths', ('d1', 'd2')), ('widths', ('w1',)), ('k', ('k',))]
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(split_name(name)[0], []).append(name)
    words = {letters: WORDS.get(letters, (letters, letters)) for letters in groups}
    slugs = unique(slug(plural) for _, plural in words.values())
    return tuple(
        HyperparameterClass(letters, *words[letters], tuple(members), part)
        for (letters, members), part in zip(groups.items(), slugs, strict=True)
    )


def hyperparameter_title(name: str) -> str:
    """Name a hyperparameter in words and in its own letters.

    >>> hyperparameter_title("d1"), hyperparameter_title("g"), hyperparameter_title("x2")
    ('Depth of stage 1, d1', 'Group width, g', 'x2')
    """
    letters, stage = split_name(name)
    if letters not in WORDS:
        return name
    word = WORDS[letters][0].capitalize()
    return f"{word} of stage {stage}, {name}" if stage else f"{word}, {name}"


def measure_title(name: str) -> str:
    """Name a measure of complexity as a heading, another cost by its own name: params is "Parameters"."""
    label = LABELS[name].label
    return label[:1].upper() + label[1:]


def stage_of(name: str) -> str:
    """Say where a hyperparameter acts: "stage 1" if its name says so, the name itself otherwise.

    >>> stage_of("w3"), stage_of("x2")
    ('stage 3', 'x2')
    """
    letters, stage = split_name(name)
    return f"stage {stage}" if stage and letters in WORDS else name


def kept_text(kept: Sequence[Any]) -> str:
    """Print an interval as the paper's Table I does, and the names of a category as a set.

    >>> kept_text((15, 15)), kept_text((16, 32)), kept_text(("relu", "silu"))
    ('15', '[16, 32]', '{relu, silu}')
    """
    return str(Subset(kept) if isinstance(kept[0], str) else Interval(*kept))
