"""One report about runs: a page, figures and tables; nothing is scored.

Where a predictor was refined on the same data by several methods, a report holds it once, by the paper's method or
else the first; all stand side by side in a comparison.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from netlore.arguments import validated
from netlore.errors import InvalidInput
from netlore.experiments.config import ModulesConfiguration, RefineConfiguration
from netlore.experiments.record import command_of, recorded
from netlore.experiments.study.folders import study_parts
from netlore.experiments.train_config import COMMAND as TRAIN
from netlore.experiments.train_config import recorded_training
from netlore.refinement.methods import PAPER
from netlore.report.collect import find
from netlore.report.compare.write import compare_runs
from netlore.report.data import StudyData
from netlore.report.page.page import Report, write_page
from netlore.report.page.study import study_page
from netlore.report.text.phrases import join
from netlore.report.text.summary import COMPARISON

FILE_NAME = "report.html"


@validated
def write_report(
    folders: Sequence[Path], out: Path | None = None, progress: Callable[[int, int], None] | None = None
) -> Report[StudyData]:
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
    target = out or folders[0]
    report = write_page(data, study_page(data), target / FILE_NAME, progress)
    compared = compare_runs(runs.compared, target / COMPARISON).files if runs.compared else ()
    return replace(report, files=(*report.files, *compared))


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
        modules = all(isinstance(one, ModulesConfiguration) for one in configurations)
        return f"What predictors see in {'torch modules' if modules else 'a design space'} on {data}"
    return f"What {join(names)} prefer{'' if names[1:] else 's'} on {data}"


@dataclass
class Selected:
    """The runs of a report.

    Attributes:
        folders: Those that it is about.
        compared: Refinements of a predictor on a data set by several methods, all of them; none: there are none.
        title: Of the first study among them; None: there is no study.
    """

    folders: list[Path] = field(default_factory=list)
    compared: list[Path] = field(default_factory=list)
    title: str | None = None


def select_runs(folders: Sequence[Path]) -> Selected:
    """The runs in these folders, and those of a study's parts in its place.

    Raises:
        InvalidInput: A study's record cannot be read, or none of its parts has begun.
    """
    found = Selected()
    for folder in folders:
        title, parts = study_parts(folder) or (None, [folder])
        several = [] if title is None else [group for group in _by_method(parts).values() if len(group) > 1]
        left_out = {other for group in several for _, other in group[1:]}
        found.folders += [part for part in parts if part not in left_out]
        found.compared += [part for group in several for _, part in group]
        found.title = found.title or title
    return found


def collect_selected(runs: Selected, title: str) -> StudyData:
    """What the selected runs found, and which others there are; nothing is scored. Errors as in `find`."""
    groups = _by_method(runs.compared).items()
    compared = tuple((*about[:2], tuple(method for method, _ in group)) for about, group in groups)
    return replace(find(runs.folders, title), compared=compared)


def _by_method(folders: Sequence[Path]) -> dict[tuple[str, str, str], list[tuple[str, Path]]]:
    """The refinements of each predictor on each data set under each budget, and their methods, that of a report
    first."""
    found: dict[tuple[str, str, str], list[tuple[str, Path]]] = defaultdict(list)
    for folder in folders:
        configuration = recorded(folder).configuration if command_of(folder) == "refine" else None
        if isinstance(configuration, RefineConfiguration):
            about = (configuration.predictor, configuration.data, str(configuration.limits))
            found[about].append((configuration.method, folder))
    return {about: sorted(group, key=lambda one: one[0] != PAPER.name) for about, group in found.items()}
