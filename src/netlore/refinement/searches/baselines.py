"""Baselines that ask for one network after the other: each knows the space and a ledger, and nothing else.

Random numbers come from the ledger's seed, and the first random networks are those of every other method under
that seed. What a search asks for is in the space, so within its budget. A network without a score is never chosen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from netlore.analysis import Floats
from netlore.refinement.elites import points_of
from netlore.refinement.searches.ledger import Ledger
from netlore.refinement.surrogate import fit_surrogate
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import is_category
from netlore.space.sampling import candidates, neighbours, sample, values_of

POPULATION, TOURNAMENT = 50, 10
"""Of the sequential evolution."""
GENERATION, SHARE_KEPT, SHARE_PRIOR = 50, 0.5, 0.05
"""Of the estimation of distributions: networks, the share that the next is drawn like, and of the first draws."""
TRAINED_ON, PICKED = 200, 12
"""Of the one-shot ridge: random networks, and those that it scores in the end."""

_TRIES = 50
_CHUNK = 512
_POOL, _KEPT, _CLIMBS = 1 << 14, 100, 15


def evolve(ledger: Ledger, population: int = POPULATION, tournament: int = TOURNAMENT) -> None:
    """Regularised evolution, one child after the other: one grid step from the best of a random tournament; with
    each child the oldest member dies. It ends with the ledger.

    Source: Real et al. 2019, arXiv:1802.01548.
    """
    rng, steps = _rng(ledger, 1), Steps(ledger.landscape.space)
    first = _first(ledger, population)
    members = deque(zip(first, _low(ledger.of_all(first)).tolist(), strict=True), maxlen=population)
    while True:
        drawn = rng.choice(len(members), min(tournament, len(members)), replace=False)
        parent, _ = max((members[place] for place in drawn), key=lambda member: member[1])
        around = steps.single(parent)
        if not around:  # nothing is one step away
            around = _first(ledger, population)
        child = around[rng.integers(len(around))]
        members.append((child, float(_low(ledger.of_all([child]))[0])))


def climb(ledger: Ledger) -> None:
    """Local search with restarts: from a random network to the first better one that is a grid step away, or two
    steps, up in one hyperparameter and down in another, in random order; from a peak to the next random network.
    It ends with the ledger.
    """
    rng, steps = _rng(ledger, 2), Steps(ledger.landscape.space)
    for start in _endless(ledger):
        present, height = start, float(_low(ledger.of_all([start]))[0])
        better = True
        while better:
            better = False
            for group in (steps.single(present), steps.paired(present)):
                for place in rng.permutation(len(group)).tolist():
                    found = float(_low(ledger.of_all([group[place]]))[0])
                    if found > height:
                        present, height, better = group[place], found, True
                        break
                if better:
                    break


def estimate_distributions(ledger: Ledger, networks: int = GENERATION) -> None:
    """The univariate marginal distribution algorithm: draw a generation from independent distributions, and make
    the next ones of the frequencies in its better half, with 5 % of what the space draws so that no value dies
    out. It ends with the ledger, or where drawing finds nothing within the budget.

    Source: Muehlenbein and Paass 1996.
    """
    rng, space = _rng(ledger, 3), ledger.landscape.space
    places = [{row: place for place, row in enumerate(one.rows)} for one in space.distributions]
    generation = _first(ledger, networks)
    while generation:
        scores = _low(ledger.of_all(generation))
        kept = np.argsort(-scores, kind="stable")[: max(1, round(SHARE_KEPT * len(generation)))]
        chances = []
        for one, known in zip(space.distributions, places, strict=True):
            rows = [known[tuple(generation[k].values[name] for name in one.names)] for k in kept]
            frequency = np.bincount(rows, minlength=one.size) / len(rows)
            chances.append((1 - SHARE_PRIOR) * frequency + SHARE_PRIOR * one.probabilities)
        generation = _drawn(space, chances, networks, rng)


def one_shot(ledger: Ledger, trained_on: int = TRAINED_ON, picked: int = PICKED) -> None:
    """Fit the quadratic of the refinement with memory to random networks once, climb it, and score its best.

    Candidates are some thousands of random networks; of them and of those up to two grid steps from the best
    hundred, the best hundred stay, fifteen times.
    """
    rng, space = _rng(ledger, 4), ledger.landscape.space
    known = _first(ledger, trained_on)
    scores = ledger.of_all(known)
    begun = np.isfinite(scores)
    points = points_of(space, values_of(space, known))
    model = fit_surrogate(points[begun], scores[begun], np.ones(int(begun.sum()), dtype=np.intp))
    values, admitted = candidates(space, rng, _POOL)
    pool = {name: column[admitted] for name, column in values.items()}
    for _ in range(_CLIMBS):
        order = np.argsort(-model.at(points_of(space, pool)), kind="stable")
        best = list(dict.fromkeys(space.architectures({n: column[order] for n, column in pool.items()})))[:_KEPT]
        near, own = neighbours(space, best, 10 * _KEPT, 2, rng), values_of(space, best)
        pool = {name: np.concatenate((own[name], near[name])) for name in own}
    asked = set(known)
    ledger.of_all([one for one in best if one not in asked][:picked])


class Steps:
    """The networks of a space that are a step or two from others; of each network they are found once."""

    def __init__(self, space: DesignSpace) -> None:
        self._space = space
        self._grids = {name: tuple(grid) for name, grid in space.grids.items()}
        self._single: dict[Architecture, list[Architecture]] = {}

    def single(self, one: Architecture) -> list[Architecture]:
        """One hyperparameter to the next value of its grid, or to any other name of a category."""
        if one not in self._single:
            moves = [
                {name: value}
                for name in self._grids
                for value in (*self._next(one, name, 1), *self._next(one, name, -1))
            ]
            self._single[one] = self._inside(one, moves)
        return self._single[one]

    def paired(self, one: Architecture) -> list[Architecture]:
        """One hyperparameter up and another down, of those with an order."""
        ordered = [name for name, grid in self._grids.items() if not is_category(grid)]
        moves = [
            {up: higher, down: lower}
            for up, down in permutations(ordered, 2)
            for higher in self._next(one, up, 1)
            for lower in self._next(one, down, -1)
        ]
        return self._inside(one, moves)

    def _next(self, one: Architecture, name: str, direction: int) -> list[object]:
        grid, value = self._grids[name], one.values[name]
        if is_category(grid):
            return [other for other in grid if other != value] if direction > 0 else []
        place = grid.index(value) + direction
        return [grid[place]] if 0 <= place < len(grid) else []

    def _inside(self, one: Architecture, moves: list[dict[str, object]]) -> list[Architecture]:
        if not moves:
            return []
        rows = [{**one.values, **move} for move in moves]
        values: dict[str, NDArray[np.generic]] = {
            name: np.asarray([row[name] for row in rows]) for name in self._grids
        }
        kept = self._space.admits(values)
        return self._space.architectures({name: column[kept] for name, column in values.items()})


def _rng(ledger: Ledger, which: int) -> np.random.Generator:
    return np.random.default_rng((ledger.seed, which, 1))


def _first(ledger: Ledger, count: int) -> list[Architecture]:
    """The first random networks of a seed, the same for every method."""
    return sample(ledger.landscape.space, count, seed=(ledger.seed, 1))


def _endless(ledger: Ledger) -> Iterator[Architecture]:
    number = 1
    while True:
        yield from sample(ledger.landscape.space, _CHUNK, seed=(ledger.seed, number))
        number += 1


def _low(scores: Floats) -> Floats:
    """What failed is below all else."""
    return np.where(np.isfinite(scores), scores, -np.inf)


def _drawn(space: DesignSpace, chances: list[Floats], count: int, rng: np.random.Generator) -> list[Architecture]:
    """Independent draws by the chances of each distribution's rows, within the budget; fewer if they are rare."""
    found: list[Architecture] = []
    for _ in range(_TRIES):
        values = space.values_at([rng.choice(len(one), _CHUNK, p=one) for one in chances])
        kept = space.meets_budget(values)
        found += space.architectures({name: column[kept] for name, column in values.items()})
        if len(found) >= count:
            break
    return found[:count]
