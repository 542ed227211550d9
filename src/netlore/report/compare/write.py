"""`netlore compare`: methods of refinement side by side, as figures, tables, sentences and one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netlore.report.compare.collect import compared
from netlore.report.compare.data import ComparisonFindings
from netlore.report.compare.figures import comparison_figures
from netlore.report.compare.group import MethodGroup, method_groups
from netlore.report.compare.page import comparison_page
from netlore.report.compare.tables import comparison_tables
from netlore.report.compare.text import comparison_headline, comparison_summary
from netlore.report.figures.figure import draw_figures
from netlore.report.tables.table import NamedTable
from netlore.report.tables.write import analysis_document, write_tables
from netlore.storage.atomic import make_folder, write_whole
from netlore.storage.score_table import ScoreRow

FILE_NAME = "compare.html"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a comparison of methods tells.

    Attributes:
        findings: Everything that was found.
        sentences: The most important of it in words.
        tables: All of it in numbers.
        files: What was written, the page first.
        failures: Scores that are missing, of those that were asked for.
    """

    findings: ComparisonFindings
    sentences: tuple[str, ...]
    tables: tuple[NamedTable, ...]
    files: tuple[Path, ...]
    failures: tuple[ScoreRow, ...] = ()

    def document(self) -> dict[str, Any]:
        """Sentences and tables as JSON-able values."""
        return analysis_document(self.sentences, self.tables, self.files)


def compare_runs(folders: Sequence[Path], out: Path, progress: Progress | None = None) -> Comparison:
    """Put refinements by several methods side by side, in a folder; nothing is scored.

    Args:
        folders: Folders or archives of `netlore refine`, those of one predictor and data set are compared; and of
            fresh scores of their elites.
        out: Where the page, `figures` and `tables` go.
        progress: Told how many figures are drawn.

    Raises:
        InvalidInput: As in `method_groups`; nothing is written.
        Unwritable: The folder cannot be used.
    """
    return write_comparison(method_groups(folders), out, progress)


def write_comparison(groups: Sequence[MethodGroup], out: Path, progress: Progress | None = None) -> Comparison:
    """What groups tell, written."""
    findings = compared(groups)
    sentences, tables = comparison_summary(findings), comparison_tables(findings)
    make_folder(out)
    drawn = draw_figures(comparison_figures(findings), out, progress)
    written = write_tables(findings.title, tables, out)
    page = comparison_page(findings, drawn, tables, sentences, comparison_headline(findings))
    report = write_whole(out / FILE_NAME, page.encode())
    files = (report, *(path for one in drawn for path in one.files), *written)
    return Comparison(findings, tuple(sentences), tuple(tables), files)
