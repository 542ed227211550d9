"""score(): architectures times predictors to a table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import torch

from netlore.arguments import validated
from netlore.data import Task
from netlore.errors import InvalidInput
from netlore.executors import Executor, Limits, Lost, Workers
from netlore.executors import opened as opened_executor
from netlore.executors.allocator import make_room
from netlore.executors.limits import NONE as NO_LIMITS
from netlore.networks import build
from netlore.scoring.combination import Combination, combinations_of
from netlore.scoring.draws import Job, Network, network_seed, numbered
from netlore.scoring.engine import AutogradEngine, Engine, PlanEngine
from netlore.scoring.examination import Predictors, examine, one_thread
from netlore.scoring.kept import InMemory, Kept, StoredRows, kept_rows, keys_of, pieces, rows_of
from netlore.scoring.missing import jobs, missing
from netlore.scoring.planned.sweep import TEMPORARIES, largest_output
from netlore.scoring.predictor import check_columns, definitions, resolve
from netlore.scoring.settings import Settings as Settings
from netlore.scoring.settings import check_chunks, plan_of
from netlore.scoring.sources import Factory, built
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.complexity import BUILT_IN, MEASURES
from netlore.space.family import has_plans
from netlore.space.module import FAMILY, ModuleArchitecture
from netlore.storage.rounds import ScoreReader
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreRow, ScoreTable, Status, checked_seed

Progress = Callable[[int, int], None]


@validated
def score(
    architectures: Iterable[Architecture],
    predictors: Predictors,
    task: Task,
    seed: int = 0,
    store: Store | Path | str | None = None,
    workers: Workers = 1,
    dtype: str = "float32",
    device: str = "cpu",
    progress: Progress | None = None,
    chunk_size: int | None = None,
    limits: Limits = NO_LIMITS,
) -> ScoreTable:
    """Build, initialise and score networks.

    Args:
        architectures: What to score. The k-th occurrence of an architecture is its draw k, counted from zero,
            with other initial weights.
        predictors: Names, predictors, or "all" for the paper's seven; their passes are shared.
        task: The batch, the same for every network.
        seed: The run's seed. A network's own seed is derived from it, the architecture's id and the draw.
        store: A store, or a folder for one; what it holds is not computed again, and every score is in it the
            moment it exists.
        workers: Processes to use, or an executor or the name of one; results do not depend on it.
        dtype: Precision, `float32` or `float64`; synflow always has float64.
        device: A torch device, `cpu` or `cuda`.
        progress: Called with the numbers of networks done and to do.
        chunk_size: At most this number of images is evaluated at a time, if the batch does not fit; None: all.
        limits: What one network may take, in seconds and in bytes; one that takes more has the status `timeout` or
            `out_of_memory`. With limits, networks are scored in processes of their own, one worker's too.

    Returns:
        A row per network and predictor, in the order asked for; if there is no finite score, with the reason.

    Raises:
        InvalidInput: Something asked for does not exist or does not fit, such as chunks to netlore's own networks.
    """
    settings = Settings(task, resolve(predictors), seed, dtype, device, chunk_size)
    networks = numbered(architectures)
    check_chunks((network.architecture for network in networks), settings)
    with opened_store(store, settings) as opened, opened_executor(workers, limits) as running:
        return score_networks(networks, settings, running, opened, progress)


def score_networks(
    networks: Sequence[Network],
    settings: Settings,
    running: Executor,
    store: Store | None = None,
    progress: Progress | None = None,
    factories: Mapping[str, Factory] = MappingProxyType({}),
) -> ScoreTable:
    """Score networks by an executor; see `score`. Modules are made by factories, found by architectures' ids."""
    kept = InMemory() if store is None else store
    score_missing(networks, settings, running, kept, progress, factories)
    return table_of([*kept_rows(networks, settings.seed, _names(settings), kept)], settings)


def score_missing(
    networks: Sequence[Network],
    settings: Settings,
    running: Executor,
    kept: Kept,
    progress: Progress | None = None,
    factories: Mapping[str, Factory] = MappingProxyType({}),
) -> None:
    """Score what is not kept yet, and keep it: the rest of `score_networks`, which reads the table. Beyond the
    networks themselves, memory holds 16 bytes for each that lacks a score, and the jobs that are under way."""
    combinations = combinations_of(settings.predictors)
    _check(networks, settings, factories)
    places = missing(networks, settings, kept)
    setup = ScoringSetup(replace(settings, predictors=settings.examining), dict(factories))
    done, shown = len(networks) - len(places), progress or (lambda done, total: None)
    shown(done, len(networks))
    under_way: dict[int, Job] = {}
    for position, scores in running.run(setup, _noted(jobs(networks, places, settings, kept), under_way)):
        job = under_way.pop(position)
        if isinstance(scores, Lost):
            scores = [_of_lost(scores)] * len(job.predictors)
        kept.add(rows_of(job.network, settings.seed, dict(zip(job.predictors, scores, strict=True))))
        done += 1
        shown(done, len(networks))
    _combine(networks, combinations, settings, kept)


def _check(networks: Sequence[Network], settings: Settings, factories: Mapping[str, Factory]) -> None:
    """Refuse what would give two columns of a table one name, and modules that nothing makes."""
    families_seen: set[str] = set()
    for one in (network.architecture for network in networks):
        if one.family not in families_seen:
            # The built-in ones are predictors of the same values.
            measures = (name for name in MEASURES if name not in BUILT_IN)
            check_columns(settings.predictors, one.family, [*one.values, *measures, FAMILY])
            families_seen.add(one.family)
        if isinstance(one, ModuleArchitecture) and one.id not in factories:
            families.check(one)  # which refuses it


