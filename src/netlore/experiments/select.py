"""`netlore pick`: from a folder's refinement to one network, kept in the folder."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netlore.errors import InvalidInput
from netlore.executors import Workers
from netlore.experiments.config import RefineConfiguration
from netlore.experiments.pick_record import kept_pick, pick_of
from netlore.experiments.record import command_of
from netlore.experiments.refine import stored_refinements
from netlore.refinement.result import Refinement
from netlore.refinement.select import NETWORKS, Candidates, Pick, pick
from netlore.space.architecture import Architecture
from netlore.space.complexity import BUILT_IN
from netlore.storage.archive import opened
from netlore.storage.documents import read_json, write_document

RESULT = "pick.json"
ARCHITECTURE = "architecture.json"


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
                **{name: measured[row.architecture.id][name] for name in BUILT_IN},
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
    progress: Callable[[int, int], None] | None = None,
    candidates: Candidates = "drawn",
) -> PickRun:
    """Pick a network from a folder's refinement and keep it there, as `pick.json` and `architecture.json`.

    If the folder holds the pick of the same settings and principles, nothing is scored, and no data are read.

    Args:
        folder: A refinement's folder, or its archive's; an unfinished one gives what its complete rounds found.
        replicate: Seed of the replicate to pick from; the first if not given.
        device: Where to compute; as the refinement did, if not given.
        networks, seed, workers, progress, candidates: As of `netlore.pick`.

    Raises:
        InvalidInput: The folder is not a refinement's, has no such replicate, or no candidate has a score; or the
            data are not those of the refinement any more.
        Unwritable: The folder cannot be written.
    """
    sources = {one.refinement.seed: one for one in _sources(folder)}
    if replicate is not None and replicate not in sources:
        seeds = ", ".join(map(str, sources))
        raise InvalidInput(f"{folder} has no replicate of seed {replicate}; choose one of {seeds}.")
    source = next(iter(sources.values())) if replicate is None else sources[replicate]
    where, dtype = device or source.configuration.device, source.configuration.dtype
    settings = source.settings(networks, seed, where, candidates)
    found = pick_of(kept_pick(folder / RESULT), settings)
    if found is None:
        task = source.configuration.make_task()
        if task.digest != source.identity.get("batch"):
            raise InvalidInput(
                f"{task.name} gives another batch than the one that {folder} was refined with; restore the data, "
                "or refine in another folder."
            )
        predictor = source.configuration.predictor
        found = pick(
            source.refinement, task, networks, seed, workers, dtype, where, progress, predictor, candidates
        )
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
    record = kept_pick(folder / RESULT)
    if record is None:
        return None
    for source in _sources(folder):
        settings = source.settings(record.networks, record.seed, record.device, record.candidates_from)
        found = pick_of(record, settings)
        if found is not None:
            return PickRun(source, settings, found, folder)
    return None


def picked_architecture(
    folder: Path, workers: Workers = 1, progress: Callable[[int, int], None] | None = None
) -> Architecture:
    """The network that a refinement's folder recommends: its stored pick, or one made now with the defaults."""
    found = stored_pick(folder) or pick_run(folder, workers=workers, progress=progress)
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
    with opened(folder) as reader:
        identity = reader.configuration
    return [Source(configuration, identity, one) for one in refinements]
