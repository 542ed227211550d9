"""Code of the user's own that work refers to: it travels with the work, and is written nowhere.

Installed packages are not sent; a cluster's nodes have them, netlore among them. Of a module that is loaded from
elsewhere all of its package goes along, or the files beside it if it is of no package.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.abc import ExecutionLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import decode_source, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import netlore

# Where Python's library and netlore are, and how folders of installed packages are called.
_INSTALLED = [Path(sysconfig.get_path("stdlib")).resolve(), Path(netlore.__file__).resolve().parent]
_SITES = {"site-packages", "dist-packages"}
_MAIN = "__main__"
_INITIAL = "__init__"


@dataclass(frozen=True)
class Code:
    """Files by the names of the modules that they are: where they were, and what stands in them."""

    files: Mapping[str, tuple[str, bytes]]

    @staticmethod
    def of(work: bytes) -> Code:
        """What pickled work may need: all modules that are loaded and not installed, and the script if the work
        refers to it."""
        found: dict[str, tuple[str, bytes]] = {}
        for root in {_root(name, module) for name, module in [*sys.modules.items()]}:
            for name, file in _modules(*root) if root is not None else ():
                with suppress(OSError):  # what cannot be read was not imported either
                    found[name] = (str(file), file.read_bytes())
        script = getattr(sys.modules[_MAIN], "__file__", None)
        if _MAIN.encode() in work and script is not None and Path(script).is_file():
            found[_MAIN] = (script, Path(script).read_bytes())
        return Code(found)

    def install(self) -> None:
        """Make it importable in this process, before what has the same names; run the script, if it is there."""
        sys.meta_path.insert(0, _Sent(self))
        if _MAIN in self.files:
            file, text = self.files[_MAIN]
            # As multiprocessing does, so that what stands under `if __name__ == "__main__":` is left out.
            script = ModuleType("__mp_main__")
            script.__file__ = file
            sys.modules[_MAIN] = sys.modules["__mp_main__"] = script
            exec(compile(text, file, "exec"), vars(script))


class _Sent(MetaPathFinder, ExecutionLoader):
    """Imports modules from what was sent."""

    def __init__(self, code: Code) -> None:
        self._code = code
        # Some packages are folders without a file of their own.
        self._packages = {
            ".".join(parts[:depth])
            for parts in (name.split(".") for name in code.files)
            for depth in range(1, len(parts))
        }

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module is."""
        if fullname in self._code.files:
            file = self._code.files[fullname][0]
            inside = [str(Path(file).parent)] if Path(file).stem == _INITIAL else None
            return spec_from_file_location(fullname, file, loader=self, submodule_search_locations=inside)
        return ModuleSpec(fullname, None, is_package=True) if fullname in self._packages else None

    def get_filename(self, fullname: str) -> str:
        """Where its file was."""
        return self._code.files[fullname][0]

    def get_source(self, fullname: str) -> str:
        """What stands in it."""
        return decode_source(self._code.files[fullname][1])


def _root(name: str, module: Any) -> tuple[Path, str] | None:
    """Of a module that is not installed, the folder that it is imported from and its package, if it is of one."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not file.endswith(".py"):
        return None
    path, parts = Path(file).resolve(), name.split(".")
    if any(map(path.is_relative_to, _INSTALLED)) or not _SITES.isdisjoint(path.parts):
        return None
    where = path.parent if path.stem == _INITIAL else path.with_suffix("")
    if where.parts[-len(parts) :] != (*parts,):
        return None  # no import finds it by its name
    return where.parents[len(parts) - 1], parts[0] if len(parts) > 1 or path.stem == _INITIAL else ""


def _modules(folder: Path, package: str) -> Iterator[tuple[str, Path]]:
    """Names and files of all modules of a package, or of a folder alone."""
    for file in (folder / package).rglob("*.py") if package else folder.glob("*.py"):
        parts = file.relative_to(folder).with_suffix("").parts
        if parts[-1] == _INITIAL:
            parts = parts[:-1]
        if parts and all(part.isidentifier() for part in parts):
            yield ".".join(parts), file
