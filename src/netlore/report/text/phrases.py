"""Numbers, durations and hyperparameters as reports print them, in tables, on axes and in captions alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from netlore.report.names import Vocabulary, classes_of, value_text, where

NOISE = "share of the variance of ranks that initial weights and batches make"
"""What the share of noise is, before the networks that it was measured on."""

_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))


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


def value_words(values: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, str]:
    """Put the hyperparameters of an architecture into a family's words, class by class.

    >>> words = Vocabulary({"d": ("depth", "depths"), "b": ("bottleneck ratio", "bottleneck ratios")})
    >>> value_words({"d1": 2, "d2": 1, "b1": 4, "b2": 4, "k1": 3}, words)
    {'Depths': '2 blocks in stage 1 and 1 in stage 2', 'Bottleneck ratios': '4 in every stage', 'k': 'k1 = 3'}
    """
    found = {}
    for group in classes_of(values, vocabulary):
        texts = [value_text(values[name]) for name in group.names]
        places = [where(name, vocabulary) for name in group.names]
        if len(texts) > 1 and len(set(texts)) == 1 and places[0] != group.names[0]:
            texts, places = texts[:1], [f"every {vocabulary.place}"]
        if group.singular == "depth":
            texts[0] += " block" if texts[0] == "1" else " blocks"
        entries = zip(group.names, texts, places, strict=False)
        known = group.plural != group.letters
        found[group.plural[:1].upper() + group.plural[1:] if known else group.letters] = join(
            [f"{name} = {text}" if place == name else f"{text} in {place}" for name, text, place in entries]
        )
    return found


def number_text(value: float) -> str:
    """Print a number with about four digits; as a power of ten where it is very large or small.

    >>> number_text(43218765.4), number_text(-3.14159), number_text(2.5e30)
    ('43,218,765', '-3.142', '2.5 × 10³⁰')
    """
    size = abs(value)
    if not math.isfinite(value) or value == 0 or 1e-3 <= size < 1e12:
        return f"{value:,.0f}" if 1e3 <= size < 1e12 else f"{value:.4g}"
    mantissa, exponent = f"{value:.3e}".split("e")
    return f"{float(mantissa):g} \N{MULTIPLICATION SIGN} {power_label(int(exponent))}"


def power_label(exponent: int) -> str:
    """Print a power of ten as figures do.

    >>> power_label(0), power_label(1), power_label(10)
    ('1', '10', '10¹⁰')
    """
    if exponent in (0, 1):
        return str(10**exponent)
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def count_label(value: float) -> str:
    """Print a count with a decimal unit.

    >>> count_label(5e7), count_label(200.0)
    ('50 M', '200')
    """
    size, unit = next((unit for unit in _UNITS if value >= unit[0]), (1.0, ""))
    return f"{value / size:g} {unit}".strip()


def percent(share: float) -> str:
    """Print a share so that 99.6 % is not yet all.

    >>> percent(0.5), percent(0.996)
    ('50%', '99.6%')
    """
    return f"{share:.1%}".replace(".0%", "%")


def minus(text: str) -> str:
    """Write a number or a formula with the sign of subtraction instead of a hyphen.

    >>> minus("-ln(-S)") == "\N{MINUS SIGN}ln(\N{MINUS SIGN}S)"
    True
    """
    return text.replace("-", "\N{MINUS SIGN}")
