"""What `netlore compare` prints on a terminal."""

from __future__ import annotations

from netlore.cli.console import show_table
from netlore.cli.tables import show_failures, show_files
from netlore.report.compare.tables import BEST_MEANS, MAIN
from netlore.report.compare.write import Comparison
from netlore.report.tables.markup import Table


def show_comparison(found: Comparison) -> None:
    """The sentences, the tables that are looked for first, scores that are missing, and the files."""
    for sentence in found.sentences:
        print(sentence)
    print()
    for table in found.tables:
        if table.name in MAIN:
            shown = table.printed if not found.findings.anew else _narrow(table.printed)
            show_table(table.caption, shown.columns, shown.rows)
    show_failures([(row.architecture, row.predictor, row.score) for row in found.failures])
    show_files(found.files)


def _narrow(table: Table) -> Table:
    """A table without the best means, which are the luckiest: beside fresh scores a terminal has no room."""
    kept = [index for index, column in enumerate(table.columns) if column not in BEST_MEANS]
    rows = tuple(tuple(row[index] for index in kept) for row in table.rows)
    return Table(table.caption, tuple(table.columns[index] for index in kept), rows)
