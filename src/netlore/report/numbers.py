"""Numbers as reports print them: in tables, on axes and in captions alike."""

from __future__ import annotations

import math

_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))


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