def _noted(made: Iterable[Job], under_way: dict[int, Job]) -> Iterator[Job]:
    """Jobs, which are noted by their positions as they are taken."""
    for position, job in enumerate(made):
        under_way[position] = job
        yield job


def _of_lost(lost: Lost) -> Score:
    """By every predictor, the score of a network whose process ended or that went over a limit."""
    statuses: dict[str, Status] = {"died": "error", "timeout": "timeout", "memory": "out_of_memory"}
    return Score(None, statuses[lost.kind], lost.reason)


def _combine(
    networks: Sequence[Network], combinations: Sequence[Combination], settings: Settings, kept: Kept
) -> None:
    """Keep the combinations' scores; those of their members are there."""
    members = [predictor.name for predictor in settings.examining]
    for _, piece in pieces(networks) if combinations else ():
        keys = [keys_of(network, settings.seed, members) for network in piece]
        known = kept.find(key for of_one in keys for key in of_one)
        rows: list[ScoreRow] = []
        for network, of_one in zip(piece, keys, strict=True):
            scores = {key[3]: known[key] for key in of_one}
            found = {one.name: one.score(scores) for one in combinations}
            rows += rows_of(network, settings.seed, found)
        kept.add(rows)  # what is there stays as it is


def stored_scores(networks: Sequence[Network], settings: Settings, store: ScoreReader) -> ScoreTable | None:
    """The table that `score_networks` would give, if the store holds all of it."""
    keys = [keys_of(network, settings.seed, _names(settings)) for network in networks]
    known = store.find(key for of_one in keys for key in of_one)
    if any(key not in known for of_one in keys for key in of_one):
        return None
    rows = [
        row
        for network, of_one in zip(networks, keys, strict=True)
        for row in rows_of(network, settings.seed, {key[3]: known[key] for key in of_one})
    ]
    return table_of(rows, settings)


def stored_table(networks: Sequence[Network], settings: Settings, store: Store) -> ScoreTable:
    """The table that `score_networks` would give of what a store holds whole; its rows are read when they are
    asked for."""
    return table_of(StoredRows(store.path.parent, networks, settings.seed, _names(settings)), settings)


def table_of(rows: Sequence[ScoreRow], settings: Settings) -> ScoreTable:
    """Rows as a table, for the classes and images of the settings."""
    return ScoreTable(rows, settings.task.num_classes, settings.task.resolution, settings.task.images.shape[1])


def _names(settings: Settings) -> tuple[str, ...]:
    return tuple(predictor.name for predictor in settings.predictors)


@dataclass(frozen=True)
class ScoringSetup:
    """Picklable: prepares a process for scoring."""

    settings: Settings
    factories: Mapping[str, Factory] = field(default_factory=dict)

    def __call__(self) -> Callable[[Job], list[Score]]:
        return self._scores

    def _scores(self, job: Job) -> list[Score]:
        settings, task = self.settings, self.settings.task
        asked = tuple(predictor for predictor in settings.predictors if predictor.name in job.predictors)
        # What code of others prints is no part of the results, which may go to standard output.
        with one_thread(), redirect_stdout(sys.stderr):
            engine, dtype = self._engine(job.network)
            how = (dtype, settings.chunk_size, task.further, settings.objective)
            try:
                scores = examine(engine, task.images, task.labels, asked, *how)
            except InvalidInput as error:
                if isinstance(job.network.architecture, ModuleArchitecture):
                    raise InvalidInput(f"module {job.network.architecture}: {error}") from None
                raise
        origin = settings.origin(dtype)
        return [replace(scores[name], origin=origin) for name in job.predictors]

    def _engine(self, network: Network) -> tuple[Engine, torch.dtype]:
        """What examines a network, and in which precision."""
        settings, architecture = self.settings, network.architecture
        device = torch.device(settings.device)
        if isinstance(architecture, ModuleArchitecture):
            seed = network_seed(settings.seed, architecture.source, network.draw)
            module = built(architecture.source, self.factories[architecture.id], seed, device)
            return AutogradEngine(module), settings.dtype_for(module)
        seed = network_seed(settings.seed, architecture.id, network.draw)
        if not has_plans(architecture.family):
            made = build(architecture, seed=seed, **settings.task.sizes).to(device)
            return AutogradEngine(made), settings.dtype_for(made)
        plan = plan_of(architecture, settings.task)
        dtype = torch.float64 if settings.dtype == "float64" else torch.float32
        make_room(largest_output(plan, settings.task.images[: settings.chunk_size], dtype), TEMPORARIES)
        return PlanEngine(plan, seed, device), dtype


@contextmanager
def opened_store(store: Store | Path | str | None, settings: Settings) -> Iterator[Store | None]:
    """The store itself, or one in that folder, which is closed at the end, and knows the predictors.

    Raises:
        DifferentPredictor: The store has scores of another definition of the same name.
    """
    if store is None:
        yield None
        return
    checked_seed(settings.seed)
    with nullcontext(store) if isinstance(store, Store) else Store(Path(store), settings.describe()) as opened:
        ranking = [one for one in settings.predictors if one.population]
        opened.define(definitions([*settings.examining, *ranking]))
        yield opened
