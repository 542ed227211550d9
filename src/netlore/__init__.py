"""netlore uncovers the hidden design principles of zero-cost performance predictors.

The public names and their places stand in `__init__.pyi`; each is imported on first use, so that `import netlore`
costs nothing.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any

_STUB = (pkgutil.get_data(__name__, "__init__.pyi") or b"").decode()
_HOMES = {name: module for module, name in re.findall(r"^from (\S+) import (\w+) as", _STUB, re.MULTILINE)}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _HOMES:
        raise AttributeError(f"module 'netlore' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    """What was installed, as its metadata say; a source tree that nobody has installed says that it is unknown."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(__name__)
    except PackageNotFoundError:
        return "0+unknown"
