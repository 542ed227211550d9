"""Names to objects: the one mechanism behind predictors, families, data sets and whatever else can be added.

A registry knows its built-in entries by import path and other packages' by entry point. All are imported on the
first look-up of their name and never before, so importing netlore runs no other code, and a plug-in that is
broken stops nobody who does not ask for it. An import path `package.module:name` may stand wherever a name may.

Import paths also stand in files that others may have made. `trusting` says whose code may be imported; commands do
so, with the packages that the user names.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from contextvars import ContextVar
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Generic, TypeVar

from netlore.errors import InvalidInput, UnknownName, shown

T = TypeVar("T")


class BrokenPlugin(InvalidInput):
    """A plug-in that cannot be used; the message names it, where it comes from and what is wrong."""


class Untrusted(InvalidInput):
    """An import path from a package that the user has not named."""


_trusted: ContextVar[frozenset[str] | None] = ContextVar("trusted", default=None)

_PATHS = re.compile(r"(?<![\w./-])([A-Za-z_]\w*)(?:\.\w+)*:[A-Za-z_]\w*")


@contextmanager
def trusting(*packages: str) -> Iterator[None]:
    """Inside, import paths are imported from these packages alone, and refused as `Untrusted` from others.

    Outside, all are imported: what is not read from a file is the caller's own. Names of installed plug-ins are
    imported everywhere.
    """
    before = _trusted.set(frozenset(one.partition(".")[0] for one in packages))
    try:
        yield
    finally:
        _trusted.reset(before)


def trust(packages: Iterable[str]) -> None:
    """Trust these packages as well, until the end of `trusting`; nothing outside of it, where all are trusted."""
    known = _trusted.get()
    if known is not None:
        _trusted.set(known.union(packages))


def packages_of(text: str) -> set[str]:
    """The packages of the import paths in a text.

    >>> sorted(packages_of("logrank(mine.scores:depth, 2*synflow) other:space runs/mine:x"))
    ['mine', 'other']
    """
    return {found[1] for found in _PATHS.finditer(text)}


class Registry(Generic[T]):
    """A lazily imported table of named objects.

    Iterating yields the names of the entries that can be imported; `in` asks for a name, imported or not.

    Args:
        kind: What an entry is, in the singular, for error messages ("predictor").
        group: The entry-point group through which other packages add entries ("netlore.predictors").
        builtin: Name to import path, `"package.module:attribute"`.
        fits: Whether an object can be an entry; everything by default.
    """

    def __init__(
        self, kind: str, group: str, builtin: Mapping[str, str], fits: Callable[[Any], bool] | None = None
    ) -> None:
        self._kind = kind
        self._group = group
        self._paths = dict(builtin)
        self._fits = fits or (lambda entry: True)
        self._objects: dict[str, T] = {}
        self._added: set[str] = set()

    @cached_property
    def _points(self) -> dict[str, list[EntryPoint]]:
        """Entry points by name, read once a process; two of one name only if they name different objects."""
        found: dict[str, list[EntryPoint]] = {}
        for point in entry_points(group=self._group):
            others = found.setdefault(point.name, [])
            if all(point.value != other.value for other in others):
                others.append(point)
        return found

    def names(self) -> list[str]:
        """All names, built-in ones first in their own order, then objects added at run time, then entry points."""
        added = [name for name in self._objects if ":" not in name]
        return list(dict.fromkeys([*self._paths, *added, *self._points]))

    def __iter__(self) -> Iterator[str]:
        broken = self.broken()
        return iter([name for name in self.names() if name not in broken])

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def broken(self) -> dict[str, str]:
        """The names that cannot be used, each with one line that says why; imports everything."""
        found = {}
        for name in self.names():
            try:
                self.get(name)
            except InvalidInput as error:
                found[name] = str(error)
        return found

    def get(self, name: str) -> T:
        """The object of that name, or at that import path `package.module:name`.

        A built-in name is ours whatever other packages call theirs.

        Raises:
            UnknownName: Nothing of that name is registered.
            BrokenPlugin: It cannot be imported, is not what it should be, or two packages claim the name.
        """
        if name not in self._objects:
            self._objects[name] = self._load(name)
        return self._objects[name]

    def add(self, name: str, entry: T) -> None:
        """Register an object for this process under a name of its own.

        Raises:
            InvalidInput: The name is taken by something else.
        """
        if name in self._paths or self._objects.get(name, entry) is not entry:
            raise InvalidInput(f"{self._kind} name {name!r} is taken; choose another name.")
        self._objects[name] = entry
        self._added.add(name)

    def replace(self, name: str, entry: T) -> None:
        """Register an object for this process at the import path of something that was written again."""
        self._objects[name] = entry

    def remove(self, name: str) -> None:
        """Forget an object that was added in this process; `UnknownName` if there is none of that name."""
        if name not in self._added:
            raise UnknownName(self._kind, name, sorted(self._added))
        self._added.remove(name)
        del self._objects[name]

    def _load(self, name: str) -> T:
        points = self._points.get(name, [])
        if name in self._paths:
            entry: T = _attribute(self._paths[name])
            return entry
        if len(points) > 1:
            claims = " and ".join(f"{point.value} of {_package(point)}" for point in points)
            raise BrokenPlugin(
                f"{self._kind} {shown(name)} is the name of {claims}; "
                "uninstall one package, or give an import path."
            )
        if points:
            where = f"{self._kind} {shown(name)} of the package {_package(points[0])}"
            return self._checked(where, import_object(where, points[0].value, "reinstall or remove the package"))
        if ":" in name:
            where = f"{self._kind} {shown(name)}"
            return self._checked(where, import_named(where, name))
        raise UnknownName(self._kind, name, self.names())

    def _checked(self, where: str, entry: Any) -> T:
        if not self._fits(entry):
            raise BrokenPlugin(
                f"{where} is of the type {type(entry).__name__}, which is no {self._kind}; name an object that is."
            )
        found: T = entry
        return found


def import_named(where: str, path: str, remedy: str = "correct the path or the module") -> Any:
    """The object at an import path that a user, or a file, gave; arguments and errors as of `import_object`.

    Raises:
        Untrusted: Inside `trusting`, the path is that of another package.
    """
    known, package = _trusted.get(), path.partition(":")[0].partition(".")[0]
    if known is not None and package not in known:
        raise Untrusted(
            f"{where} is code of {package}, which the command does not name; add --trust {package} if you know "
            "whose code it is."
        )
    return import_object(where, path, remedy)


def import_object(where: str, path: str, remedy: str = "correct the path or the module") -> Any:
    """The object at an import path `package.module:name`; the working directory can be imported from, as in
    `python -m`. For the message: what it is ("predictor 'mine'"), and what to do if it cannot be imported.

    Raises:
        BrokenPlugin: The text is no import path, or importing it fails, whatever the module raises.
    """
    module, colon, attribute = path.partition(":")
    if not (module and colon and attribute):
        raise BrokenPlugin(f"{where} has no import path in {shown(path)}; write package.module:name.")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        # What it prints is no result, and results may go to standard output.
        with redirect_stdout(sys.stderr):
            return _attribute(path)
    # Somebody else's code runs here; whatever it raises, leaving included, is its answer.
    except (Exception, SystemExit) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise BrokenPlugin(f"{where} cannot be loaded ({type(error).__name__}: {reason}); {remedy}.") from error


def _attribute(path: str) -> Any:
    module, _, attribute = path.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown package"
