"""refine() and its kin: a method, run to its end on real networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from netlore.analysis.bootstrap import exact_bootstrap
from netlore.arguments import validated
from netlore.data import Task
from netlore.errors import InvalidInput
from netlore.executors import Workers, opened
from netlore.refinement.loop import Search, SearchSettings, check_data, one_predictor, run
from netlore.refinement.methods import EVOLUTION, MEMORY, PAPER, RANDOM, Method
from netlore.refinement.paper_refinement import Bootstrap
from netlore.refinement.record import begin, to_record
from netlore.refinement.result import ROUND_LIMIT, Refinement, StopReason
from netlore.scoring.draws import Network
from netlore.scoring.predictor import Predictor
from netlore.scoring.reference import POPULATION, populated
from netlore.scoring.scorer import Settings, opened_store, score_networks, stored_scores
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.sampling import sample
from netlore.storage.score_store import Store
from netlore.storage.score_table import ScoreTable

Progress = Callable[[int, int, int], None]
"""Called with a round's number and how many of its networks are scored, of how many."""


@validated
def refine(
    space: DesignSpace,
    predictor: str | Predictor,
    task: Task,
    networks: int = PAPER.networks,
    seed: int = 0,
    store: Store | Path | str | None = None,
    workers: Workers = 1,
    dtype: str = "float32",
    device: str = "cpu",
    bootstrap: Bootstrap = exact_bootstrap,
    round_limit: int = ROUND_LIMIT,
    progress: Progress | None = None,
    common_draws: bool = False,
) -> Refinement:
    """Narrow a design space to what a predictor prefers, by the paper's method.

    Each round draws distinct architectures of the present space, scores them, and restricts every hyperparameter
    to the bootstrap interval of the best, with resamples of a quarter of `networks`. An architecture that an
    earlier round drew gets other initial weights. When fewer architectures remain than asked for, each of them is
    scored once; resamples keep their size, as if the sample were filled up with copies. The loop ends when every
    interval is a single value, or when a round finds the intervals of an earlier round.

    Args:
        space: Where to begin; nothing outside it is ever drawn.
        predictor: Name, or the predictor itself.
        task: The batch, the same for every network.
        networks: Architectures to draw in a round, at least 1.
        seed: The run's seed; decides architectures and initial weights, see `common_draws`.
        store: A store, or a folder for one. What it holds is not computed again, so the same call resumes.
        workers: Processes to use, or an executor or the name of one; results do not depend on it.
        dtype: Precision, `float32` or `float64`; synflow always has float64.
        device: A torch device, `cpu` or `cuda`.
        bootstrap: From scores, columns and the size of a resample to estimates: `exact_bootstrap` or
            `monte_carlo_bootstrap`.
        round_limit: Rounds after which it ends, whatever it found.
        progress: Called after every network.
        common_draws: Whether refinements of one seed, by whatever predictor and on whatever data, begin with the
            same networks under the same initial weights. They are paired then, and what they agree on is no
            independent evidence; else what is drawn comes of a hash of seed, predictor and batch.

    Raises:
        InvalidInput: Something asked for does not exist or does not fit, or every network of a round failed.
    """
    options = {} if bootstrap is exact_bootstrap else {"bootstrap": bootstrap}
    asked = SearchSettings(space, one_predictor(predictor), seed, networks, round_limit, options)
    settings = asked.drawing(task, common_draws)
    return run_method(PAPER, settings, task, store, workers, dtype, device, progress)


@validated
def refine_with_memory(
    space: DesignSpace,
    predictor: str | Predictor,
    task: Task,
    networks: int = MEMORY.networks,
    seed: int = 0,
    store: Store | Path | str | None = None,
    workers: Workers = 1,
    dtype: str = "float32",
    device: str = "cpu",
    round_limit: int = ROUND_LIMIT,
    progress: Progress | None = None,
    common_draws: bool = False,
) -> Refinement:
    """Narrow a design space to the best architectures of all rounds.

    All scores are remembered, on the predictor's scale. A quadratic *surrogate* in the grid indices is fitted to
    them (`surrogate.fit_surrogate`), and an architecture's *estimate* joins its own scores, under at most three
    initialisations, with the surrogate (`surrogate.blup`), so that the luckiest of many does not win. The *elites*
    are the 12 architectures with the highest estimates; the interval of a hyperparameter is their range.

    The first round draws from the space. Of each further one half is where the surrogate is highest, among random
    architectures of the space and up to six grid steps from the elites, or among all of at most 32,768; a quarter
    is drawn from the box of the intervals, and a quarter one to three grid steps from the elites, anywhere within
    the space and its budget. Elites with fewer than three initialisations are scored again in addition to
    `networks`. It ends once for five rounds the elites' mean estimate has not risen by more than twice its
    standard error, and their intervals overlap by 90 % (`analysis.interval_overlap.overlap`) with what they were
    before.

    Arguments and errors as of `refine`; in the first round a network must have a score on the predictor's scale. A
    round's estimates are the lowest, middle and highest values among the elites; its space is the box before it.
    """
    asked = SearchSettings(space, one_predictor(predictor), seed, networks, round_limit)
    settings = asked.drawing(task, common_draws)
    return run_method(MEMORY, settings, task, store, workers, dtype, device, progress)


