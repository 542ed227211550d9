"""Whose code a command may import: that of packages which the user names, and nobody else's."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer

from netlore.cli.options import with_options
from netlore.plugins import packages_of, trusting

Trust = Annotated[
    list[str],
    typer.Option(
        "--trust",
        metavar="PACKAGE",
        help="Import code of this package where a folder or an archive names it; may be repeated.",
    ),
]


def trusting_the_user(command: Callable[..., None]) -> Callable[..., None]:
    """A command that has the option `--trust`, and imports nothing but from packages that stand on its line.

    Whatever its options name by an import path is trusted, with the rest of the same package. Names that come out
    of folders and archives are not, and paths of folders name nothing.
    """

    @functools.wraps(command)
    def trusted(*, trust: list[str], **given: Any) -> None:
        named = (package for text in _texts(given) for package in packages_of(text))
        with trusting(*trust, *named):
            command(**given)

    return with_options(trusted, command, {"trust": (Trust, [])})


def _texts(given: dict[str, Any]) -> Iterator[str]:
    for value in given.values():
        several = value if isinstance(value, list | tuple) else [value]
        yield from (one for one in several if isinstance(one, str))
