"""`netlore pick`: from a folder's refinement to one network, kept in the folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from netlore.data import Task
from netlore.errors import InvalidInput
from netlore.experiments.config import RefineConfiguration, Seed, command_of, identity
from netlore.experiments.refine import stored_refinements
from netlore.refinement.result import Refinement
from netlore.refinement.select import NETWORKS, Pick, pick
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.complexity import MEASURES
from netlore.storage.documents import read_document, write_document
from netlore.storage.score_table import Score, ScoreRow, ScoreTable, Status

RESULT = "pick.json"
ARCHITECTURE = "architecture.json"


@dataclass(frozen=True)
class Source:
    """What is picked from: one replicate of a folder's refinement.

    Attributes:
        configuration: That of the folder.
        task: Its batch.
        refinement: The replicate, as far as it is complete.
    """

    configuration: RefineConfiguration
    task: Task
    refinement: Refinement

    def settings(self, networks: int, seed: int, device: str) -> dict[str, Any]:
        """Everything that a pick depends on, as JSON-able values."""
        return {
            "predictor": self.configuration.predictor,
            "data": self.configuration.data,
            "networks": networks,
            "seed": seed,
            "device": device,
            "replicate": self.refinement.seed,
            "principles": {name: list(interval) for name, interval in self.refinement.principles.items()},
            "refinement": identity("refine", self.configuration, self.task),
        }


@dataclass(frozen=True)
class PickRun:
    """A pick from a folder's refinement.

    Attributes:
        source: What was picked from.
        settings: Everything that the pick depends on; see `Source.settings`.
        pick: The network and the other candidates; of a stored one no times are known.
        files: Where it is kept.
    """

    source: Source
    settings: dict[str, Any]
    pick: Pick
    files: tuple[Path, Path]

    @property
    def failed(self) -> int:
        """Candidates without a score."""
        return len(self.pick.candidates.failures)

    def entries(self) -> list[dict[str, Any]]:
        """The candidates as JSON-able values: the best first, those without a score last.

        `drawn` is the place in the order of drawing, 1 for the first.
        """
        table = self.pick.candidates
        measured = {one["architecture"]: one for one in table.wide.to_dict(orient="records")}
        drawn = {row.architecture.id: place for place, row in enumerate(table.rows, 1)}
        return [
            {
                "id": row.architecture.id,
                "drawn": drawn[row.architecture.id],
                "values": row.architecture.values,
                **{name: measured[row.architecture.id][name] for name in MEASURES},
                "score": row.score.value,
                "status": row.score.status,
                "reason": row.score.reason,
            }
            for row in (*self.pick.ranked, *table.failures)
        ]

    def result(self) -> dict[str, Any]:
        """What was picked and why, as JSON-able values.

        It depends on settings and scores alone, so that the same pick made again is the same file again.
        """
        chosen, table, entries = self.pick.architecture, self.pick.candidates, self.entries()
        return {
            **self.settings,
            "rounds": len(self.source.refinement.rounds),
            "stopped_because": self.source.refinement.stopped_because,
            "architecture": {"id": chosen.id, **as_document(chosen)},
            "num_classes": table.num_classes,
            "resolution": table.resolution,
            "complexity": {name: entries[0][name] for name in MEASURES},
            "score": self.pick.score.value,
            "exhausted": self.pick.exhausted,
            "failed": self.failed,
            "candidates": entries,
        }

    def document(self) -> dict[str, Any]:
        """The result, and the files that hold it."""
        return {**self.result(), "files": [str(path) for path in self.files]}


def pick_run(
    folder: Path,
    networks: int = NETWORKS,
    seed: int = 0,
    replicate: int | None = None,
    workers: int = 1,
    device: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> PickRun:
    """Pick a network from a folder's refinement and keep it there, as `pick.json` and `architecture.json`.

    If the folder holds the pick of the same settings and principles, nothing is scored.

    Args:
        folder: A refinement's folder, or its archive's; an unfinished one gives what its complete rounds found.
        networks: Candidates to draw.
        seed: Decides candidates and initial weights.
        replicate: Seed of the replicate to pick from; the first if not given.
        workers: Processes to use; results do not depend on it.
        device: Where to compute; as the refinement did, if not given.
        progress: Called with the numbers of candidates done and to do.

    Raises:
        InvalidInput: The folder is not a refinement's, has no such replicate, or no candidate has a score.
        Unwritable: The folder cannot be written.
    """
    source = _replicate(_sources(folder), replicate, folder)
    where, dtype = device or source.configuration.device, source.configuration.dtype
    settings = source.settings(networks, seed, where)
    found = _pick_of(_kept(folder), settings)
    if found is None:
        found = pick(source.refinement, source.task, networks, seed, workers, dtype, where, progress)
    run = _run(folder, source, settings, found)
    for path, document in zip(run.files, (run.result(), as_document(found.architecture)), strict=True):
        # A file that says it already is left alone, so that a folder which cannot be written can be read.
        if not _says(path, document):
            write_document(path, document)
    return run


def stored_pick(folder: Path) -> PickRun | None:
    """The pick that a refinement's folder holds, without scoring or writing anything.

    Returns:
        The pick; None if there is none, or none from the present principles.

    Raises:
        InvalidInput: The folder of a stored pick is not a refinement's.
    """
    record = _kept(folder)
    if record is None:
        return None
    for source in _sources(folder):
        settings = source.settings(record.networks, record.seed, record.device)
        found = _pick_of(record, settings)
        if found is not None:
            return _run(folder, source, settings, found)
    return None


def picked_architecture(folder: Path, workers: int = 1) -> Architecture:
    """The network that a refinement's folder recommends: its stored pick, or one made now with the defaults.

    Errors as of `pick_run`.
    """
    found = stored_pick(folder) or pick_run(folder, workers=workers)
    return found.pick.architecture


def as_document(architecture: Architecture) -> dict[str, Any]:
    """The form in which `netlore show FILE.json` reads an architecture."""
    return {"family": architecture.family, "values": architecture.values}


def _sources(folder: Path) -> list[Source]:
    """The replicates of a folder, in the order of their seeds."""
    command = command_of(folder)
    if command != "refine":
        raise InvalidInput(
            f"{folder} holds a {command} run, which has no principles to pick from; name a refinement."
        )
    configuration, refinements = stored_refinements(folder)
    task = configuration.make_task()
    return [Source(configuration, task, one) for one in refinements]


def _replicate(sources: list[Source], seed: int | None, folder: Path) -> Source:
    if seed is None:
        return sources[0]
    found = {one.refinement.seed: one for one in sources}
    if seed not in found:
        seeds = ", ".join(map(str, found))
        raise InvalidInput(f"{folder} has no replicate of seed {seed}; choose one of {seeds}.")
    return found[seed]


def _run(folder: Path, source: Source, settings: dict[str, Any], found: Pick) -> PickRun:
    return PickRun(source, settings, found, (folder / RESULT, folder / ARCHITECTURE))


class _Candidate(BaseModel):
    """What `pick.json` says of one candidate."""

    drawn: int = Field(ge=1)
    values: dict[str, int]
    score: float | None
    status: Status
    reason: str

    @model_validator(mode="after")
    def _scored(self) -> Self:
        if (self.status == "ok") != (self.score is not None):
            raise ValueError("a score must be there if the status is ok, and only then")
        return self


class _Chosen(BaseModel):
    """What it says of the best of them."""

    id: str
    family: str


class _Record(BaseModel):
    """What it says of a pick."""

    model_config = ConfigDict(extra="allow")

    predictor: str
    networks: int
    seed: Seed
    device: str
    architecture: _Chosen
    num_classes: int = Field(ge=1)
    resolution: int = Field(ge=1)
    exhausted: bool
    candidates: tuple[_Candidate, ...] = Field(min_length=1)

    def pick(self) -> Pick:
        """The pick.

        Raises:
            InvalidInput: A candidate is no architecture of its family, or the best is another one.
        """
        rows = [
            ScoreRow(
                families.architecture(self.architecture.family, one.values),
                self.seed,
                0,
                self.predictor,
                Score(one.score, one.status, one.reason),
            )
            for one in sorted(self.candidates, key=lambda one: one.drawn)
        ]
        found = Pick(ScoreTable(rows, self.num_classes, self.resolution), self.exhausted)
        if not found.ranked or found.architecture.id != self.architecture.id:
            raise InvalidInput(f"the best candidate is not {self.architecture.id}; pick again.")
        return found


def _kept(folder: Path) -> _Record | None:
    """What a folder's last pick recorded; None if nothing can be read, for it can be made again."""
    try:
        return read_document(folder / RESULT, _Record)
    except InvalidInput:
        return None


def _pick_of(record: _Record | None, settings: Mapping[str, Any]) -> Pick | None:
    """The pick of a record, if it was made with these settings and is whole."""
    if record is None:
        return None
    there = record.model_dump(mode="json")
    if any(there.get(name) != value for name, value in settings.items()):
        return None
    try:
        return record.pick()
    except InvalidInput:
        return None


def _says(path: Path, document: Mapping[str, Any]) -> bool:
    """Whether a file says this already."""
    try:
        return bool(json.loads(path.read_bytes()) == document)
    except (OSError, ValueError, RecursionError):
        return False
