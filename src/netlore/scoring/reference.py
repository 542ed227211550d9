"""Reference populations: the networks among which combinations rank others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Annotated

from pydantic import Field

from netlore.arguments import Count, validated
from netlore.data import Task
from netlore.executors import Executor, Workers, opened
from netlore.scoring.combination import Combination, Reference
from netlore.scoring.draws import numbered
from netlore.scoring.predictor import Predictor, definitions, resolve
from netlore.scoring.scorer import Progress, Settings, opened_store, score_networks
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.sampling import MOST_DRAWN, sample
from netlore.storage.score_store import Store
from netlore.storage.score_table import ScoreRow, ScoreTable

POPULATION = 500
"""As many as the paper's sample."""


@validated
def with_reference(
    predictor: str | Predictor,
    space: DesignSpace,
    task: Task,
    networks: Annotated[Count, Field(le=MOST_DRAWN)] = POPULATION,
    seed: int = 0,
    store: Store | Path | str | None = None,
    workers: Workers = 1,
    dtype: str = "float32",
    device: str = "cpu",
    progress: Progress | None = None,
) -> Predictor:
    """A combination that ranks networks among a fixed population; another predictor is returned as it is.

    The population is a sample of a design space, scored by the members. With a store it is drawn and scored once,
    and kept there with the scores: whatever is scored later has the same ranks.

    Args:
        predictor: The combination, or its expression such as `logrank(logdet, synflow)`.
        space: What the population is drawn from, within its budget.
        task: The batch.
        networks: How many networks it has.
        seed: Decides the networks and their initial weights.
        store: As of `score`.
        workers: As of `score`.
        dtype: As of `score`.
        device: As of `score`.
        progress: As of `score`.

    Raises:
        InvalidInput: No network of the population has a score by one of the members.

    >>> import netlore as nl
    >>> task, space = nl.task("noise", batch_size=2), nl.anynet(flops=(0, 3e6))
    >>> both = nl.with_reference("meanrank(synflow, 2*logdet)", space, task, networks=5)
    >>> len(both.population), str(both.conditions.reduction)
    (5, 'ranks in 5 networks')
    """
    (found,) = resolve(predictor)
    settings = Settings(task, (found,), seed, dtype, device)
    with opened_store(store, settings) as kept, opened(workers) as running:
        return populated(settings, lambda: sample(space, networks, seed), running, kept, progress).predictors[0]


def populated(
    settings: Settings,
    population: Callable[[], Sequence[Architecture]],
    running: Executor,
    store: Store | None = None,
    progress: Progress | None = None,
    keep: bool = True,
) -> Settings:
    """The same settings, with a reference population for each combination that has none yet.

    It is the one that the store holds; else the architectures of `population` are scored by the members, and with
    `keep` the store has these scores beside the others.
    """
    found = tuple(
        _ranking(one, settings, population, running, store, progress, keep)
        if isinstance(one, Combination) and one.reference is None
        else one
        for one in settings.predictors
    )
    if store is not None:
        store.define(definitions(found))
    return replace(settings, predictors=found)


def combined(combination: Combination, table: ScoreTable) -> ScoreTable:
    """Its scores of the networks of a table with those of the members; the first of them are the population."""
    networks: dict[tuple[str, int, int], list[ScoreRow]] = {}
    for row in table.rows:
        networks.setdefault((row.architecture.id, row.seed, row.draw), []).append(row)
    first = [row for rows in islice(networks.values(), POPULATION) for row in rows]
    sizes = table.num_classes, table.resolution, table.channels
    ranking = replace(combination, reference=Reference.of(ScoreTable(first, *sizes), combination.names_of_members))
    return ScoreTable([_combined(ranking, rows) for rows in networks.values()], *sizes)


def _combined(ranking: Combination, rows: Sequence[ScoreRow]) -> ScoreRow:
    """A network's score from its rows."""
    score = ranking.score({row.predictor: row.score for row in rows})
    return replace(rows[0], predictor=ranking.name, score=score)


def _ranking(
    combination: Combination,
    settings: Settings,
    population: Callable[[], Sequence[Architecture]],
    running: Executor,
    store: Store | None,
    progress: Progress | None,
    keep: bool,
) -> Combination:
    members = combination.names_of_members
    known = store.predictors().get(combination.name) if store is not None else None
    if known is not None and known.reference:
        return replace(combination, reference=Reference(members, known.reference))
    by_members = replace(settings, predictors=combination.members)
    table = score_networks(numbered(population()), by_members, running, store if keep else None, progress)
    return replace(combination, reference=Reference.of(table, members))
