"""All cases, by what they need."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from tests.zoo.cases import Case

PARTS = {
    "own": "torch",
    "used": "torch",
    "of_torchvision": "torchvision",
    "of_timm": "timm",
    "of_transformers": "transformers",
}
"""The module of this package, and the library that its cases are from."""


def missing(part: str) -> str:
    """The library that a part needs and that is not installed, or nothing."""
    return "" if find_spec(PARTS[part]) else PARTS[part]


def cases(part: str) -> tuple[Case, ...]:
    """The cases of a part."""
    found: tuple[Case, ...] = import_module(f"tests.zoo.{part}").CASES
    return found
