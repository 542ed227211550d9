"""From an annotation to what checks a value by it."""

from __future__ import annotations

import collections.abc as abstract
from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field

from netlore.arguments.check import ANYTHING, PLAIN, Check, allowed_by, instance_of, one_of, one_of_these, where
from netlore.arguments.many import Shape, array_of, collection, iterable, mapping, shaped, tuple_of

Count = Annotated[int, Field(ge=1)]
"""One or more of something."""

Level = Annotated[float, Field(gt=0, lt=1)]
"""A probability strictly between 0 and 1."""

Seed = Annotated[int, Field(ge=0)]
"""What random numbers begin with."""


def check_of(hint: Any) -> Check:
    """What checks values by an annotation; types that say nothing of values let everything pass."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is None and isinstance(hint, type) and hint in PLAIN:
        return PLAIN[hint]
    if hint is None or hint is Any or isinstance(hint, TypeVar):
        return PLAIN[NoneType] if hint is None else ANYTHING
    if hint == ArrayLike or origin is np.ndarray:
        (letter,) = get_args(inner[1]) if origin is np.ndarray else (np.float64,)
        return array_of(letter)
    if origin in (Union, UnionType):
        return one_of(tuple(map(check_of, inner)))
    if origin is Annotated:
        shapes = [one for one in hint.__metadata__ if isinstance(one, Shape)]
        check = check_of(inner[0])
        return shaped(check, shapes[0]) if shapes else allowed_by(check, hint)
    if origin is Literal:
        return one_of_these(inner)
    kind = origin or hint
    if kind is Callable:
        return where("a function", callable)
    if kind is tuple and inner and inner[-1] is not ...:
        return tuple_of(tuple(map(check_of, inner)))
    if kind in _MANY:
        return _MANY[kind](*(check_of(one) for one in inner if one is not ...))
    return instance_of(kind)


_MANY: dict[Any, Callable[..., Check]] = {
    abstract.Sequence: collection("a sequence", abstract.Sequence),
    abstract.Collection: collection("a collection", abstract.Collection),
    abstract.Set: collection("a set", abstract.Set),
    list: collection("a list", list),
    tuple: collection("a sequence", abstract.Sequence, tuple),
    set: collection("a set", abstract.Set, set),
    abstract.Iterable: iterable,
    Mapping: mapping,
    dict: mapping,
}
