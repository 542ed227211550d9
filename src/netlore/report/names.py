"""What hyperparameters are called in titles and sentences, by their family: d1 is the depth of stage 1."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from netlore.space.complexity import LABELS
from netlore.space.distribution import Interval, Subset
from netlore.space.family import Words, place_of, words_of

T = TypeVar("T")

_NAME = re.compile(r"([^\W\d_]+)_?(\d*)")


class Vocabulary(NamedTuple):
    """A family's words: what letters stand for, singular and plural, and what the digits behind them count."""

    words: Words = MappingProxyType({})
    place: str = "stage"


_NOTHING = Vocabulary()


def vocabulary(family: str) -> Vocabulary:
    """The words of a family; one that is not installed has none."""
    return Vocabulary(words_of(family), place_of(family))


def by_vocabulary(entries: Iterable[T], family: Callable[[T], str]) -> list[tuple[Vocabulary, list[T]]]:
    """Group entries whose families mean the same by the same letters, in their order, with the words of all."""
    groups: list[tuple[Vocabulary, list[T]]] = []
    for entry in entries:
        words, place = vocabulary(family(entry))
        for index, (known, members) in enumerate(groups):
            if place == known.place and all(known.words.get(key, word) == word for key, word in words.items()):
                groups[index] = (Vocabulary({**known.words, **words}, place), [*members, entry])
                break
        else:
            groups.append((Vocabulary(words, place), [entry]))
    return groups


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


def split_name(name: str, vocabulary: Vocabulary = _NOTHING) -> tuple[str, str]:
    """Split a name into the letters of its class and the digits of its stage; one that has a word stays whole.

    >>> split_name("d1"), split_name("kernel_12"), split_name("d_model")
    (('d', '1'), ('kernel', '12'), ('d_model', ''))
    """
    match = None if name in vocabulary.words else _NAME.fullmatch(name)
    return (match[1], match[2]) if match else (name, "")


def slug(text: str) -> str:
    """Turn any text into a part of a file name.

    >>> slug("Group widths / 2"), slug("../..")
    ('group-widths-2', 'unnamed')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "unnamed"


def data_ending(data: str, every: Sequence[str]) -> str:
    """What a figure's file name ends in where each of several data sets has one: nothing for the first.

    >>> data_ending("cifar10", ("cifar10", "cifar100")), data_ending("cifar100", ("cifar10", "cifar100"))
    ('', '-cifar100')
    """
    return "" if data == every[0] else f"-{slug(data)}"


def short_data(name: str) -> str:
    """Shorten the path of a data set for titles and sentences; names stay as they are.

    >>> short_data("../data/cifar10-train-20k.parquet"), short_data("cifar10"), short_data("photos/")
    ('cifar10-train-20k', 'cifar10', 'photos')
    """
    return re.split(r"[/\\]", name.rstrip("/\\"))[-1].removesuffix(".parquet") or name


def with_budget(data: str, budget: str) -> str:
    """Call a data set by a budget in words, too, where a report has several.

    >>> with_budget("cifar10", "10M to 50M FLOPs")
    'cifar10 at 10M to 50M FLOPs'
    """
    return f"{data} at {budget}"


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


def classes_of(names: Iterable[str], vocabulary: Vocabulary) -> tuple[HyperparameterClass, ...]:
    """Group hyperparameters by what they mean, in the order of their first appearance.

    >>> words = Vocabulary({"d": ("depth", "depths"), "w": ("width", "widths")})
    >>> [(group.plural, group.names) for group in classes_of(["d1", "w1", "d2", "k"], words)]
    [('depths', ('d1', 'd2')), ('widths', ('w1',)), ('k', ('k',))]
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(split_name(name, vocabulary)[0], []).append(name)
    words = {letters: vocabulary.words.get(letters, (letters, letters)) for letters in groups}
    slugs = unique(slug(plural) for _, plural in words.values())
    return tuple(
        HyperparameterClass(letters, *words[letters], tuple(members), part)
        for (letters, members), part in zip(groups.items(), slugs, strict=True)
    )


def hyperparameter_title(name: str, vocabulary: Vocabulary) -> str:
    """Name a hyperparameter in words and in its own letters.

    >>> words = Vocabulary({"d": ("depth", "depths"), "g": ("group width", "group widths")})
    >>> hyperparameter_title("d1", words), hyperparameter_title("g", words), hyperparameter_title("x2", words)
    ('Depth of stage 1, d1', 'Group width, g', 'x2')
    """
    letters, number = split_name(name, vocabulary)
    if letters not in vocabulary.words:
        return name
    word = vocabulary.words[letters][0]
    word = word[:1].upper() + word[1:]
    return f"{word} of {vocabulary.place} {number}, {name}" if number else f"{word}, {name}"


def measure_title(name: str) -> str:
    """Name a measure of complexity as a heading, another cost by its own name: params is "Parameters"."""
    label = LABELS[name].label
    return label[:1].upper() + label[1:]


def where(name: str, vocabulary: Vocabulary) -> str:
    """Say where a hyperparameter acts: "stage 1" if its name says so, the name itself otherwise.

    >>> words = Vocabulary({"w": ("width", "widths")})
    >>> where("w3", words), where("x2", words)
    ('stage 3', 'x2')
    """
    letters, number = split_name(name, vocabulary)
    return f"{vocabulary.place} {number}" if number and letters in vocabulary.words else name


def value_text(value: Any) -> str:
    """Print a value of a hyperparameter: a whole number or a name as it is, a real number with about four digits.

    >>> value_text(1024), value_text(36.443), value_text(12345.6), value_text(2.0), value_text("relu")
    ('1024', '36.44', '12346', '2', 'relu')
    """
    if not isinstance(value, float):
        return str(value)
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"


def kept_text(kept: Sequence[Any]) -> str:
    """Print an interval as the paper's Table I does, and the names of a category as a set.

    >>> kept_text((15, 15)), kept_text((0.5, 32.0)), kept_text(("relu", "silu"))
    ('15', '[0.5, 32]', '{relu, silu}')
    """
    if isinstance(kept[0], str):
        return str(Subset(kept))
    low, high = kept
    short = Interval(value_text(low), value_text(high))
    # Two values that a reader cannot tell apart are printed with all their digits.
    return str(Interval(low, high) if low != high and short.low == short.high else short)
