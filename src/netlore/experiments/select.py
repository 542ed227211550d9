"""`netlore pick`: from a folder's refinement to one network, kept in the folder."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from netlore.errors import InvalidInput
from netlore.executors import Workers
from netlore.experiments.config import RefineConfiguration, Seed
from netlore.experiments.record import command_of
from netlore.experiments.refine import stored_refinements
from netlore.refinement.result import Refinement
from netlore.refinement.select import NETWORKS, Candidates, Pick, pick
from netlore.scoring.scorer import Progress
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.complexity import BUILT_IN
from netlore.storage.archive import opened
from netlore.storage.documents import read_document, read_json, write_document
from netlore.storage.score_table import Score, ScoreRow, ScoreTable, Status

RESULT = "pick.json"
ARCHITECTURE = "architecture.json"


class _Candidate(BaseModel):
    """What `pick.json` says of one candidate."""

    drawn: int = Field(ge=1)
    values: dict[str, int | float | str]
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


class PickRecord(BaseModel):
    """What it says of a pick."""

    model_config = ConfigDict(extra="allow")

    predictor: str
    networks: int
    seed: Seed
    device: str
    candidates_from: Candidates = "drawn"
    architecture: _Chosen
    num_classes: int = Field(ge=1)
    resolution: int = Field(ge=1)
    exhausted: bool
    candidates: tuple[_Candidate, ...] = Field(min_length=1)

    def pick(self, settings: dict[str, Any]) -> Pick | None:
        """The pick, if it was made with these settings and is whole."""
        there = self.model_dump(mode="json")
        if any(there.get(name) != value for name, value in {"candidates_from": "drawn", **settings}.items()):
            return None
        try:
            rows = []
            for one in sorted(self.candidates, key=lambda one: one.drawn):
                architecture = families.architecture(self.architecture.family, one.values)
                score = Score(one.score, one.status, one.reason)
                rows.append(ScoreRow(architecture, self.seed, 0, self.predictor, score))
            found = Pick(ScoreTable(rows, self.num_classes, self.resolution), self.exhausted)
        except InvalidInput:
            return None
        return found if found.ranked and found.architecture.id == self.architecture.id else None


@dataclass(frozen=True)
class Source:
    """What is picked from: one replicate of a folder's refinement, and what all scores of the folder depend on."""

    configuration: RefineConfiguration
    identity: dict[str, Any]
    refinement: Refinement

    def settings(self, networks: int, seed: int, device: str, candidates: Candidates = "drawn") -> dict[str, Any]:
        """Everything that a pick depends on, as JSON-able values."""
        return {
            "predictor": self.configuration.predictor,
            "data": self.configuration.data,
            "networks": networks,
            "seed": seed,
            "device": device,
            **({} if candidates == "drawn" else {"candidates_from": candidates}),
            "replicate": self.refinement.seed,
            "principles": {name: list(interval) for name, interval in self.refinement.principles.items()},
            "refinement": self.identity,
        }


