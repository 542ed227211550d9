"""How good the pick of each method is after every number of networks, over many seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.elite_scores import Codes
from netlore.analysis.resampling import Statistic
from netlore.analysis.search_courses import OverSeeds, at, mean_difference, over_seeds, picks, true_course
from netlore.analysis.selection_quality import expected_best
from netlore.errors import InvalidInput
from netlore.refinement.methods import EVOLUTION, MEMORY, PAPER, RANDOM, Method
from netlore.refinement.searches import tpe
from netlore.refinement.searches.known_space import KnownSpace
from netlore.refinement.searches.ledger import Ledger, SpentError
from netlore.refinement.searches.searchers import refined
from netlore.refinement.select import NETWORKS as DRAWN
from netlore.space.distribution import check_whole
from netlore.space.sampling import sample

NETWORKS = 50
"""In a round, of every method. The paper's 500 are for ten billion architectures: of NAS-Bench-201 they would be
3 % in the first round alone."""
MOST = 5_000
"""Networks that a search looks at, at most."""
SEEDS = 20

METHODS = (PAPER, MEMORY, RANDOM, EVOLUTION)
TPE, ORACLE = "tpe", "oracle"
"""Optuna's; and the most accurate of the networks that random search has looked at."""


@dataclass(frozen=True, eq=False)
class Line:
    """One method with all its seeds.

    Attributes:
        name: Of a method, `TPE`, `ORACLE`, or a count by which the networks of random search are picked.
        courses: For each seed the accuracy of the pick after 1, 2, ... networks; NaN before the first.
        picked: For each seed the number of its last pick; -1 if it has none.
        looked_at: For each seed the numbers of the networks that it paid for, in order, each once.
    """

    name: str
    courses: tuple[Floats, ...]
    picked: tuple[int, ...]
    looked_at: tuple[Codes, ...]

    @property
    def networks(self) -> list[int]:
        """How many different networks each seed looked at."""
        return [len(one) for one in self.courses]

    def accuracies(self, networks: int) -> Floats:
        """Of the pick after that many networks, shape (seeds,)."""
        return np.asarray(at(self.courses, [networks])[0])


@dataclass(frozen=True, eq=False)
class Drawn:
    """What the paper does in the end: the best of 25 networks of the final space; shape (seeds,) each."""

    networks: Floats
    accuracies: Floats


@dataclass(frozen=True, eq=False)
class SearchComparison:
    """Methods side by side.

    Attributes:
        known: Scores and accuracies.
        lines: Searches by the score, then counts and the oracle.
        drawn: The paper's last step, after its refinement.
        networks: In a round.
        most: Networks that a search looks at, at most.
        seeds: 0, 1, ...: how many.
    """

    known: KnownSpace
    lines: tuple[Line, ...]
    drawn: Drawn
    networks: int
    most: int
    seeds: int

    @cached_property
    def best(self) -> float:
        """The highest accuracy of the whole space."""
        return float(self.known.accuracies.values.max())

    @cached_property
    def whole(self) -> Mapping[str, float]:
        """The accuracy of what each quantity would pick of the whole space, of ties what is expected."""
        quantities = {self.known.name: self.known.scores, **self.known.counts}
        return {
            name: expected_best(np.where(np.isnan(values), -np.inf, values), self.known.accuracies.values, 1)
            for name, values in quantities.items()
        }

    def paid(self, one: Line, cost: str) -> float:
        """The median over seeds of what a line's networks cost together, NaN where that is not known of all."""
        if cost not in self.known.costs:
            return math.nan
        found = self.known.costs[cost]
        return float(np.median([found[places].sum() for places in one.looked_at]))

    def line(self, name: str) -> Line:
        """The line of that name."""
        return next(one for one in self.lines if one.name == name)

    def over_seeds(self, one: Line, networks: list[int]) -> OverSeeds:
        """Accuracy of the pick of a method."""
        return over_seeds(at(one.courses, networks))

    def above_random(self, one: Line, networks: int) -> Statistic:
        """How much more accurate its pick is than random search's, in the mean over seeds."""
        return mean_difference(one.accuracies(networks), self.line(RANDOM.name).accuracies(networks))


