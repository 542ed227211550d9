"""matplotlib, imported so that no inherited setting ends a run: netlore draws files, and needs no window.

And tables that notebooks show.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from html import escape


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


def html_table(caption: str, columns: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """A table for a notebook's cell. All texts are escaped: names come from files and packages of others.

    >>> html_table("<b>", ["name"], [["&"]])
    '<table><caption>&lt;b&gt;</caption><tr><th>name</th></tr><tr><td>&amp;</td></tr></table>'
    """
    head = "".join(f"<th>{escape(str(one))}</th>" for one in columns)
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(one))}</td>' for one in row)}</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><tr>{head}</tr>{body}</table>"
