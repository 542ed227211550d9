"""Figures and tables as the template of a page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from markupsafe import Markup

from netlore.report.figures.figure import DrawnFigure
from netlore.report.names import slug, unique

LONG = 15
"""Tables of more rows than this are closed until they are asked for."""

MOST = 5000
"""Tables of more rows than this are not on the page, which would open slowly: they are in their files alone."""

Part = dict[str, object]
"""What the template shows of a figure or table."""


class ShownTable(Protocol):
    """A table that is written, such as a `NamedTable`."""

    @property
    def name(self) -> str:
        """Unique on the page."""

    @property
    def caption(self) -> str:
        """What it shows."""

    @property
    def html(self) -> str:
        """A `<table>` element whose texts are escaped; it is trusted."""


def numbered(figures: Sequence[DrawnFigure], tables: Sequence[ShownTable]) -> tuple[list[Part], list[Part]]:
    """Give all figures and tables of a page, each with an anchor of its own."""
    anchors = iter(
        unique(
            [f"figure-{slug(one.spec.name)}" for one in figures] + [f"table-{slug(one.name)}" for one in tables]
        )
    )
    drawn = [_figure(one, next(anchors)) for one in figures]
    return drawn, [_table(one, next(anchors)) for one in tables]


def _figure(one: DrawnFigure, anchor: str) -> Part:
    return {
        "anchor": anchor,
        "name": one.spec.name,
        "title": one.spec.title,
        "caption": one.spec.caption,
        "svg": Markup(one.svg),
    }


def _table(table: ShownTable, anchor: str) -> Part:
    html = table.html
    rows = html.partition("<tbody")[2].count("<tr")
    head, end, rest = table.caption.partition(". ")
    return {
        "anchor": anchor,
        "name": table.name,
        "title": head.rstrip("."),
        "caption": table.caption,
        "head": head + end.strip(),
        "rest": rest,
        "html": Markup(html) if rows <= MOST else None,
        "rows": f"{rows:,}",
        "long": rows > LONG,
    }
