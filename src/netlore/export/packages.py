"""Packages that only some formats need."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from netlore.errors import InvalidInput


def require(form: str, packages: Sequence[str], extra: str) -> None:
    """Raise `InvalidInput` unless the packages that a format needs are installed.

    Args:
        form: Name of the format.
        packages: Their names, one at least.
        extra: netlore's extra that installs them.
    """
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        needed = f"packages {_listed(packages)}" if len(packages) > 1 else f"package {packages[0]}"
        raise InvalidInput(
            f"format {form} needs the {needed}, but {_listed(missing)} {'are' if len(missing) > 1 else 'is'} not "
            f"installed; pip install 'netlore[{extra}]'."
        )


def _listed(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
