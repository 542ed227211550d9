"""The page of a report: one self-contained HTML file of figures, tables and a few sentences; and all its files."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from netlore.errors import visible
from netlore.report.figures.figure import DrawnFigure, FigureSpec, Section, draw_figures
from netlore.report.names import slug, unique
from netlore.report.tables.table import NamedTable, write_tables
from netlore.report.text.phrases import duration, short
from netlore.report.text.summary import Sentence
from netlore.storage.atomic import make_folder, write_whole
from netlore.storage.score_table import ScoreRow

D = TypeVar("D")

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
        figures: In order.
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
    figures: Sequence[FigureSpec]
    tables: Sequence[NamedTable]
    runs: Sequence[Run]
    made: Sequence[tuple[str, str]]
    explorer: Markup | None = None
    absent: Sequence[Absent] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Report(Generic[D]):
    """A page that was written with its figures and tables.

    Attributes:
        data: Everything that was found.
        sentences: The most important of it in words.
        tables: All of it in numbers.
        files: The page first, then figures, tables, and what else was written.
        failures: Scores that are missing, of those that were asked for.
    """

    data: D
    sentences: tuple[Sentence, ...]
    tables: tuple[NamedTable, ...]
    files: tuple[Path, ...]
    failures: tuple[ScoreRow, ...] = ()

    def document(self) -> dict[str, Any]:
        """Sentences, tables as lists of rows, and the files, as JSON-able values."""
        return {
            "sentences": [one.text for one in self.sentences],
            "tables": {table.name: table.rows for table in self.tables},
            "files": [str(path) for path in self.files],
        }


def write_page(data: D, page: Page, path: Path, progress: Callable[[int, int], None] | None = None) -> Report[D]:
    """Write a page about some data, and next to it its figures and tables in folders.

    `progress` is called with how many figures are drawn, and of how many.

    Raises:
        Unwritable: There is no space or no permission.
    """
    folder = make_folder(path.parent)
    drawn = draw_figures(page.figures, folder, progress)
    written = write_tables(page.title, page.tables, folder)
    files = (write_whole(path, page_html(page, drawn).encode()), *(file for one in drawn for file in one.files))
    return Report(data, tuple(page.sentences), tuple(page.tables), (*files, *written))


def facts_of(counts: Sequence[tuple[str, int]], time: str, seconds: float) -> list[tuple[str, str]]:
    """The counts of a headline that are not 0, and how long they took; nothing if all are 0.

    >>> facts_of([("round{}", 2), ("network{}", 1), ("training{}", 0)], "scoring time", 8.0)
    [('rounds', '2'), ('network', '1'), ('scoring time', '8.0 s')]
    """
    found = [(what.format("" if number == 1 else "s"), short(number)) for what, number in counts if number]
    return [*found, (time, duration(seconds))] if found else []


_VIEW = re.compile(r'viewBox="0 0 ([0-9.]+) ')


def page_html(page: Page, drawn: Sequence[DrawnFigure]) -> str:
    """A page that needs no other file, with its figures as they are drawn.

    Everything is escaped but the figures' SVG elements and the explorer, which are trusted.
    """
    anchors = iter(
        unique(
            [f"figure-{slug(one.spec.name)}" for one in drawn] + [f"table-{slug(one.name)}" for one in page.tables]
        )
    )
    figures = [_figure(one, next(anchors)) for one in drawn]
    tables = [_table(one, next(anchors)) for one in page.tables]
    # Where a figure and a table have one name, a sentence is about the figure.
    about = {one["name"]: one["anchor"] for one in (*tables, *figures)}
    return render(
        "page.html.j2",
        page=page,
        overview=[one for one in figures if one["spec"].section is Section.OVERVIEW],
        sections=list(_sections(figures, page.absent)),
        tables=tables,
        sentences=[(one.text, about.get(one.about)) for one in page.sentences],
        script=script("page.js"),
        policy=_policy(),
    )


def _policy() -> str:
    """What a browser lets a page do: run our two scripts and no other, draw, and ask no network for anything.

    A script is known by its hash, so that none runs which came in with a name, should one ever not be escaped.
    Styles need no such care, as they can load nothing; figures carry pictures with them.
    """
    hashes = (sha256(script(name).encode()).digest() for name in ("page.js", "explorer.js.j2"))
    ours = " ".join(f"'sha256-{b64encode(one).decode()}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {ours}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


@cache
def script(name: str) -> Markup:
    """A script as it stands on pages, without the tags: the same on all of them."""
    return Markup(render(name))


def _sections(figures: Sequence[Mapping[str, Any]], absent: Sequence[Absent]) -> Iterator[dict[str, Any]]:
    """The sections that have a figure, or a reason why there is none."""
    for section in list(Section)[1:]:  # the overview stands before all of them
        shown = [one for one in figures if one["spec"].section is section]
        missing = [one for one in absent if one.section is section]
        if shown or missing:
            yield {"anchor": section.name.lower(), "title": section.value, "figures": shown, "absent": missing}


def _figure(one: DrawnFigure, anchor: str) -> dict[str, Any]:
    found = _VIEW.search(one.svg)
    width = float(found[1]) if found else 515.0  # points; a text column's where the drawing does not say
    return {"anchor": anchor, "name": one.spec.name, "spec": one.spec, "svg": Markup(one.svg), "width": width}


def _table(table: NamedTable, anchor: str) -> dict[str, Any]:
    rows = len(table.frame)
    head, end, rest = table.caption.partition(". ")
    facts = {"anchor": anchor, "name": table.name, "caption": table.caption, "columns": table.columns}
    said = {"head": head + end.strip(), "rest": rest, "rows": f"{rows:,}", "long": rows > LONG}
    cells = list(table.texts.itertuples(index=False, name=None)) if rows <= MOST else None
    return {**facts, **said, "cells": cells}


def render(name: str, **values: Any) -> str:
    """Fill a template; everything that is not marked as markup is escaped."""
    return _environment().get_template(name).render(**values)


def _shown(value: Any) -> Any:
    return visible(value) if type(value) is str else value  # markup is one of our own


@cache
def _environment() -> Environment:
    loader = PackageLoader("netlore.report", "templates")
    made = Environment(
        loader=loader,
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # JSON has no numbers that are not finite.
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return made
