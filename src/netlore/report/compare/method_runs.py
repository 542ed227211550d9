"""What the folders say of themselves that a comparison of methods is made of, and whether their scores compare."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from netlore.errors import InvalidInput
from netlore.experiments.config import Configuration, RefineConfiguration, ScoreConfiguration
from netlore.experiments.record import RunRecord, command_of, recorded
from netlore.experiments.study.folders import study_parts
from netlore.storage.archive import opened

_COMMON = tuple(name for name in Configuration.model_fields if name not in ("data", "networks", "seed"))
"""What scores depend on besides predictor, data and architecture; not how, how long and from where to search."""


class MethodRun(NamedTuple):
    """What the folder of a refinement says of itself."""

    folder: Path
    configuration: RefineConfiguration
    document: RunRecord

    @property
    def seeds(self) -> range:
        """Of the replicates that were asked for, whether they have begun or not."""
        first = self.configuration.seed
        return range(first, first + self.document.replicates)


class FreshRun(NamedTuple):
    """What the folder of fresh scores says of itself."""

    folder: Path
    configuration: ScoreConfiguration
    document: RunRecord


def read_runs(folders: Sequence[Path]) -> list[MethodRun | FreshRun]:
    """Read what each folder says of itself, and of a study those of its refinements.

    Raises:
        InvalidInput: A folder is named twice, is no run, or a run of another kind; a study has no refinement.
    """
    runs: list[MethodRun | FreshRun] = []
    for folder in _expanded(folders):
        if any(folder.resolve() == run.folder.resolve() for run in runs):
            raise InvalidInput(f"{folder} is named twice, and would count twice; name every run once.")
        command = command_of(folder)
        if command not in ("refine", "score"):
            raise InvalidInput(
                f"{folder} holds a {command} run, which refines nothing; name refinements, and fresh scores of "
                "their elites."
            )
        document = recorded(folder)
        configuration = document.configuration
        if isinstance(configuration, RefineConfiguration):
            runs.append(MethodRun(folder, configuration, document))
            continue
        assert isinstance(configuration, ScoreConfiguration)
        if not configuration.architectures:
            raise InvalidInput(
                f"{folder} holds a sample, not scores of named architectures; name refinements, and fresh scores "
                "of their elites."
            )
        runs.append(FreshRun(folder, configuration, document))
    return runs


def _expanded(folders: Sequence[Path]) -> Iterator[Path]:
    """The folders, and in place of a study those of its refinements."""
    for folder in folders:
        study = study_parts(folder)
        if study is None:
            yield folder
            continue
        refined = [part for part in study[1] if command_of(part) == "refine"]
        if not refined:
            raise InvalidInput(f"the study in {folder} has refined nothing yet; name refinements.")
        yield from refined


def check_same(one: MethodRun, other: MethodRun | FreshRun) -> None:
    """Refuse two runs whose scores do not compare."""
    here, there = (run.configuration.model_dump(mode="json", include={*_COMMON}) for run in (one, other))
    for name in _COMMON:
        if here[name] != there[name]:
            raise InvalidInput(
                f"{name} is {json.dumps(here[name])} in {one.folder} and {json.dumps(there[name])} in "
                f"{other.folder}, so their scores do not compare; compare runs that agree in it."
            )
    if _batch(one.folder) != _batch(other.folder):
        raise InvalidInput(
            f"{one.folder} and {other.folder} saw other images, though both call their data "
            f"{one.configuration.data}, so their scores do not compare; compare runs on the same files."
        )


def _batch(folder: Path) -> object:
    """The digest of the batch that a folder's networks saw."""
    with opened(folder) as store:
        return store.configuration.get("batch")
