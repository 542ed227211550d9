"""Predictors with arguments: `logrank(logdet, 2*synflow)`, `reg_swap(mu=1000, sigma=500)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any

from netlore.errors import InvalidInput
from netlore.plugins import Registry

_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*\((.*)\)\s*", re.DOTALL)
_WEIGHTED = re.compile(r"\s*([0-9.]+(?:e[+-]?[0-9]+)?)\s*\*(.*)", re.DOTALL)
_NAMED = re.compile(r"\s*([A-Za-z_]\w*)\s*=([^=].*)", re.DOTALL)

FUNCTIONS: Registry[Callable[..., Any]] = Registry(
    "predictor with arguments",
    "netlore.predictor_functions",
    {name: f"netlore.scoring.combination:{name}" for name in ("logrank", "meanrank", "vote")}
    | {"reg_swap": "netlore.scoring.predictors.swap:reg_swap"},
    callable,
)
"""By name: functions of `Member`s and numbers that give a predictor."""


@dataclass(frozen=True)
class Member:
    """What stands in the parentheses: a predictor's name or expression, with its weight."""

    name: str
    weight: float = 1.0

    def __str__(self) -> str:
        return self.name if self.weight == 1 else f"{written(self.weight)}*{self.name}"


def is_expression(name: str) -> bool:
    """Whether a name has arguments."""
    return _CALL.fullmatch(name) is not None


def evaluated(text: str) -> Any:
    """The predictor that an expression stands for.

    Raises:
        UnknownName: No function has that name.
        InvalidInput: The expression cannot be read, or the function cannot be called like that.
    """
    found = _CALL.fullmatch(text)
    assert found is not None, text
    name, inside = found.groups()
    function = FUNCTIONS.get(name)
    members: list[Member] = []
    numbers: dict[str, float] = {}
    for part in _parts(inside, text):
        if (named := _NAMED.fullmatch(part)) and not is_expression(part):
            numbers[named[1]] = _number(named[2], text)
        else:
            members.append(_member(part, text))
    try:
        signature(function).bind(*members, **numbers)
    except TypeError:
        raise InvalidInput(f"predictor {text!r} is not {usage(name)}; write it so.") from None
    return function(*members, **numbers)


def written(number: float) -> str:
    """A number as a name has it, which gives the same number again.

    >>> written(2.0), written(0.1), written(1234567.5)
    ('2', '0.1', '1234567.5')
    """
    return repr(float(number)).removesuffix(".0")


def usage(name: str) -> str:
    """How a function is called, as one writes it.

    >>> usage("logrank")
    'logrank(PREDICTOR, PREDICTOR, ...)'
    """
    parameters = signature(FUNCTIONS.get(name)).parameters.values()
    several = any(one.kind is Parameter.VAR_POSITIONAL for one in parameters)
    words = ["PREDICTOR", "PREDICTOR", "..."] * several
    words += [f"{one.name}=NUMBER" for one in parameters if one.kind is not Parameter.VAR_POSITIONAL]
    return f"{name}({', '.join(words)})"


def _parts(inside: str, text: str) -> Iterator[str]:
    """What commas separate, but for those within further parentheses."""
    depth, start = 0, 0
    for place, letter in enumerate(inside):
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            break
        if letter == "," and depth == 0:
            yield inside[start:place]
            start = place + 1
    if depth != 0:
        raise InvalidInput(f"predictor {text!r} has parentheses that do not match; close each that is opened.")
    if inside.strip():
        yield inside[start:]


def _member(part: str, text: str) -> Member:
    weighted = _WEIGHTED.fullmatch(part)
    weight, name = (_number(weighted[1], text), weighted[2]) if weighted else (1.0, part)
    if not name.strip() or weight <= 0:
        raise InvalidInput(
            f"predictor {text!r} has no member, or a weight of zero, in {part.strip()!r}; correct it."
        )
    return Member(name.strip(), weight)


def _number(written: str, text: str) -> float:
    try:
        return float(written)
    except ValueError:
        raise InvalidInput(f"predictor {text!r}: {written.strip()!r} is no number; write one.") from None
