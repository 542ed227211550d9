"""A predictor refined on the same data by several methods: which of them a study's report tells.

A report holds a predictor on a data set once. Of several methods it tells the paper's, or else the first; all
stand side by side in a comparison.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from netlore.experiments.config import RefineConfiguration
from netlore.experiments.record import command_of, recorded
from netlore.experiments.study.folders import study_parts
from netlore.report.collect import find
from netlore.report.data import StudyData


class Told(NamedTuple):
    """Runs, as a report tells them.

    Attributes:
        folders: Those that it tells.
        compared: Refinements of a predictor on a data set by several methods, all of them; none: there are none.
        title: Of the first study among them; None: there is no study.
    """

    folders: list[Path]
    compared: list[Path]
    title: str | None = None


class _Method(NamedTuple):
    name: str
    folder: Path


def runs_to_tell(folders: Sequence[Path]) -> Told:
    """The runs in these folders, and those of a study's parts in its place.

    Raises:
        InvalidInput: A study's record cannot be read, or none of its parts has begun.
    """
    found = Told([], [])
    for folder in folders:
        study = study_parts(folder)
        one = Told([folder], []) if study is None else parts_to_tell(study[1], study[0])
        found = Told(found.folders + one.folders, found.compared + one.compared, found.title or one.title)
    return found


def parts_to_tell(parts: Sequence[Path], title: str) -> Told:
    """The same for the parts of one study."""
    several = [group for group in _groups(parts).values() if len(group) > 1]
    left = {one.folder for first, *others in several for one in others}
    return Told(
        [folder for folder in parts if folder not in left],
        [one.folder for group in several for one in group],
        title,
    )


def find_told(runs: Told, title: str) -> StudyData:
    """What the runs found that are told, and which others there are; nothing is scored. Errors as in `find`."""
    others = tuple((*about, tuple(one.name for one in group)) for about, group in _groups(runs.compared).items())
    return replace(find(runs.folders, title), compared=others)


def _groups(folders: Sequence[Path]) -> dict[tuple[str, str], list[_Method]]:
    """The refinements of each predictor on each data set, the one that is told first."""
    found: dict[tuple[str, str], list[_Method]] = defaultdict(list)
    for configuration, folder in _refinements(folders):
        found[configuration.predictor, configuration.data].append(_Method(configuration.method, folder))
    return {about: sorted(group, key=lambda one: one.name != "paper") for about, group in found.items()}


def _refinements(folders: Sequence[Path]) -> Iterator[tuple[RefineConfiguration, Path]]:
    for folder in folders:
        if command_of(folder) == "refine":
            configuration = recorded(folder).configuration
            assert isinstance(configuration, RefineConfiguration)
            yield configuration, folder
