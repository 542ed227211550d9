"""The page of a report: one self-contained HTML file of figures, tables and a few sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from netlore.report.figures.figure import DrawnFigure, Section
from netlore.report.names import slug, unique
from netlore.report.tables.table import NamedTable
from netlore.report.text.summary import Sentence

LONG = 15
"""Tables of more rows than this are closed until they are asked for."""

MOST = 5000
"""Tables of more rows than this are not on the page, which would open slowly: they are in their files alone."""


class Run(NamedTuple):
    """How something was made: what it was, the command that does it again, and seeds, sizes and times."""

    what: str
    command: str
    facts: str


class Absent(NamedTuple):
    """A figure that cannot be drawn: what it would show, where, and why there is none, as a sentence."""

    title: str
    section: Section
    reason: str


class Page(NamedTuple):
    """What a page shows.

    Attributes:
        title: Its heading.
        lead: What it is about, as a sentence.
        headline: The numbers that a reader looks for first: (what, value).
        sentences: The most important findings.
        figures: In order; their SVG elements are trusted.
        tables: In order.
        runs: How everything was made.
        made: Facts on how it was made, such as machine and versions: (what, value).
        explorer: Trusted markup; None: there is none.
        absent: Figures that cannot be drawn.
        notes: What a reader must know before all else, as sentences.
    """

    title: str
    lead: str
    headline: Sequence[tuple[str, str]]
    sentences: Sequence[Sentence]
    figures: Sequence[DrawnFigure]
    tables: Sequence[NamedTable]
    runs: Sequence[Run]
    made: Sequence[tuple[str, str]]
    explorer: Markup | None = None
    absent: Sequence[Absent] = ()
    notes: Sequence[str] = ()


_VIEW = re.compile(r'viewBox="0 0 ([0-9.]+) ')

_SECTIONS = {
    Section.SAMPLE: ("sample", "What predictors see"),
    Section.REFINEMENT: ("refinement", "How refinement went"),
    Section.COMPARISON: ("comparison", "Methods side by side"),
    Section.TRAINING: ("training", "Trained networks"),
}
"""Anchor and heading; the overview stands before all of them."""


def write_page(page: Page) -> str:
    """Write a page that needs no other file; everything that is not marked as trusted is escaped."""
    anchors = unique(
        [f"figure-{slug(one.spec.name)}" for one in page.figures]
        + [f"table-{slug(one.name)}" for one in page.tables]
    )
    figures = [_figure(*pair) for pair in zip(page.figures, anchors, strict=False)]
    tables = [_table(*pair) for pair in zip(page.tables, anchors[len(figures) :], strict=True)]
    # Where a figure and a table have one name, a sentence is about the figure.
    about = {one["name"]: one["anchor"] for one in (*tables, *figures)}
    return render(
        "page.html.j2",
        page=page,
        overview=[one for one in figures if one["spec"].section is Section.OVERVIEW],
        sections=list(_sections(figures, page.absent)),
        tables=tables,
        sentences=[(one.text, about.get(one.about)) for one in page.sentences],
    )


def _sections(figures: Sequence[Mapping[str, Any]], absent: Sequence[Absent]) -> Iterator[dict[str, Any]]:
    """The sections that have a figure, or a reason why there is none."""
    for section, (anchor, title) in _SECTIONS.items():
        here = [one for one in figures if one["spec"].section is section]
        missing = [one for one in absent if one.section is section]
        if here or missing:
            yield {"anchor": anchor, "title": title, "figures": here, "absent": missing}


def _figure(one: DrawnFigure, anchor: str) -> dict[str, Any]:
    found = _VIEW.search(one.svg)
    width = float(found[1]) if found else 515.0  # points; a text column's where the drawing does not say
    return {"anchor": anchor, "name": one.spec.name, "spec": one.spec, "svg": Markup(one.svg), "width": width}


def _table(table: NamedTable, anchor: str) -> dict[str, Any]:
    rows = len(table.frame)
    head, end, rest = table.caption.partition(". ")
    html = Markup(table.html) if rows <= MOST else None
    shown = {"head": head + end.strip(), "rest": rest, "html": html, "rows": f"{rows:,}", "long": rows > LONG}
    return {"anchor": anchor, "name": table.name, "caption": table.caption, **shown}


def render(name: str, **values: Any) -> str:
    """Fill a template; everything that is not marked as markup is escaped."""
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    loader = PackageLoader("netlore.report", "templates")
    made = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    # JSON has no numbers that are not finite.
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return made
