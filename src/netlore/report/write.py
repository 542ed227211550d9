"""`netlore analyze` and `netlore report`: what runs found, as figures, tables, sentences and one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netlore.errors import InvalidInput
from netlore.experiments.config import RefineConfiguration, command_of, recorded
from netlore.experiments.refine import RefineRun, report_run
from netlore.experiments.train_config import COMMAND as TRAIN
from netlore.experiments.train_config import recorded_training
from netlore.report.compare.study_methods import find_told, runs_to_tell
from netlore.report.data import StudyFindings
from netlore.report.figures.catalogue import write_figures
from netlore.report.page.study_page import study_page
from netlore.report.tables.refinement import NamedTable, tables
from netlore.report.tables.write import write_tables
from netlore.report.text.method_note import COMPARISON
from netlore.report.text.phrases import join
from netlore.report.text.study import headline, summary
from netlore.storage.atomic import make_folder, write_whole

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Analysis:
    """What one run tells.

    Attributes:
        findings: Everything that was found.
        sentences: The most important of it in words.
        tables: All of it in numbers.
        files: Figures and tables that were written.
    """

    findings: StudyFindings
    sentences: tuple[str, ...]
    tables: tuple[NamedTable, ...]
    files: tuple[Path, ...]

    def document(self) -> dict[str, Any]:
        """Sentences and tables as JSON-able values."""
        return analysis_document(self.sentences, self.tables, self.files)


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


def analyze_run(folder: Path, target: Path, progress: Progress | None = None) -> Analysis:
    """Analyse a run or a study, and write figures and tables; nothing is scored.

    Args:
        folder: The run's.
        target: Where `figures` and `tables` go, and the comparison of a study's methods.
        progress: Told how many figures are drawn.

    Raises:
        InvalidInput: The folder is not a run's, or holds nothing complete.
    """
    runs = runs_to_tell([folder])
    findings = find_told(runs, runs.title or _title(runs.folders))
    make_folder(target)
    drawn = write_figures(findings, target, progress)
    files = [path for one in drawn for path in one.files] + write_tables(findings.title, tables(findings), target)
    files += write_comparison(runs.compared, target)
    return Analysis(findings, tuple(summary(findings)), tuple(tables(findings)), tuple(files))


@dataclass(frozen=True, eq=False)
class Report:
    """A report that was written.

    Attributes:
        files: The page first.
        refinement: The run, where the report is about one refinement alone.
    """

    files: tuple[Path, ...]
    refinement: RefineRun | None = None

    def document(self) -> dict[str, Any]:
        """What was written, and what the one refinement found, as JSON-able values."""
        if self.refinement is not None:
            return self.refinement.document()
        return {"files": [str(path) for path in self.files]}


def report_runs(folders: Sequence[Path], out: Path | None, progress: Progress | None = None) -> Report:
    """Write one report about runs and studies; nothing is scored.

    One refinement alone has a page of its own kind, which compares its replicates. Methods of a study that refined
    one predictor on the same data are put side by side, too.

    Args:
        folders: Their folders.
        out: Where to; the folder itself if there is but one.
        progress: Told how many figures are drawn.

    Raises:
        InvalidInput: A folder is not a run's or holds nothing complete, or several runs have no common folder.
    """
    if out is None and len(folders) > 1:
        raise InvalidInput(f"{len(folders)} runs have no folder in common; say with --out where the report goes.")
    runs = runs_to_tell(folders)
    target = out or folders[0]
    if out is None and runs.folders == list(folders) and command_of(runs.folders[0]) == "refine":
        run = report_run(runs.folders[0])
        return Report(run.files, run)
    files = write_findings(find_told(runs, runs.title or _title(runs.folders)), target, progress)
    return Report((*files, *write_comparison(runs.compared, target)))


def write_findings(findings: StudyFindings, folder: Path, progress: Progress | None = None) -> list[Path]:
    """Write `report.html`, `figures` and `tables` into a folder; the files written, the page first."""
    make_folder(folder)
    drawn = write_figures(findings, folder, progress)
    written = write_tables(findings.title, tables(findings), folder)
    page = study_page(findings, drawn, tables(findings), summary(findings), headline(findings))
    report = write_whole(folder / "report.html", page.encode())
    return [report, *(path for one in drawn for path in one.files), *written]


def write_comparison(folders: Sequence[Path], target: Path) -> list[Path]:
    """Put refinements by several methods side by side, in a folder inside another; the files written."""
    if not folders:
        return []
    from netlore.report.compare.write import compare_runs  # builds on this file

    return list(compare_runs(folders, target / COMPARISON).files)


def _title(folders: Sequence[Path]) -> str:
    """What runs without a study's title are called."""
    trained = [recorded_training(folder)[0] for folder in folders if command_of(folder) == TRAIN]
    configurations = [recorded(folder)[1] for folder in folders if command_of(folder) != TRAIN]
    if not configurations:
        names = list(dict.fromkeys(one.name for one in trained))
        data = " and ".join(dict.fromkeys(one.data for one in trained))
        return f"{join(names) if len(names) < 4 else f'{len(names)} architectures'}, trained on {data}"
    names = [one.predictor for one in configurations if isinstance(one, RefineConfiguration)]
    data = " and ".join(dict.fromkeys(one.data for one in configurations))
    if not names:
        return f"What predictors see in a design space on {data}"
    unique = list(dict.fromkeys(names))
    return f"What {join(unique)} prefer{'' if unique[1:] else 's'} on {data}"
