"""Which runs a report is about, where a predictor was refined on the same data by several methods.

A report holds a predictor on a data set once: by the paper's method, or else the first; all stand side by side in
a comparison.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from netlore.experiments.config import RefineConfiguration
from netlore.experiments.record import command_of, recorded
from netlore.experiments.study.folders import study_parts
from netlore.refinement.methods import PAPER
from netlore.report.collect import find
from netlore.report.data import StudyData


class Selected(NamedTuple):
    """The runs of a report.

    Attributes:
        folders: Those that it is about.
        compared: Refinements of a predictor on a data set by several methods, all of them; none: there are none.
        title: Of the first study among them; None: there is no study.
    """

    folders: list[Path]
    compared: list[Path]
    title: str | None = None


def select_runs(folders: Sequence[Path]) -> Selected:
    """The runs in these folders, and those of a study's parts in its place.

    Raises:
        InvalidInput: A study's record cannot be read, or none of its parts has begun.
    """
    found = Selected([], [])
    for folder in folders:
        study = study_parts(folder)
        if study is None:
            found = found._replace(folders=[*found.folders, folder])
            continue
        title, parts = study
        several = [group for group in _by_method(parts).values() if len(group) > 1]
        left_out = {other for group in several for _, other in group[1:]}
        found = Selected(
            [*found.folders, *(part for part in parts if part not in left_out)],
            [*found.compared, *(part for group in several for _, part in group)],
            found.title or title,
        )
    return found


def collect_selected(runs: Selected, title: str) -> StudyData:
    """What the selected runs found, and which others there are; nothing is scored. Errors as in `find`."""
    groups = _by_method(runs.compared).items()
    compared = tuple((*about, tuple(method for method, _ in group)) for about, group in groups)
    return replace(find(runs.folders, title), compared=compared)


def _by_method(folders: Sequence[Path]) -> dict[tuple[str, str], list[tuple[str, Path]]]:
    """The refinements of each predictor on each data set and their methods, that of a report first."""
    found: dict[tuple[str, str], list[tuple[str, Path]]] = defaultdict(list)
    for folder in folders:
        configuration = recorded(folder).configuration if command_of(folder) == "refine" else None
        if isinstance(configuration, RefineConfiguration):
            found[configuration.predictor, configuration.data].append((configuration.method, folder))
    return {about: sorted(group, key=lambda one: one[0] != PAPER.name) for about, group in found.items()}
