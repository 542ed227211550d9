"""What options that name something and give it a value mean, such as `--budget params=0:100k`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netlore.errors import InvalidInput
from netlore.space.budget import number


def pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """Arguments by their names."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (equals and name.isidentifier()) or name in found:
            raise InvalidInput(
                f"{option} {text} is no NAME=VALUE, or its name came before; write, for example, num_classes=10."
            )
        found[name] = value
    return found


def space_arguments(texts: Sequence[str]) -> dict[str, Any]:
    """What is given to the function of a design space, by name."""
    if not texts:
        return {}
    from netlore.scoring.sources import arguments_of  # which imports torch; help and lists do not wait for it

    return arguments_of(pairs(texts, "--space-option"))


def kept_of(texts: Sequence[str]) -> dict[str, tuple[int | float | str, ...]]:
    """The interval, or the values, that a hyperparameter is kept in, by its name.

    >>> kept_of(["d1=1:4", "b2=0.5:2", "w3=64", "act=relu,silu"])
    {'d1': (1, 4), 'b2': (0.5, 2), 'w3': (64, 64), 'act': ('relu', 'silu')}
    """
    found: dict[str, tuple[int | float | str, ...]] = {}
    for name, text in pairs(texts, "--restrict").items():
        ends = [_value(one) for one in text.split(":" if ":" in text else ",")]
        numbers = not any(isinstance(one, str) for one in ends)
        found[name] = (ends[0], ends[-1]) if numbers else tuple(ends)
    return found


def _value(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def limits_of(texts: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Limits by the name of what they limit."""
    found: dict[str, tuple[float, float]] = {}
    for text in texts:
        name, _, limits = text.rpartition("=")
        try:
            low, high = map(number, limits.split(":"))
        except ValueError:
            name = ""
        if not name or name in found:
            raise InvalidInput(
                f"--budget {text} is no NAME=LOW:HIGH, or its name came before; write, for example, params=0:100k."
            )
        found[name] = (low, high)
    return found
