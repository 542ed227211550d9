"""Names to objects: the one mechanism behind predictors, families and data sets.

A registry knows its built-in entries by import path and third parties' by entry point. Both are imported on
the first look-up of their name and never before, so that importing netlore runs nobody's code.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from netlore.errors import InvalidInput, UnknownName

T = TypeVar("T")


class Registry(Generic[T]):
    """A lazily imported table of named objects.

    Args:
        kind: What an entry is, in the singular, for error messages ("predictor").
        group: The entry-point group through which other packages add entries ("netlore.predictors").
        builtin: Name to import path, `"package.module:attribute"`.
    """

    def __init__(self, kind: str, group: str, builtin: Mapping[str, str]) -> None:
        self._kind = kind
        self._group = group
        self._paths = dict(builtin)
        self._objects: dict[str, T] = {}

    def names(self) -> list[str]:
        """All names, built-in ones first in their own order, then objects added at run time, then entry points."""
        extra = [point.name for point in entry_points(group=self._group)]
        return list(dict.fromkeys([*self._paths, *self._objects, *extra]))

    def get(self, name: str) -> T:
        """The object of that name.

        Raises:
            UnknownName: Nothing of that name is registered.
        """
        if name not in self._objects:
            self._objects[name] = self._load(name)
        return self._objects[name]

    def add(self, name: str, entry: T) -> None:
        """Register an object for this process under a name of its own.

        Raises:
            InvalidInput: The name is taken by something else.
        """
        taken = name in self._paths or self._objects.get(name, entry) is not entry
        if taken:
            raise InvalidInput(f"{self._kind} name {name!r} is taken; choose another name.")
        self._objects[name] = entry

    def _load(self, name: str) -> T:
        if name in self._paths:
            module, _, attribute = self._paths[name].partition(":")
            entry: T = getattr(importlib.import_module(module), attribute)
            return entry
        for point in entry_points(group=self._group, name=name):
            loaded: T = point.load()
            return loaded
        raise UnknownName(self._kind, name, self.names())
