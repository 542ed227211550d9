"""Checks of single values: numbers, texts, paths, instances of classes, what is one of several."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from numbers import Real
from operator import index
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from netlore.errors import WrongArgument, shown

Sizes = Callable[[Any], Iterator[tuple[str, str, int]]]
"""From a value to places in it, the names of their dimensions and the sizes of these."""


class Refused(Exception):  # noqa: N818 - as in errors
    """A value that is not what a signature says: what is wrong with it, and its place in the argument."""

    def __init__(self, value: object, said: str, place: str = "") -> None:
        super().__init__(said)
        self.value, self.place = value, place


@dataclass(frozen=True)
class Check:
    """What an argument has to be, and the function that returns it as it is passed on, or raises `Refused`; and if
    dimensions of it have names, the function that finds their sizes."""

    noun: str
    of: Callable[[Any], Any]
    sizes: Sizes | None = None


def refusal(value: object, noun: str, remedy: str = "give one") -> Refused:
    """What `Check.of` raises for a value that is not what it has to be."""
    return Refused(value, f"is not {noun}; {remedy}")


def where(noun: str, fits: Callable[[Any], bool]) -> Check:
    """The check that a value fits."""

    def of(value: Any) -> Any:
        if not fits(value):
            raise refusal(value, noun)
        return value

    return Check(noun, of)


def _whole(value: Any) -> int:
    """Whatever Python takes for an index, numpy's integers for example; True and 2.0 are slips."""
    try:
        number = index(value)
    except TypeError:
        number = False
    if isinstance(number, bool) or isinstance(value, bool):
        raise refusal(value, "a whole number", "give an integer")
    return number


def _real(value: Any) -> Any:
    """A number other than nan. Infinity is one, as the end of a budget; a whole number stays what it is."""
    number = value.item() if isinstance(value, np.generic) else value
    if isinstance(number, bool) or not isinstance(number, Real) or math.isnan(number):
        raise refusal(value, "a number")
    return number


def _truth(value: Any) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise refusal(value, "True or False")
    return bool(value)


def _has_bytes(text: str) -> bool:
    """Whether a text can be written at all; half of a surrogate pair cannot. Of names of files, Python makes texts
    that can be turned back into their bytes."""
    try:
        return text.isascii() or bool(text.encode(errors="surrogateescape"))
    except UnicodeEncodeError:
        return False


_LONGEST_PATH = 2**16
"""Bytes, far beyond what any system takes; shorter ones are the system's to refuse."""


def _path(value: Any) -> Path:
    try:
        text = os.fsencode(value)
    except (TypeError, UnicodeEncodeError):
        text = b"\0"
    if isinstance(value, bytes) or b"\0" in text or len(text) > _LONGEST_PATH:
        raise refusal(value, "a path")
    return Path(value)


ANYTHING = Check("anything", lambda value: value)
PLAIN: dict[Any, Check] = {
    int: Check("a whole number", _whole),
    float: Check("a number", _real),
    bool: Check("True or False", _truth),
    str: where("a text", lambda value: isinstance(value, str) and _has_bytes(value)),
    NoneType: where("None", lambda value: value is None),
    Path: Check("a path", _path),
    object: ANYTHING,
}


def instance_of(kind: Any) -> Check:
    """Instances of a class; what only type checkers can tell apart is any function, or anything."""
    if getattr(kind, "_is_protocol", False) and not getattr(kind, "_is_runtime_protocol", False):
        return where("a function", callable) if "__call__" in vars(kind) else ANYTHING
    if kind is type:
        return where("a class", lambda value: isinstance(value, type))
    article = "an" if kind.__name__[0] in "AEIOU" else "a"
    return where(f"{article} {kind.__name__}", lambda value: isinstance(value, kind))


def one_of(checks: tuple[Check, ...]) -> Check:
    """What the first check that lets it pass makes of a value."""
    noun = " or ".join(dict.fromkeys(one.noun for one in checks))

    def of(value: Any) -> Any:
        nearest = refusal(value, noun)
        for one in checks:
            try:
                return one.of(value)
            except Refused as refused:
                nearest = refused if refused.place or len(checks) == 1 else nearest
        raise nearest

    shaped = next((one.sizes for one in checks if one.sizes is not None), None)
    return Check(noun, of, shaped and (lambda value: iter(()) if value is None else shaped(value)))


def one_of_these(constants: tuple[Any, ...]) -> Check:
    """One of some constants, such as texts."""
    noun, remedy = " or ".join(map(repr, constants)), f"choose {', '.join(map(str, constants))}"

    def of(value: Any) -> Any:
        for constant in constants:
            if isinstance(value, type(constant)) and value == constant:
                return constant
        raise Refused(value, f"is not known; {remedy}")

    return Check(noun, of)


def allowed_by(check: Check, hint: Any) -> Check:
    """What pydantic allows: the range of an annotated type."""
    allowed: TypeAdapter[Any] = TypeAdapter(hint)

    def of(value: Any) -> Any:
        try:
            return allowed.validate_python(check.of(value), strict=True)
        except ValidationError as error:
            message = error.errors(include_url=False)[0]["msg"]
            raise Refused(value, f"is not allowed: {message[:1].lower()}{message[1:]}") from None

    return Check(check.noun, of)


def passed(name: str, value: Any, check: Check) -> Any:
    """A value as it is passed on, or `WrongArgument` with the name of the argument."""
    try:
        return check.of(value)
    except Refused as refused:
        raise WrongArgument(f"{name}{refused.place} = {shown(refused.value)} {refused}.") from None
