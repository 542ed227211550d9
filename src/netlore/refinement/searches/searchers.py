"""Everything that can search a landscape, by name: methods of the registry and baselines, with their settings."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from netlore.errors import BudgetUnreachable, UnknownName
from netlore.refinement.loop import SearchSettings, run
from netlore.refinement.methods import EVOLUTION, MEMORY, PAPER, RANDOM, Method
from netlore.refinement.result import Refinement
from netlore.refinement.searches import baselines, tpe
from netlore.refinement.searches.landscape import Landscape
from netlore.refinement.searches.ledger import Ledger, SpentError
from netlore.refinement.searches.selection import outcome
from netlore.refinement.select import NETWORKS as DRAWN
from netlore.space.sampling import sample


@dataclass(frozen=True)
class Searcher:
    """A way to search.

    Attributes:
        name: Short.
        label: What it is called in texts and figures.
        settings: Its settings and where they are from, in a sentence.
        search: Asks a ledger until it ends; it may end by `SpentError`.
        rescores: Whether it asks for another initialisation on purpose where it asks for a network again.
        needs_optuna: Whether it needs that extra.
        usual: Whether it takes part unless it is named: not if a search takes minutes.
    """

    name: str
    label: str
    settings: str
    search: Callable[[Ledger], object]
    rescores: bool = False
    needs_optuna: bool = False
    usual: bool = True


def refined(method: Method, networks: int, ledger: Ledger) -> Refinement | None:
    """Let a method of the registry search, with that many networks in a round; None if it asks for nothing."""
    landscape = ledger.landscape
    settings = SearchSettings(landscape.space, landscape.predictor, ledger.seed, networks, sys.maxsize)
    return run(method.search(settings), ledger.scored)


def refined_and_drawn(method: Method, networks: int, ledger: Ledger) -> None:
    """The same, and what the paper does in the end: score networks that are drawn from the final space."""
    found = refined(method, networks, ledger)
    if found is not None:
        with suppress(BudgetUnreachable):  # intervals that hold no network together
            ledger.of_all(sample(found.final_space, DRAWN, ledger.seed))


def by_method(method: Method, networks: int, label: str, settings: str, rescores: bool = False) -> Searcher:
    """A method of the registry as a searcher."""
    name = method.name if networks == method.networks else f"{method.name}-{networks}"
    said = f"{networks} networks in a round. {settings}".strip()
    search = refined_and_drawn if method is PAPER else refined
    return Searcher(name, label, said, partial(search, method, networks), rescores)


SMALL_ROUND = 100

SEARCHERS: dict[str, Searcher] = {
    one.name: one
    for one in (
        by_method(
            PAPER,
            PAPER.networks,
            "the paper's refinement",
            f"As in the paper, with its last step: {DRAWN} networks of the final space.",
            rescores=True,
        ),
        by_method(
            PAPER,
            SMALL_ROUND,
            f"the paper's refinement ({SMALL_ROUND} a round)",
            "Fewer than in the paper, so that it ends in time; with the same last step.",
            rescores=True,
        ),
        by_method(
            MEMORY,
            MEMORY.networks,
            "refinement with memory",
            "Constants as they are in the package; they were chosen on synflow's own scores.",
            rescores=True,
        ),
        by_method(RANDOM, RANDOM.networks, "random search", ""),
        by_method(
            EVOLUTION,
            EVOLUTION.networks,
            "evolution in blocks",
            "A block of children at a time from a population of 100, tournaments of 25.",
        ),
        Searcher(
            "evolution-sequential",
            "evolution one by one",
            f"Population {baselines.POPULATION}, tournaments of {baselines.TOURNAMENT}, a child at a time.",
            baselines.evolve,
        ),
        Searcher(
            "local-search",
            "local search",
            "Single steps, then pairs of one step up and one down; the first improvement is taken; restarts.",
            baselines.climb,
        ),
        Searcher(
            "umda",
            "marginal distributions (UMDA)",
            f"Generations of {baselines.GENERATION}, the better half, 5 % of the first draws.",
            baselines.estimate_distributions,
        ),
        Searcher(
            "one-shot",
            "one-shot ridge",
            f"A quadratic on {baselines.TRAINED_ON} random networks, its {baselines.PICKED} best are scored.",
            baselines.one_shot,
        ),
        Searcher(
            "tpe",
            tpe.LABEL,
            f"Optuna's usual settings, the budget as a constraint, at most {tpe.TRIALS} networks.",
            tpe.tpe,
            needs_optuna=True,
        ),
        Searcher(
            "gp",
            tpe.GP_LABEL,
            f"Optuna's usual settings, the budget as a constraint, at most {tpe.GP_TRIALS} networks.",
            tpe.gaussian_process,
            needs_optuna=True,
            usual=False,
        ),
    )
}
"""By name."""


def searcher(name: str) -> Searcher:
    """The searcher of that name.

    Raises:
        UnknownName: There is none.
    """
    if name not in SEARCHERS:
        raise UnknownName("searcher", name, [*SEARCHERS])
    return SEARCHERS[name]


def tuned(population: int, tournament: int) -> Searcher:
    """The sequential evolution with other settings, which is how they are chosen."""
    return Searcher(
        f"evolution-{population}-{tournament}",
        f"population {population}, tournaments of {tournament}",
        "",
        partial(baselines.evolve, population=population, tournament=tournament),
    )


def searched(one: Searcher, landscape: Landscape, seed: int, most: int, at: Sequence[int]) -> dict[str, Any]:
    """Search a landscape once, and say what it came to; see `outcome`.

    Args:
        one: Who searches.
        landscape: Where.
        seed: Of the search and of the noise; the same one gives the same course.
        most: Scores that may be paid, at least 1.
        at: Numbers of paid scores at which the pick is judged.

    Raises:
        InvalidInput: Nothing has a score, or Optuna is needed and not installed.
    """
    if one.needs_optuna:
        tpe.check_installed()
    ledger, start = Ledger(landscape, seed, most, one.rescores), time.process_time()
    with suppress(SpentError):
        one.search(ledger)
    return outcome(ledger, time.process_time() - start, at)
