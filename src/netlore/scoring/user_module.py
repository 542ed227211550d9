"""Modules that others wrote, by import path."""

from __future__ import annotations

from torch import nn

from netlore.errors import InvalidInput
from netlore.plugins import import_object


def load_module(path: str, device: str = "cpu") -> nn.Module:
    """The network at an import path `package.module:attribute`: a module, or a function that returns one.

    The working directory can be imported from, as in `python -m`.

    Raises:
        InvalidInput: There is no such thing, importing or calling it fails, or it is no network.
    """
    found = import_object(f"module {path}", path)
    if callable(found) and not isinstance(found, nn.Module):
        try:
            found = found()
        except Exception as error:  # somebody else's code runs here; whatever it raises is its answer
            reason = (str(error).splitlines() or [""])[0]
            raise InvalidInput(f"module {path} fails ({type(error).__name__}: {reason}); correct it.") from None
    if not isinstance(found, nn.Module):
        raise InvalidInput(f"module {path} is a {type(found).__name__}, not a torch module; name a network.")
    return found.to(device)
