"""A table with a name, and its files: CSV for programs, Markdown for web pages, LaTeX for papers."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from netlore.report.tables.latex import document, to_latex
from netlore.report.text.phrases import number_text
from netlore.storage.atomic import make_folder, write_whole
from netlore.storage.spreadsheets import csv_text

NO_VALUE = "\N{EN DASH}"
Row = dict[str, object]
DATA, PREDICTOR, SEED, RATE, SHARE = "Data set", "Predictor", "Seed", "Learning rate", "Share of noise"


@dataclass(frozen=True, eq=False)
class NamedTable:
    """A table of a report.

    Attributes:
        name: Unique among the tables of a report, and safe as a part of a file name.
        caption: What the table shows, as a sentence.
        frame: Strings and numbers, None where there is no value, under readable column names. Whole numbers are
            exact, however large.
    """

    name: str
    caption: str
    frame: pd.DataFrame

    @property
    def columns(self) -> list[str]:
        """The headings."""
        return [str(name) for name in self.frame]

    @property
    def texts(self) -> pd.DataFrame:
        """The table for a reader: numbers rounded alike in a column, long ones with separators."""
        return pd.DataFrame(
            {name: column_texts(name, self.frame[name].tolist()) for name in self.columns}, dtype=object
        )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows by their columns, as JSON-able values."""
        values = self.frame.astype(object).where(self.frame.notna(), None).itertuples(index=False, name=None)
        return [dict(zip(self.columns, row, strict=True)) for row in values]

    @property
    def csv(self) -> str:
        """Comma-separated values; see `csv_text`."""
        return csv_text(self.frame)

    @property
    def markdown(self) -> str:
        """GitHub's Markdown, with the caption as a bold line above the table."""
        lines = [self.columns, ["---"] * len(self.columns), *self.texts.itertuples(index=False, name=None)]
        body = "\n".join(f"| {' | '.join(map(_markdown_cell, line))} |" for line in lines)
        return f"**{_markdown_cell(self.caption)}**\n\n{body}\n"

    @property
    def latex(self) -> str:
        """LaTeX, to be used with `\\input`."""
        columns = (self.frame[name] for name in self.frame)
        numeric = [all(value is None or isinstance(value, int | float) for value in each) for each in columns]
        return to_latex(self.name, self.caption, self.texts, numeric)


def named_table(name: str, caption: str, rows: Iterable[Mapping[str, object]]) -> NamedTable:
    """Make a table of rows by their columns, which stand in the order of their first appearance."""
    values = [{column: plain(value) for column, value in row.items()} for row in rows]
    columns = list(dict.fromkeys(column for row in values for column in row))
    # dtype=object: a column of integers stays one where a value is missing, and beyond 64 bits.
    cells = [[row.get(column) for column in columns] for row in values]
    return NamedTable(name, caption, pd.DataFrame(cells, columns=columns, dtype=object))


def plain(value: Any) -> Any:
    """Turn numpy's numbers into Python's, and what is not finite into None.

    >>> plain(np.int64(3)), plain(np.float64("nan")), plain("d1")
    (3, None, 'd1')
    """
    found = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(found, float) and not np.isfinite(found) else found


def column_texts(name: str, values: list[object]) -> list[str]:
    """Give the texts of a column.

    >>> column_texts("tau", [0.51234, -0.00001, None]), column_texts("n", [1200])
    (['0.512', '0.000', '–'], ['1,200'])
    >>> column_texts("Error, %", [7.1, 30.64]), column_texts("p", [0.04, 1e-5]), column_texts(RATE, [0.025, 1e-5])
    (['7.10', '30.64'], ['0.040', '< 0.001'], ['0.025', '1 × 10⁻⁵'])
    """
    shares = all(abs(value) <= 1 for value in values if isinstance(value, float))
    return [_text(name, value, shares) for value in values]


def _text(name: str, value: object, share: bool) -> str:
    if value is None:
        return NO_VALUE
    if isinstance(value, int):
        return str(value) if name == SEED else f"{value:,}"
    if not isinstance(value, float):
        return str(value).replace(">=", "\N{GREATER-THAN OR EQUAL TO}").replace("<=", "\N{LESS-THAN OR EQUAL TO}")
    if name.endswith("%"):
        return f"{value:.2f}"
    if name == "p" and value < 0.0005:
        return "< 0.001"
    # A learning rate below 0.0005 is not 0.
    return f"{round(value, 3) + 0.0:.3f}" if share and name != RATE else number_text(value)


def _markdown_cell(text: str) -> str:
    """Keep a cell in its cell: no pipe, no line break, and no tag, link or picture of its own."""
    escaped = html.escape(text, quote=False).replace("\\", "\\\\").replace("|", "\\|").replace("](", "]\\(")
    return " ".join(escaped.split())


def write_tables(title: str, found: Sequence[NamedTable], folder: Path) -> list[Path]:
    """Write every table as `tables/NAME.csv`, `.md` and `.tex`, and a document of all as `tables/all.tex`.

    Without any table, nothing is written.

    Raises:
        Unwritable: There is no space or no permission.
    """
    if not found:
        return []
    target = make_folder(folder / "tables")
    written = [
        write_whole(target / f"{table.name}.{suffix}", text.encode())
        for table in found
        for suffix, text in (("csv", table.csv), ("md", table.markdown), ("tex", table.latex))
    ]
    everything = document(title, [table.name for table in found])
    return [*written, write_whole(target / "all.tex", everything.encode())]
