"""The front door of Python: public functions check what they are given at their first line, by their signatures.

`@validated` reads a function's annotations: a text is refused where a number belongs, nan where a whole number
does, the name of a task where a task does, before anything is computed. What fits is passed on as it came, with
these exceptions: numpy's numbers become Python's, sequences the arrays that a signature asks for, texts paths.

Types are checked, elements of sequences and mappings included, and the ranges of `Annotated` types, by pydantic;
whether values fit each other is the function's own question. A door costs some microseconds, so functions that
rooms call by the thousand have none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial, wraps
from inspect import Parameter, Signature, signature, unwrap
from types import SimpleNamespace
from typing import Any, TypeVar, get_args, get_type_hints

from netlore.arguments.annotation import check_of
from netlore.arguments.check import ANYTHING, Check, passed
from netlore.arguments.many import elements
from netlore.errors import WrongArgument

F = TypeVar("F", bound=Callable[..., Any])


def validated(function: F) -> F:
    """The same function, or class, which first checks its arguments by its annotations.

    Raises:
        TypeError: Arguments are missing, or not known.
        WrongArgument: An argument is of another type or out of its range. It is a `TypeError` as well.

    >>> @validated
    ... def half(count: int) -> float:
    ...     return count / 2
    >>> half(3)
    1.5
    >>> half(float("nan"))
    Traceback (most recent call last):
    netlore.errors.WrongArgument: count = nan is not a whole number; give an integer.
    """
    if isinstance(function, type):
        function.__init__ = validated(function.__init__)  # type: ignore[misc]  # what makes its instances
        return function
    parameters = signature(function)

    # Made at the first call: a signature may name what its module defines further below.
    @cache
    def checks() -> dict[str, Check]:
        return checks_of(function, parameters)

    @wraps(function)
    def door(*given: Any, **named: Any) -> Any:
        try:
            bound = parameters.bind(*given, **named)
        except TypeError as error:
            raise TypeError(f"{function.__qualname__}() {error}; correct the call.") from None
        arguments = bound.arguments
        for name, check in checks().items():
            if name in arguments:
                arguments[name] = passed(name, arguments[name], check)
        _fit(checks(), arguments)
        return function(*bound.args, **bound.kwargs)

    return door  # type: ignore[return-value]  # it has the signature of the function


def _fit(checks: Mapping[str, Check], arguments: Mapping[str, Any]) -> None:
    """Refuse dimensions of one name that have two sizes."""
    known: dict[str, tuple[str, int]] = {}
    for name, check in checks.items():
        if name in arguments and check.sizes is not None:
            for place, dimension, size in check.sizes(arguments[name]):
                first, other = known.setdefault(dimension, (f"{name}{place}", size))
                if size != other:
                    raise WrongArgument(f"{name}{place} has {size} values, {first} {other}; give as many of both.")


def checks_of(function: Any, parameters: Signature) -> dict[str, Check]:
    """The checks of a function's arguments, by name."""
    # What a function returns may be a type that is imported for type checkers alone.
    given = {name: one for name, one in function.__annotations__.items() if name != "return"}
    bare, names = SimpleNamespace(__annotations__=given), unwrap(function).__globals__
    hints = get_type_hints(bare, names, include_extras=True)
    found = {}
    for name, hint in hints.items():
        kind = parameters.parameters[name].kind
        if kind is Parameter.VAR_KEYWORD:
            found[name] = _keywords(hint)
        else:
            one = check_of(hint)
            found[name] = one if kind is not Parameter.VAR_POSITIONAL else Check(one.noun, partial(elements, one))
    return found


def _keywords(hint: Any) -> Check:
    """Of `**limits: Unpack[Limits]` each by its own type; whether others are known, the function finds out."""
    (inner,) = get_args(hint) or (None,)
    hints = get_type_hints(inner, include_extras=True) if inner else {}
    known, other = {name: check_of(one) for name, one in hints.items()}, ANYTHING if inner else check_of(hint)

    def of(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: passed(name, one, known.get(name, other)) for name, one in values.items()}

    return Check("keywords", of)
