"""Values that a user gave, checked against what a model of them allows."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from netlore.errors import InvalidInput

M = TypeVar("M", bound=BaseModel)


def checked(kind: type[M], values: dict[str, Any]) -> M:
    """A configuration of that kind.

    Raises:
        InvalidInput: A value that the configuration does not allow, or a key that it does not know.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        message = first["msg"][:1].lower() + first["msg"][1:]
        raise InvalidInput(f"{name} = {first['input']!r} is not allowed: {message}; correct the value.") from None
