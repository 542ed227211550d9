"""The report's tables as plain data, and their HTML form."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace

from netlore.report.names import interval_text
from netlore.report.story import RefinementStory, ReportStory
from netlore.report.tables.table import NO_VALUE
from netlore.report.text.methods import WORDS


@dataclass(frozen=True)
class Table:
    """A table of texts; the first column names the rows.

    Attributes:
        caption: What the table shows.
        columns: The column headings.
        rows: The rows, each as long as the columns.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def principle_rows(stories: Sequence[RefinementStory], labels: Sequence[str]) -> Table:
    """Give design principles as the paper's Table I does: a row for each refinement, a column per hyperparameter.

    Args:
        stories: Refinements of one design space.
        labels: The names of the rows, such as the predictors.
    """
    names = list(dict.fromkeys(name for story in stories for name in story.grids))
    rows = [
        (
            label,
            str(len(story.rounds)),
            *(interval_text(*story.principles[n]) if n in story.principles else NO_VALUE for n in names),
        )
        for label, story in zip(labels, stories, strict=True)
    ]
    return Table("Design principles", ("Predictor", "# iterations", *names), tuple(rows))


def principles_table(story: ReportStory) -> Table:
    """Give the principles of all replicates, and under them what they have in common."""
    stories = story.refinements
    if len(stories) == 1:
        labels = [stories[0].predictor]
    else:
        labels = [f"{one.predictor}, seed {one.seed}" for one in stories]
    table = replace(principle_rows(stories, labels), caption=WORDS[story.first.method].principles)
    if story.repeats is None:
        return table
    common = [story.repeats.get(name) for name in table.columns[2:]]
    hull = tuple(interval_text(*entry[:2]) if entry else NO_VALUE for entry in common)
    share = tuple(f"{entry[2]:.0%}" if entry else NO_VALUE for entry in common)
    extra = (("all seeds together", NO_VALUE, *hull), ("pairs that agree", NO_VALUE, *share))
    return Table(table.caption, table.columns, table.rows + extra)


def sizes_table(story: ReportStory) -> Table:
    """Give the exact size of the design space after every round: all of it, and within the budget."""
    columns: list[str] = ["Round"]
    series: list[Sequence[int]] = []
    for one in story.refinements:
        prefix = "" if len(story.refinements) == 1 else f"Seed {one.seed}: "
        columns.append(f"{prefix}all" if prefix else "All")
        series.append(one.cardinalities)
        if one.cardinalities_within_budget:
            columns.append(f"{prefix}within the budget" if prefix else "Within the budget")
            series.append(one.cardinalities_within_budget)
    rows = tuple(
        (str(index), *(f"{sizes[index]:,}" if index < len(sizes) else NO_VALUE for sizes in series))
        for index in range(max(map(len, series)))
    )
    return Table(WORDS[story.first.method].sizes_table, tuple(columns), rows)


def best_table(story: ReportStory) -> Table:
    """Give the best architectures of every replicate with their scores."""
    several = len(story.refinements) > 1
    rows = tuple(
        (*((str(one.seed),) if several else ()), identity, text, f"{score:,.4g}")
        for one in story.refinements
        for identity, text, score in one.best
    )
    columns = (*(("Seed",) if several else ()), "Id", "Architecture", f"Score, {story.first.scale}")
    return Table(WORDS[story.first.method].best_table, columns, rows)


def to_html(table: Table) -> str:
    """Write a table as HTML with a caption and with scopes for its headings."""
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in table.columns)
    body = "\n".join(
        f'<tr><th scope="row">{html.escape(row[0])}</th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in table.rows
    )
    return (
        f"<table>\n<caption>{html.escape(table.caption)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )
