"""Tables as files: CSV for programs, Markdown for web pages, LaTeX for papers."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from netlore.report.tables.latex import document, to_latex
from netlore.report.tables.table import NamedTable
from netlore.storage.atomic import make_folder, write_whole


def write_tables(title: str, found: Sequence[NamedTable], folder: Path) -> list[Path]:
    """Write every table as `tables/NAME.csv`, `.md` and `.tex`, and a document of all as `tables/all.tex`.

    Args:
        title: The document's.
        found: The tables.
        folder: Where the folder `tables` is, or will be made.

    Returns:
        The files, in the order of the tables; none if there is no table.

    Raises:
        Unwritable: There is no space or no permission.
    """
    if not found:
        return []
    target = make_folder(folder / "tables")
    written = [
        write_whole(target / f"{table.name}.{suffix}", text.encode())
        for table in found
        for suffix, text in (("csv", csv_text(table)), ("md", markdown_text(table)), ("tex", latex_text(table)))
    ]
    everything = document(title, [table.name for table in found])
    return [*written, write_whole(target / "all.tex", everything.encode())]


def analysis_document(
    sentences: Sequence[str], tables: Sequence[NamedTable], files: Sequence[Path]
) -> dict[str, Any]:
    """Sentences, tables as lists of rows, and the files that were written, as JSON-able values."""
    return {
        "sentences": list(sentences),
        "tables": {
            table.name: table.frame.astype(object).where(table.frame.notna(), None).to_dict(orient="records")
            for table in tables
        },
        "files": [str(path) for path in files],
    }


def csv_text(table: NamedTable) -> str:
    """Write a table as CSV: numbers in full precision, nothing where there is no value."""
    text: str = table.frame.to_csv(index=False, lineterminator="\n")
    return text


def markdown_text(table: NamedTable) -> str:
    """Write a table as GitHub's Markdown, with its caption as a bold line above it."""
    head = (table.columns, ["---"] * len(table.columns))
    lines: list[Iterable[str]] = [*head, *table.texts.itertuples(index=False, name=None)]
    body = "\n".join(f"| {' | '.join(map(_markdown_cell, line))} |" for line in lines)
    return f"**{_markdown_cell(table.caption)}**\n\n{body}\n"


def _markdown_cell(text: str) -> str:
    """Keep a cell in its cell: no pipe, no line break and no tag of its own."""
    escaped = html.escape(text, quote=False).replace("\\", "\\\\").replace("|", "\\|")
    return " ".join(escaped.split())


def latex_text(table: NamedTable) -> str:
    """Write a table as LaTeX, to be used with `\\input`."""
    numeric = [
        all(value is None or isinstance(value, int | float) for value in table.frame[column])
        for column in table.frame
    ]
    return to_latex(table.name, table.caption, table.texts, numeric)
