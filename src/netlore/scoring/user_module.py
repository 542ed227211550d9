"""Modules that others wrote, by import path."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from torch import nn

from netlore.errors import InvalidInput


def load_module(path: str, device: str = "cpu") -> nn.Module:
    """The network at an import path `package.module:attribute`: a module, or a function that returns one.

    The working directory can be imported from, as in `python -m`.

    Raises:
        InvalidInput: There is no such thing, importing it fails, or it is no network.
    """
    name, colon, attribute = path.partition(":")
    if not (name and colon and attribute):
        raise InvalidInput(f"module {path!r} is no import path; write package.module:attribute.")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found = getattr(importlib.import_module(name), attribute)
        network = found if isinstance(found, nn.Module) else found()
    except Exception as error:
        # It is somebody else's code that runs here; whatever it raises is its answer.
        reason = (str(error).splitlines() or [""])[0]
        raise InvalidInput(
            f"module {path} cannot be loaded ({type(error).__name__}: {reason}); correct the path or the module."
        ) from None
    if not isinstance(network, nn.Module):
        raise InvalidInput(f"module {path} is a {type(network).__name__}, not a torch module; name a network.")
    return network.to(device)
