"""Checks of collections, element by element: sequences, mappings, tuples, arrays."""

from __future__ import annotations

import collections.abc as abstract
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from netlore.arguments.check import ANYTHING, Check, Refused, Sizes, passed, refusal


def elements(check: Check, values: Collection[Any]) -> Any:
    """A collection of which every element is checked; the same object if none changed, else a list or a tuple."""
    found = [_at(f"[{number}]", check, value) for number, value in enumerate(values)]
    if all(one is value for one, value in zip(found, values, strict=True)):
        return values
    return tuple(found) if isinstance(values, tuple) else found


def _at(place: str, check: Check, value: Any) -> Any:
    try:
        return check.of(value)
    except Refused as refused:
        raise Refused(refused.value, str(refused), f"{place}{refused.place}") from None


def _each(element: Check, parts: Callable[[Any], Iterable[tuple[Any, Any]]]) -> Sizes | None:
    """The sizes of all elements, whose dimensions have names."""
    sizes = element.sizes
    if sizes is None:
        return None
    return lambda value: (
        (f"[{key!r}]{place}", name, size) for key, one in parts(value) for place, name, size in sizes(one)
    )


def collection(noun: str, kind: Any, make: Callable[[Any], Any] | None = None) -> Callable[..., Check]:
    """Checks of collections whose every element is looked at; a text is none, whatever its letters are."""

    def made(element: Check = ANYTHING) -> Check:
        said = f"{noun} of which each is {element.noun}" if element is not ANYTHING else noun

        def of(value: Any) -> Any:
            if isinstance(value, np.ndarray) and value.ndim:
                value = value.tolist()
            if isinstance(value, str | bytes) or not isinstance(value, kind):
                raise refusal(value, said)
            found = elements(element, value)
            return make(found) if make is not None else found

        return Check(said, of, _each(element, enumerate))

    return made


def iterable(element: Check = ANYTHING) -> Check:
    """What can be gone through: at once if it is there, as it comes if not."""
    there = collection("a series", abstract.Collection)(element)

    def passing(values: Iterator[Any]) -> Iterator[Any]:
        for number, value in enumerate(values):
            yield passed(f"element {number}", value, element)

    def of(value: Any) -> Any:
        if isinstance(value, abstract.Iterator):
            return passing(value)
        return (
            there.of(value) if isinstance(value, abstract.Collection) or not hasattr(value, "__iter__") else value
        )

    return Check(there.noun, of)


def mapping(key: Check = ANYTHING, element: Check = ANYTHING) -> Check:
    """Keys and values are looked at."""
    noun = "a mapping" if element is ANYTHING else f"a mapping of which each value is {element.noun}"

    def of(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise refusal(value, noun)
        found = {_at(" key", key, name): _at(f"[{name!r:.80}]", element, one) for name, one in value.items()}
        return value if all(found.get(name) is one for name, one in value.items()) else found

    return Check(noun, of, _each(element, lambda value: value.items()))


def tuple_of(checks: tuple[Check, ...]) -> Check:
    """A certain number of elements, each of its own type; a list is welcome."""
    noun = f"a tuple ({', '.join(one.noun for one in checks)})"

    def of(value: Any) -> Any:
        if not isinstance(value, tuple | list) or len(value) != len(checks):
            raise refusal(value, noun)
        return tuple(_at(f"[{number}]", one, value[number]) for number, one in enumerate(checks))

    return Check(noun, of)


_LETTERS: dict[type, str] = {np.floating: "iuf", np.integer: "iu", np.bool_: "b"}
"""In numpy's code, the types whose arrays stand for those of a kind."""

_CONTENTS = {"iuf": "numbers", "iu": "whole numbers", "b": "True and False", "": "values"}


def array_of(kind: Any) -> Check:
    """Arrays of a type of numpy's, and what it makes them of: columns of tables, lists."""
    letters = next(
        (some for base, some in _LETTERS.items() if isinstance(kind, type) and issubclass(kind, base)), ""
    )
    noun = f"an array of {_CONTENTS[letters]}"

    def of(value: Any) -> Any:
        if not hasattr(value, "__array__") and not isinstance(value, list | tuple):
            raise refusal(value, noun)
        try:
            array = np.asarray(value)
        except (ValueError, TypeError, RuntimeError):  # ragged lists, tensors that need a gradient
            raise refusal(value, noun) from None
        if array.ndim == 0 or (letters and array.dtype.kind not in letters and array.size):
            raise refusal(value, noun)
        if array is value or not letters:
            return array
        return array.astype(kind)

    return Check(noun, of)


class Shape(tuple[str, ...]):
    """In an annotation, the names of an array's dimensions, or of a sequence's length: `Annotated[Floats,
    Shape("networks")]`. Dimensions of one name have one size in a call, those called "..." any."""

    def __new__(cls, *names: str) -> Shape:
        return super().__new__(cls, names)


def shaped(check: Check, shape: Shape) -> Check:
    """What passes a check, with as many dimensions as a shape has names."""
    wanted = f"({', '.join(shape)})"

    def of(value: Any) -> Any:
        found = check.of(value)
        if len(_sizes(found)) != len(shape):
            raise Refused(value, f"has the shape {_sizes(found)}; give one of the shape {wanted}")
        return found

    def sizes(value: Any) -> Iterator[tuple[str, str, int]]:
        return (("", name, size) for name, size in zip(shape, _sizes(value), strict=True) if name != "...")

    return Check(f"{check.noun} of the shape {wanted}", of, sizes)


def _sizes(value: Any) -> tuple[int, ...]:
    return value.shape if isinstance(value, np.ndarray) else (len(value),)
