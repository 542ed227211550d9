"""What the report says in words: plain sentences computed from the story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netlore.report.names import HyperparameterClass, classes_of, place
from netlore.report.numbers import power_label


@dataclass(frozen=True)
class Preference:
    """What a predictor prefers in one class of hyperparameters.

    Attributes:
        what: The class, such as "Depths".
        text: The preferred values, such as "15 blocks in stage 1, 16 in stage 2".
    """

    what: str
    text: str


def count(number: int, singular: str, plural: str = "") -> str:
    """Print a number with its noun.

    >>> count(1, "round"), count(10077696000, "architecture")
    ('1 round', '10,077,696,000 architectures')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def short(number: int) -> str:
    """Print a count exactly while it is short, and as a power of ten otherwise.

    >>> short(1234567), short(10077696000)
    ('1,234,567', '1.01 × 10¹⁰')
    """
    if number < 10**8:
        return f"{number:,}"
    exponent = len(str(number)) - 1
    return f"{number / 10**exponent:.2f} \N{MULTIPLICATION SIGN} {power_label(exponent)}"


def duration(seconds: float) -> str:
    """Print a duration in the largest two units that matter.

    >>> duration(0.42), duration(312.4), duration(7384)
    ('0.4 s', '5 min 12 s', '2 h 3 min')
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def join(parts: list[str]) -> str:
    """Join parts with commas and "and".

    >>> join(["a"]), join(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def value_words(low: int, high: int, grid: tuple[int, ...]) -> str:
    """Say which values an interval holds, and whether that is any preference at all.

    >>> value_words(2, 3, (1, 2, 3, 4)), value_words(1, 4, (1, 2, 4)), value_words(2, 2, (1, 2))
    ('2 to 3', 'anything from 1 to 4', '2')
    """
    if low == high:
        return str(low)
    anything = "anything from " if (low, high) == (grid[0], grid[-1]) else ""
    return f"{anything}{low} to {high}"


def preferences(intervals: Mapping[str, tuple[int, int]], grids: dict[str, tuple[int, ...]]) -> list[Preference]:
    """Put intervals into words, an entry for each class of hyperparameters."""
    return [
        Preference(group.plural.capitalize() if group.plural != group.key else group.key, text)
        for group in classes_of(intervals)
        for text in [join(_class_words(group, intervals, grids))]
    ]


def _class_words(
    group: HyperparameterClass, intervals: Mapping[str, tuple[int, int]], grids: dict[str, tuple[int, ...]]
) -> list[str]:
    words = [value_words(*intervals[name], grids[name]) for name in group.names]
    places = [place(name) for name in group.names]
    whole = [entry.names for entry in classes_of(grids) if entry.key == group.key]
    if len(words) > 1 and len(set(words)) == 1 and [group.names] == whole and places[0] != group.names[0]:
        words, places = words[:1], ["every stage"]
    if group.key == "d":
        words[0] += " block" if words[0] == "1" else " blocks"
    return [
        f"{name} = {value}" if where == name else f"{value} in {where}"
        for name, value, where in zip(group.names, words, places, strict=False)
    ]
