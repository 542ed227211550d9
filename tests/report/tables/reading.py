"""Reading tables in tests."""

from __future__ import annotations

from netlore.report.tables.table import NamedTable

NAMES = [
    "table1-principles",
    "table2-complexity",
    "scores",
    "correlation",
    "correlation-pairs",
    "exponential",
    "trees",
    "partial-correlation",
    "importance",
    "front",
    "sizes",
    "intervals",
    "complexity",
    "determination",
    "stability",
    "repeatability",
    "agreement",
]


def rows(table: NamedTable) -> list[tuple[object, ...]]:
    return [tuple(row) for row in table.frame.to_numpy(dtype=object)]
