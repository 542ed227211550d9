"""What runs found, as figures, tables, sentences and one page; nothing is scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netlore.errors import InvalidInput
from netlore.experiments.config import RefineConfiguration
from netlore.experiments.record import command_of, recorded
from netlore.experiments.train_config import COMMAND as TRAIN
from netlore.experiments.train_config import recorded_training
from netlore.report.compare.select import collect_selected, select_runs
from netlore.report.compare.write import compare_runs
from netlore.report.data import StudyData
from netlore.report.figures.catalogue import write_figures
from netlore.report.page.study import study_page
from netlore.report.tables.refinement import tables
from netlore.report.tables.table import NamedTable, analysis_document, write_tables
from netlore.report.text.phrases import join
from netlore.report.text.summary import COMPARISON, Sentence, summary
from netlore.storage.atomic import make_folder, write_whole

FILE_NAME = "report.html"


@dataclass(frozen=True, eq=False)
class Report:
    """A report that was written.

    Attributes:
        data: Everything that was found.
        sentences: The most important of it in words.
        tables: All of it in numbers.
        files: The page first, then figures, tables, and the comparison of methods.
    """

    data: StudyData
    sentences: tuple[Sentence, ...]
    tables: tuple[NamedTable, ...]
    files: tuple[Path, ...]

    def document(self) -> dict[str, Any]:
        """Sentences, tables and files as JSON-able values."""
        return analysis_document([one.text for one in self.sentences], self.tables, self.files)


def write_report(
    folders: Sequence[Path], out: Path | None = None, progress: Callable[[int, int], None] | None = None
) -> Report:
    """Write one report about runs and studies; nothing is scored.

    Methods of a study that refined one predictor on the same data are compared too, in a folder `compare`.

    Args:
        folders: Folders or archives of runs, or of studies.
        out: Where to; the folder itself if there is but one.
        progress: Called with how many figures are drawn, and of how many.

    Raises:
        InvalidInput: A folder is not a run's or holds nothing complete, or several runs have no common folder.
        Unwritable: There is no space or no permission.
    """
    if out is None and len(folders) != 1:
        raise InvalidInput(f"{len(folders)} runs have no folder in common; say with --out where the report goes.")
    runs = select_runs(folders)
    data = collect_selected(runs, runs.title or _title(runs.folders))
    target = make_folder(out or folders[0])
    drawn = write_figures(data, target, progress)
    found, sentences = tables(data), summary(data)
    written = write_tables(data.title, found, target)
    page = study_page(data, drawn, found, sentences)
    files = [
        write_whole(target / FILE_NAME, page.encode()),
        *(path for one in drawn for path in one.files),
        *written,
        *(compare_runs(runs.compared, target / COMPARISON).files if runs.compared else ()),
    ]
    return Report(data, tuple(sentences), tuple(found), tuple(files))


def _title(folders: Sequence[Path]) -> str:
    """What runs without a study's title are called."""
    trained = [recorded_training(folder).configuration for folder in folders if command_of(folder) == TRAIN]
    configurations = [recorded(folder).configuration for folder in folders if command_of(folder) != TRAIN]
    data = " and ".join(dict.fromkeys(one.data for one in configurations or trained))
    if not configurations:
        names = list(dict.fromkeys(one.name for one in trained))
        return f"{join(names) if len(names) < 4 else f'{len(names)} architectures'}, trained on {data}"
    names = list(dict.fromkeys(one.predictor for one in configurations if isinstance(one, RefineConfiguration)))
    if not names:
        return f"What predictors see in a design space on {data}"
    return f"What {join(names)} prefer{'' if names[1:] else 's'} on {data}"
