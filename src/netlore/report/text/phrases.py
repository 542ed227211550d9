"""Counts, durations and hyperparameters in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netlore.report.names import classes_of, stage_of
from netlore.report.numbers import power_label


def count(number: int, singular: str) -> str:
    """Print a number with its noun.

    >>> count(1, "round"), count(10077696000, "architecture")
    ('1 round', '10,077,696,000 architectures')
    """
    return f"{number:,} {singular}{'' if number == 1 else 's'}"


def span(numbers: Sequence[int], singular: str) -> str:
    """Print the lowest and the highest of some numbers with their noun, or the one number that they are.

    >>> span([3, 12, 7], "round"), span([1, 1], "round")
    ('3 to 12 rounds', '1 round')
    """
    low, high = min(numbers), max(numbers)
    return count(low, singular) if low == high else f"{low:,} to {high:,} {singular}s"


def seeds(numbers: Sequence[int]) -> str:
    """Name seeds, at least one.

    >>> seeds([3]), seeds([0, 1])
    ('seed 3', 'seeds 0 and 1')
    """
    return f"{'seeds' if numbers[1:] else 'seed'} {join([str(number) for number in numbers])}"


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


def join(parts: Sequence[str]) -> str:
    """Join parts with commas and "and".

    >>> join(["a"]), join(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def value_words(values: Mapping[str, int]) -> dict[str, str]:
    """Put the hyperparameters of an architecture into words, class by class.

    >>> value_words({"d1": 2, "d2": 1, "b1": 4, "b2": 4, "k1": 3})
    {'Depths': '2 blocks in stage 1 and 1 in stage 2', 'Bottleneck ratios': '4 in every stage', 'k': 'k1 = 3'}
    """
    found = {}
    for group in classes_of(values):
        numbers, places = [str(values[name]) for name in group.names], [stage_of(name) for name in group.names]
        if len(numbers) > 1 and len(set(numbers)) == 1 and places[0] != group.names[0]:
            numbers, places = numbers[:1], ["every stage"]
        if group.singular == "depth":
            numbers[0] += " block" if numbers[0] == "1" else " blocks"
        entries = zip(group.names, numbers, places, strict=False)
        known = group.plural != group.letters
        found[group.plural.capitalize() if known else group.letters] = join(
            [f"{name} = {number}" if where == name else f"{number} in {where}" for name, number, where in entries]
        )
    return found
