"""`netlore validate`: networks whose accuracies are known are scored, and predictors judged by these
accuracies."""

from __future__ import annotations

import io
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netlore.errors import InvalidInput, NetloreError
from netlore.executors import Workers, opened
from netlore.experiments.config import MOST_NETWORKS, ModulesConfiguration, ScoreConfiguration
from netlore.experiments.export import stored_table
from netlore.experiments.record import ValidateRecord, identity, omitted, record, recorded, saying_all
from netlore.experiments.score import settings_of
from netlore.experiments.validate_config import COMMAND, ValidateConfiguration
from netlore.scoring.draws import numbered
from netlore.scoring.predictor import resolve
from netlore.scoring.reference import POPULATION, populated
from netlore.scoring.scorer import Progress, opened_store, score_networks
from netlore.storage.atomic import make_folder, write_whole
from netlore.storage.documents import write_document
from netlore.storage.score_store import Store
from netlore.storage.score_table import ScoreTable
from netlore.validation.result import Validation, judged, values_of

RESULT, STATISTICS, NETWORKS = "validation.json", "validation.parquet", "networks.parquet"


@dataclass(frozen=True, eq=False)
class ValidateRun:
    """A validation in a folder: what was asked, found, and written."""

    configuration: ValidateConfiguration
    found: Validation
    table: ScoreTable
    seconds: float
    files: tuple[Path, ...] = ()

    @property
    def failed(self) -> int:
        """Scores that are missing."""
        return len(self.table.failures)

    def document(self) -> dict[str, Any]:
        """The result as JSON-able values."""
        known, asked, noise = self.found.accuracies, self.configuration, self.found.training_noise
        entries = {one.name: values_of(one) for one in self.found.judgements}
        for entry in entries.values():
            del entry["quantity"]
        return {
            "benchmark": asked.benchmark or asked.accuracies,
            "data": asked.data,
            "accuracy": known.target.what,
            "unit": known.target.unit,
            "images": asked.shown,
            "stand_in": "" if asked.images else known.stand_in,
            "notes": list(known.notes),
            "networks": len(known),
            "draws": self.found.draws,
            "training_noise": None if noise is None else noise._asdict(),
            "quantities": entries,
            "failed": self.failed,
            "seconds": self.seconds,
            "files": [str(path) for path in self.files],
        }


def validate_run(
    configuration: ValidateConfiguration,
    folder: Path,
    workers: Workers = 1,
    progress: Progress | None = None,
    judging: Progress | None = None,
) -> ValidateRun:
    """Score, or go on scoring, networks in a folder, and judge predictors; other configurations are refused.

    `progress` is called with the numbers of networks scored and to score, `judging` with those of quantities.
    """
    start = time.perf_counter()
    accuracies = configuration.make_accuracies()
    settings = settings_of(configuration)
    made = settings.task
    networks = numbered(one for one in accuracies.architectures for _ in range(configuration.draws))
    shape = {"num_classes": made.num_classes, "resolution": made.resolution, "channels": made.images.shape[1]}
    with (
        saying_all(),
        Store(folder, identity(COMMAND, configuration, made)) as store,
        opened(workers) as running,
        opened_store(store, settings),
    ):
        kept = record(folder, COMMAND, configuration, **shape, **omitted(made))
        settings = populated(settings, lambda: accuracies.architectures[:POPULATION], running, store, progress)
        table = score_networks(networks, settings, running, store, progress)
    names, seed = [one.name for one in settings.predictors], configuration.seed
    found = judged(accuracies, table, names, seed=seed, progress=judging)
    return written(configuration, found, table, folder, start, (store.path, kept))


def stored_validation(folder: Path) -> ValidateRun:
    """The validation of a folder or of its archive, judged again; nothing is scored."""
    start = time.perf_counter()
    there = recorded(folder)
    if not isinstance(there, ValidateRecord):
        raise InvalidInput(f"{folder} holds a {there.command} run, which has no accuracies; name one of validate.")
    table = stored_table(folder)
    asked = there.configuration
    found = judged(asked.make_accuracies(), table, _order(asked, table), seed=asked.seed)
    return ValidateRun(asked, found, table, time.perf_counter() - start)


def joined_validation(
    configuration: ValidateConfiguration, scores: Path, out: Path, judging: Progress | None = None
) -> ValidateRun:
    """Judge the scores of a run of `netlore score` or `netlore refine` by accuracies; nothing is scored."""
    start = time.perf_counter()
    table, there = stored_table(scores), recorded(scores).configuration
    if isinstance(there, ModulesConfiguration):
        raise InvalidInput(f"{scores} holds scores of torch modules, which no table of accuracies names.")
    known = {row.architecture.id: row.architecture for row in table.rows}
    everything = configuration.model_copy(update={"networks": MOST_NETWORKS})
    accuracies, seed = everything.make_accuracies(known), configuration.seed
    found = judged(accuracies, table, _order(there, table), seed=seed, progress=judging)
    images = there.shown if isinstance(there, ValidateConfiguration) else there.data
    settings = {"images": images, "batch_size": there.batch_size, "dtype": there.dtype}
    return written(configuration.model_copy(update=settings), found, table, out, start, ())


def _order(asked: object, table: ScoreTable) -> list[str]:
    """The predictors of a table: those that were asked for by name first."""
    named: list[str] = []
    for given in asked.predictors if isinstance(asked, ScoreConfiguration) else ():
        with suppress(NetloreError):  # its package need not be installed here
            named += [one.name for one in resolve(given)]
    present = dict.fromkeys(row.predictor for row in table.rows)
    return [*(name for name in named if name in present), *(name for name in present if name not in named)]


def written(
    configuration: ValidateConfiguration,
    found: Validation,
    table: ScoreTable,
    folder: Path,
    start: float,
    files: tuple[Path, ...],
) -> ValidateRun:
    """The run with its result as files: JSON, and both tables as Parquet."""
    make_folder(folder)
    paths = (folder / RESULT, folder / STATISTICS, folder / NETWORKS)
    run = ValidateRun(configuration, found, table, time.perf_counter() - start, (*paths, *files))
    write_document(folder / RESULT, run.document())
    for path, frame in ((folder / STATISTICS, found.frame), (folder / NETWORKS, found.networks)):
        sink = io.BytesIO()
        frame.to_parquet(sink, index=False)
        write_whole(path, sink.getvalue())
    return run
