"""The page of a whole study: one self-contained HTML file with its figures, its tables and the explorer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from markupsafe import Markup

from netlore.report.explorer import LIMIT, explorer_html
from netlore.report.figure_plan import DrawnFigure
from netlore.report.findings import RefinementFindings, SampleFindings, StudyFindings
from netlore.report.naming import slug, unique
from netlore.report.sentences import count, duration
from netlore.report.templating import render

LONG = 15
"""Tables of more rows than this are closed until they are asked for."""


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


def study_page(
    findings: StudyFindings,
    figures: Sequence[DrawnFigure],
    tables: Sequence[ShownTable],
    summary: Sequence[str],
    headline: Sequence[tuple[str, str]],
    limit: int = LIMIT,
) -> str:
    """Write the page; everything that is not marked as trusted is escaped.

    Args:
        findings: What the study found.
        figures: All figures, in order; their SVG elements, as `netlore.report.svg.inline` makes them, are trusted.
        tables: All tables, in order.
        summary: What was found, in sentences.
        headline: The numbers that a reader looks for first: (what, value).
        limit: About how many networks the explorer shows.

    Returns:
        An HTML document that needs no other file.
    """
    anchors = iter(
        unique([f"figure-{slug(one.name)}" for one in figures] + [f"table-{slug(one.name)}" for one in tables])
    )
    return render(
        "study.html.j2",
        title=findings.title,
        summary=summary,
        headline=headline,
        figures=[
            {"anchor": next(anchors), "title": one.title, "caption": one.caption, "svg": Markup(one.svg)}
            for one in figures
        ],
        tables=[_table(one, next(anchors)) for one in tables],
        explorer=explorer_html(findings, limit),
        runs=_runs(findings),
        made=findings.made,
    )


def _table(table: ShownTable, anchor: str) -> dict[str, object]:
    body = table.html.partition("<tbody")[2]
    rows = body.count("<tr")
    return {
        "anchor": anchor,
        "caption": table.caption,
        "html": Markup(table.html),
        "rows": rows,
        "long": rows > LONG,
    }


def _runs(findings: StudyFindings) -> list[dict[str, str]]:
    """Say of every sample and refinement what it was and which command repeats it."""
    return [_sample(one) for one in findings.samples] + [
        run for one in findings.refinements for run in _replicates(one)
    ]


def _sample(one: SampleFindings) -> dict[str, str]:
    return {
        "what": f"A sample of {one.family} on {one.data}",
        "command": one.command,
        "facts": (
            f"{count(len(one.frame), 'network')}, {one.budget}, seed {one.seed}, "
            f"{duration(one.seconds)} of scoring."
        ),
    }


def _replicates(one: RefinementFindings) -> list[dict[str, str]]:
    return [
        {
            "what": f"{story.predictor} refined on {story.data}, seed {story.seed}",
            "command": story.command,
            "facts": (
                f"{count(len(story.rounds), 'round')} of {count(story.networks, 'network')}, {story.budget}, "
                f"{duration(story.seconds)} of scoring. {story.stopped_because}"
            ),
        }
        for story in one.replicates
    ]