@validated
def random_search(
    space: DesignSpace,
    predictor: str | Predictor,
    task: Task,
    networks: int = RANDOM.networks,
    seed: int = 0,
    store: Store | Path | str | None = None,
    workers: Workers = 1,
    dtype: str = "float32",
    device: str = "cpu",
    round_limit: int = ROUND_LIMIT,
    progress: Progress | None = None,
    common_draws: bool = False,
) -> Refinement:
    """Score random architectures of a design space, `networks` distinct ones in each of `round_limit` rounds.

    One that an earlier round drew gets other initial weights. The elites are the 12 architectures with the highest
    mean scores so far. Arguments, result and errors as of `refine_with_memory`.
    """
    asked = SearchSettings(space, one_predictor(predictor), seed, networks, round_limit)
    settings = asked.drawing(task, common_draws)
    return run_method(RANDOM, settings, task, store, workers, dtype, device, progress)


@validated
def regularised_evolution(
    space: DesignSpace,
    predictor: str | Predictor,
    task: Task,
    networks: int = EVOLUTION.networks,
    seed: int = 0,
    store: Store | Path | str | None = None,
    workers: Workers = 1,
    dtype: str = "float32",
    device: str = "cpu",
    round_limit: int = ROUND_LIMIT,
    progress: Progress | None = None,
    common_draws: bool = False,
) -> Refinement:
    """Let a population age: the best of a tournament has a child one grid step away, and the oldest die.

    The population are the 100 architectures that were scored last (as many as a round has, if that is more),
    random ones at first. In every further round each of `networks` children has a parent of its own, the best of
    25 random members of the population before the round; it differs from the parent by one step on the grid of one
    hyperparameter, within the space and its budget. A member counts by the one score it was given. Children of one
    round are scored side by side, as workers did in the source. Arguments and the rest as of `random_search`.

    Source: Real, Aggarwal, Huang, Le, Regularized Evolution for Image Classifier Architecture Search, AAAI 2019.
    """
    asked = SearchSettings(space, one_predictor(predictor), seed, networks, round_limit)
    settings = asked.drawing(task, common_draws)
    return run_method(EVOLUTION, settings, task, store, workers, dtype, device, progress)


def run_method(
    method: Method,
    settings: SearchSettings,
    task: Task,
    store: Store | Path | str | None = None,
    workers: Workers = 1,
    dtype: str = "float32",
    device: str = "cpu",
    progress: Progress | None = None,
) -> Refinement:
    """Refine by any method; arguments, results and errors as of `refine`.

    In a store, each round is kept the moment it is complete, and rounds that are there are neither drawn nor
    scored again. A lower limit of rounds than that of the call before forgets the rounds beyond it.
    """
    search = _begun(method, settings, task)
    asked = Settings(task, (settings.predictor,), settings.seed, dtype, device)
    with opened_store(store, asked) as kept, opened(workers) as running:
        shown = progress and partial(progress, 1)
        scored_under = populated(asked, partial(_population, settings), running, kept, shown)

        def scored(number: int, drawn: list[Network]) -> ScoreTable:
            shown = progress and partial(progress, number)
            return _measured(score_networks(drawn, scored_under, running, kept, shown), settings)

        found = begin(kept, method.name, settings) if kept is not None else None
        if progress is not None and found is not None:
            for one in found.rounds[: settings.round_limit]:
                progress(one.number, len(one.table.rows), len(one.table.rows))
        if found is None or not _is_finished(found, settings):

            def keep(whole: Refinement) -> None:
                if kept is not None:
                    kept.record(to_record(method.name, settings, whole))

            found = run(search, scored, found.rounds if found else (), keep)
    if found is None:
        raise InvalidInput(f"the method {method.name} asks for no network at all; choose another method.")
    return found


def _measured(table: ScoreTable, settings: SearchSettings) -> ScoreTable:
    """With columns of what the budget limits."""
    return replace(table, measures=tuple(settings.space.budget.limits()))


def _population(settings: SearchSettings) -> list[Architecture]:
    """Among which a combination ranks: what the first round draws, where it draws from the space."""
    return sample(settings.space, max(POPULATION, settings.networks), (settings.seed, 1))


def replay(method: Method, settings: SearchSettings, task: Task, store: Store) -> Refinement | None:
    """The refinement whose scores a store of an earlier version holds, which from here on has its rounds, too.

    Nothing is scored. Precision and device are those of the store, whether or not this machine has that device.
    One whose scores end before it does is `unfinished`; None if not one round is complete.
    """
    search = _begun(method, settings, task)
    scored_under = Settings(task, (settings.predictor,), settings.seed)
    with opened_store(store, scored_under):  # the store gets to know the predictor

        def known(number: int, drawn: list[Network]) -> ScoreTable | None:
            there = stored_scores(drawn, scored_under, store)
            return there and _measured(there, settings)

        found = run(search, known)
        store.record(to_record(method.name, settings, found))
    return found


def _is_finished(found: Refinement, settings: SearchSettings) -> bool:
    """Whether a recorded refinement is what these settings lead to, so that nothing is left to do."""
    if found.stopped_because == StopReason.ROUND_LIMIT:
        return len(found.rounds) == settings.round_limit
    return found.stopped_because != StopReason.UNFINISHED and len(found.rounds) <= settings.round_limit


def _begun(method: Method, settings: SearchSettings, task: Task) -> Search:
    """The method's search, if all fits together."""
    unknown = [name for name in settings.options if name not in method.options]
    if unknown:
        have = ", ".join(method.options) or "none"
        raise InvalidInput(f"the method {method.name} has no option {unknown[0]}; its options: {have}.")
    check_data(settings.space, task)
    return method.search(settings)