def compare_searches(
    known: KnownSpace,
    networks: int = NETWORKS,
    seeds: int = SEEDS,
    most: int = MOST,
    with_tpe: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> SearchComparison:
    """Let every method search a space by stored scores, and look up how accurate its pick is.

    The pick after n networks is the highest score so far, of equal ones the smaller id: for every method alike.
    Scores do not change, so a network that a method asks for again costs nothing and counts once. A method that
    has ended keeps its pick.

    Args:
        known: Scores and accuracies.
        networks: To draw in a round.
        seeds: How many searches by each method, of seeds 0, 1, ...
        most: Different networks that a search looks at, at most.
        with_tpe: Whether Optuna's TPE takes part.
        progress: Called with how many searches are done, and of how many.

    Raises:
        InvalidInput: A number that is too small, or Optuna is wanted and not installed.
    """
    check_whole("networks", networks, 1, len(known))
    check_whole("seeds", seeds, 1, 10_000)
    check_whole("most", most, 1, 10**6)
    if with_tpe:
        tpe.check_installed()
    names = [one.name for one in METHODS] + ([TPE] if with_tpe else [])
    searches: dict[str, list[Codes]] = {name: [] for name in names}
    drawn, done = [], 0
    for seed in range(seeds):
        for method in METHODS:
            looked_at, final = search(method, known, networks, seed, most)
            searches[method.name].append(looked_at)
            if method is PAPER:
                drawn.append((len({*looked_at, *final}), _pick(known, known.scores, final)))
            done = _advance(progress, done, seeds * len(searches))
        if with_tpe:
            searches[TPE].append(_by_tpe(known, seed, most))
            done = _advance(progress, done, seeds * len(searches))
    lines = [_line(known, name, known.scores, found) for name, found in searches.items()]
    randomly = searches[RANDOM.name]
    lines += [_line(known, name, counted, randomly) for name, counted in known.counts.items()]
    lines.append(_line(known, ORACLE, known.accuracies.values, randomly))
    last = np.asarray(drawn, dtype=np.float64)
    return SearchComparison(known, tuple(lines), Drawn(last[:, 0], last[:, 1]), networks, most, seeds)


def search(method: Method, known: KnownSpace, networks: int, seed: int, most: int) -> tuple[Codes, Codes]:
    """What a method looks at in a known space, each network once, in order, and candidates from its final space.

    Raises:
        InvalidInput: A round without any score, from which it cannot learn.
    """
    ledger = Ledger(known.landscape, seed, most)
    found = refined(method, networks, ledger)
    if found is None:
        raise InvalidInput(f"the method {method.name} asks for no network at all; choose another method.")
    final = sample(found.final_space, DRAWN, seed) if method is PAPER else []
    return known.places(ledger.architectures), known.places(final)


def _by_tpe(known: KnownSpace, seed: int, most: int) -> Codes:
    ledger = Ledger(known.landscape, seed, most)
    with suppress(SpentError):
        tpe.tpe(ledger)
    return known.places(ledger.architectures)


def _line(known: KnownSpace, name: str, quantity: Floats, searches: list[Codes]) -> Line:
    courses = tuple(true_course(quantity, known.accuracies.values, one) for one in searches)
    return Line(name, courses, tuple(int(picks(quantity, one)[-1]) for one in searches), tuple(searches))


def _pick(known: KnownSpace, quantity: Floats, looked_at: Codes) -> float:
    return float(true_course(quantity, known.accuracies.values, looked_at)[-1])


def _advance(progress: Callable[[int, int], None] | None, done: int, total: int) -> int:
    if progress is not None:
        progress(done + 1, total)
    return done + 1