@dataclass(frozen=True)
class PickRun:
    """A pick from a folder's refinement, kept there, with its `Source.settings`; a stored one knows no times."""

    source: Source
    settings: dict[str, Any]
    pick: Pick
    folder: Path

    @property
    def files(self) -> tuple[Path, Path]:
        """What holds it."""
        return self.folder / RESULT, self.folder / ARCHITECTURE

    @property
    def failed(self) -> int:
        """Candidates without a score."""
        return len(self.pick.candidates.failures)

    def entries(self) -> list[dict[str, Any]]:
        """The candidates: the best first, those without a score last; `drawn` counts from 1."""
        table = self.pick.candidates
        measured = {one["architecture"]: one for one in table.wide.to_dict(orient="records")}
        drawn = {row.architecture.id: place for place, row in enumerate(table.rows, 1)}
        return [
            {
                "id": row.architecture.id,
                "drawn": drawn[row.architecture.id],
                "values": row.architecture.values,
                **{name: measured[row.architecture.id][name] for name in BUILT_IN},
                "score": row.score.value,
                "status": row.score.status,
                "reason": row.score.reason,
            }
            for row in (*self.pick.ranked, *table.failures)
        ]

    def result(self) -> dict[str, Any]:
        """What was picked and why, as JSON-able values; the same pick made again is the same file again."""
        chosen, table, entries = self.pick.architecture, self.pick.candidates, self.entries()
        return {
            **self.settings,
            "rounds": len(self.source.refinement.rounds),
            "stopped_because": self.source.refinement.stopped_because,
            "architecture": {"id": chosen.id, **as_document(chosen)},
            "num_classes": table.num_classes,
            "resolution": table.resolution,
            "complexity": {name: entries[0][name] for name in BUILT_IN},
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
    workers: Workers = 1,
    device: str | None = None,
    progress: Progress | None = None,
    candidates: Candidates = "drawn",
) -> PickRun:
    """Pick a network from a folder's refinement and keep it there, as `pick.json` and `architecture.json`.

    If the folder holds the pick of the same settings and principles, nothing is scored, and no data are read.

    An unfinished refinement gives what its complete rounds found. `replicate` is the seed of one, the first if not
    given; the device is the refinement's if not given; other arguments as of `netlore.pick`. Refused are other
    folders and seeds, and data that are not those of the refinement any more.
    """
    sources = {one.refinement.seed: one for one in _sources(folder)}
    if replicate is not None and replicate not in sources:
        seeds = ", ".join(map(str, sources))
        raise InvalidInput(f"{folder} has no replicate of seed {replicate}; choose one of {seeds}.")
    source = next(iter(sources.values())) if replicate is None else sources[replicate]
    where, dtype = device or source.configuration.device, source.configuration.dtype
    settings = source.settings(networks, seed, where, candidates)
    record = _record(folder)
    found = record.pick(settings) if record is not None else None
    if found is None:
        task = source.configuration.make_task()
        if task.digest != source.identity.get("batch"):
            raise InvalidInput(
                f"{task.name} gives another batch than the one that {folder} was refined with; restore the data, "
                "or refine in another folder."
            )
        name = source.configuration.predictor
        found = pick(source.refinement, task, networks, seed, workers, dtype, where, progress, name, candidates)
    run = PickRun(source, settings, found, folder)
    for path, document in zip(run.files, (run.result(), as_document(found.architecture)), strict=True):
        there = None
        with suppress(InvalidInput):
            there = read_json(path)
        # A file that says it already is left alone, so that a folder which cannot be written can be read.
        if there != document:
            write_document(path, document)
    return run


def stored_pick(folder: Path) -> PickRun | None:
    """The pick that a refinement's folder holds, None if none is of the present principles; nothing is scored."""
    record = _record(folder)
    if record is not None:
        for source in _sources(folder):
            settings = source.settings(record.networks, record.seed, record.device, record.candidates_from)
            if found := record.pick(settings):
                return PickRun(source, settings, found, folder)
    return None


def picked_architecture(folder: Path, workers: Workers = 1, progress: Progress | None = None) -> Architecture:
    """The network that a refinement's folder recommends: its stored pick, or one made now with the defaults."""
    return (stored_pick(folder) or pick_run(folder, workers=workers, progress=progress)).pick.architecture


def as_document(architecture: Architecture) -> dict[str, Any]:
    """The form in which `netlore show FILE.json` reads an architecture."""
    return {"family": architecture.family, "values": architecture.values}


def _sources(folder: Path) -> list[Source]:
    """The replicates of a folder, in the order of their seeds."""
    if (command := command_of(folder)) != "refine":
        raise InvalidInput(
            f"{folder} holds a {command} run, which has no principles to pick from; name a refinement."
        )
    configuration, refinements = stored_refinements(folder)
    with opened(folder) as reader:
        identity = reader.configuration
    return [Source(configuration, identity, one) for one in refinements]


def _record(folder: Path) -> PickRecord | None:
    """What the folder's last pick recorded; None if nothing can be read, for it can be made again."""
    with suppress(InvalidInput):
        return read_document(folder / RESULT, PickRecord)
    return None
