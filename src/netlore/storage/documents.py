"""JSON and the values in it: checked against a model, read within limits, written whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from netlore.errors import InvalidInput, shown
from netlore.plugins import packages_of, trust
from netlore.reading import parse_json, parse_toml, read_file
from netlore.storage.atomic import write_whole

M = TypeVar("M", bound=BaseModel)

RUN = "run.json"
"""What a run's folder holds of every command: its configuration, machine and versions."""


def checked(kind: type[M], values: Mapping[str, Any], where: str = "") -> M:
    """Values as a model of that kind. Types are those of JSON: neither `true` nor `"4"` is a number.

    `where`, the name of a file that a run wrote, begins the complaint about a value that is not allowed or a key
    that is not known. Models see it as the context of the validation, since what was registered when the file was
    written need not be now.
    """
    try:
        # As JSON, in which a list may become a tuple although types are strict. TOML's dates become text.
        text = json.dumps(dict(values), default=lambda one: one.tolist() if hasattr(one, "tolist") else str(one))
        return kind.model_validate_json(text, strict=True, context=where)
    except ValidationError as error:
        raise InvalidInput(f"{where}{_said(error, kind, values)}.") from None


def _said(error: ValidationError, kind: type[BaseModel], values: Mapping[str, Any]) -> str:
    """The first complaint: what was given, and what is allowed instead."""
    for name, value in values.items():
        if any("\ud800" <= sign <= "\udfff" for sign in str(value)):
            return f"{name} = {shown(value)} is not UTF-8; rename that file or folder"
    first = error.errors(include_url=False)[0]
    name, value = ".".join(str(part) for part in first["loc"]) or "it", shown(first["input"])
    if first["type"] == "missing":
        return f"{name} is missing; add it"
    message = f"{first['msg'][:1].lower()}{first['msg'][1:]}"
    if first["type"] == "extra_forbidden":
        top = len(first["loc"]) == 1
        message = f"no such key; choose from {', '.join(kind.model_fields)}" if top else "no such key; remove it"
    return f"{name} = {value} is not allowed: {message}"


def to_json(value: Any) -> str:
    """JSON of plain values; numpy's numbers and arrays become plain ones."""
    return json.dumps(value, default=_plain)


def write_document(path: Path, document: Mapping[str, Any]) -> Path:
    """Write a document that any reader of JSON understands; see `write_whole`."""
    return write_whole(path, (json.dumps(document, indent=2, allow_nan=False, default=_plain) + "\n").encode())


def read_document(path: Path, kind: type[M]) -> M:
    """A document that a run wrote.

    A document may say its `schema`, a number; later ones than the model's `SCHEMA` (1 if it has none) are refused,
    as is what `read_json` refuses, or the model does not allow.
    """
    document = read_json(path)
    schema, newest = document.pop("schema", 1), getattr(kind, "SCHEMA", 1)
    if type(schema) is not int or not 1 <= schema <= newest:
        raise InvalidInput(
            f"{path} has schema {shown(schema)}, and this version reads schemas up to {newest}; update "
            f"netlore, or name another folder."
        )
    return checked(kind, document, f"{path} cannot be used: ")


def read_toml(what: str, path: Path | str, kind: type[M]) -> M:
    """A TOML file that somebody wrote; `what` it is begins the complaint if it cannot be read, or is no TOML.

    Who names such a file trusts it: what it names by import paths is imported as if it stood on the command line.
    """
    try:
        values = parse_toml(read_file(Path(path)).decode())
    except OSError as error:
        raise InvalidInput(f"{what} {path} cannot be read ({error.strerror}); name a .toml file.") from None
    except ValueError as error:
        raise InvalidInput(f"{what} {path} is not TOML ({error}); write KEY = VALUE.") from None
    trust(packages_of(json.dumps(values, default=str)))
    return checked(kind, values)


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file; refused if it cannot be read, is none, or is too large or too deep."""
    try:
        document = parse_json(read_file(path), _refuse)
        if not isinstance(document, dict):
            raise ValueError("it is no JSON object")
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read ({error.strerror or error}); restore it or name another folder."
        ) from None
    except ValueError as error:
        raise InvalidInput(f"{path} is no readable JSON ({error}); restore it or name another folder.") from None
    return document


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")


def _plain(value: Any) -> Any:
    """The plain form of numpy's numbers and arrays."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{value!r} is no JSON value")
