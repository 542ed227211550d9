"""matplotlib, imported so that no inherited setting ends a run: netlore draws files, and needs no window."""

from __future__ import annotations

import contextlib
import os
import sys


def import_matplotlib() -> None:
    """Import matplotlib even where `MPLBACKEND` names a backend that this environment lacks.

    A notebook's kernel exports that variable to every process that it starts, and matplotlib refuses to be
    imported where its package is missing. A backend that exists stays chosen, and the variable is left as it was.
    """
    if "matplotlib" in sys.modules:
        return
    inherited = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib as mpl
    finally:
        if inherited is not None:
            os.environ["MPLBACKEND"] = inherited
    if inherited:
        with contextlib.suppress(ValueError):
            mpl.rcParams["backend"] = inherited
