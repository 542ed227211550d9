"""What commands share: from options to a configuration, and from a result to JSON and an exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from netlore.cli import options

if TYPE_CHECKING:
    from netlore.experiments.config import Configuration

    C = TypeVar("C", bound=Configuration)


def finish(failed: int) -> None:
    if failed:
        raise typer.Exit(3)


def checked_options(kind: type[C], given: dict[str, Any]) -> C:
    """The configuration that a command's options make; what one of them does not know is left out."""
    from netlore.storage.documents import checked

    known = {name: given[name] for name in kind.model_fields if name in given}
    return checked(kind, {name: None if value == options.NO_LIMIT else value for name, value in known.items()})


def print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, allow_nan=False))
