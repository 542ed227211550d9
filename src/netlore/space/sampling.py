"""Rejection sampling under a budget: vectorised over candidates, reproducible, no network built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlore.arguments import validated
from netlore.errors import BudgetUnreachable, InvalidInput
from netlore.space import counting
from netlore.space.architecture import Architecture
from netlore.space.budget import short
from netlore.space.complexity import LABELS
from netlore.space.design_space import DesignSpace, Values
from netlore.space.distribution import check_whole, is_category
from netlore.space.drawn import Distinct, Drawn

Seed = int | tuple[int, ...]
Places = NDArray[np.unsignedinteger[Any]]

MOST_LISTED = 1_000_000  # architectures in one list, which take about 1 GB
MOST_DRAWN = 10_000_000  # architectures in one call; of the paper's space they take 0.1 GB

_CHUNK = 1 << 14
# Up to here a space is listed whole before anything is drawn, so that a nearly exhausted one costs no retries.
_LISTED = 200_000
# Beyond this many candidates the acceptance rate is known well enough to judge a budget by it.
_JUDGED = 1 << 20
_HOPELESS_RATE = 1e-5
_LAST_CANDIDATE = 1 << 26
# And as many for each of very many that are asked for.
_MOST_TRIES = 64
# Of modules each has to be built, which takes some ten milliseconds.
_CHUNK_OF_MODULES, _JUDGED_MODULES = 1 << 5, 1 << 10
# Most steps from an architecture near a budget's end lead out of it.
_NEIGHBOURS_TRIED = 4
_CHUNKS_OF_NEIGHBOURS = 50


@validated
def sample(space: DesignSpace, count: int, seed: Seed = 0) -> list[Architecture]:
    """Draw distinct architectures of a space, in the order in which they were drawn.

    Candidates are drawn from the space's distributions and kept if they meet the budget and were not drawn
    before. The architecture's probability is that of the distributions, conditional on the budget; drawing is
    without replacement. When no more architectures remain than asked for, all of them are returned.

    The seed is a non-negative number, or several; the same seed gives the same list on every machine.

    Raises:
        BudgetUnreachable: No architecture meets the budget, or hardly any of very many.
    """
    _check_count(space, count, MOST_LISTED)
    return [*drawn(space, count, seed)]


def drawn(space: DesignSpace, count: int, seed: Seed = 0) -> Drawn:
    """The same architectures as `sample`, in little memory: each is made when it is asked for.

    Raises:
        BudgetUnreachable: As of `sample`.
    """
    count = _check_count(space, count, MOST_DRAWN)
    if min(seed if isinstance(seed, tuple) else (seed,), default=-1) < 0:
        raise InvalidInput(f"seed = {seed} is negative; choose 0 or more.")
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    listed = space.cardinality <= min(_LISTED, counting.enumerable(space))
    return Drawn(space, (_from_list if listed else _by_rejection)(space, count, rng))


def _check_count(space: DesignSpace, count: int, most: int) -> int:
    count = check_whole("count", count, 1, 2**63)
    if min(count, space.cardinality) > most:
        raise InvalidInput(f"count = {count:,} architectures are too many to hold; ask for {most:,} or fewer.")
    return count


@validated
def candidates(space: DesignSpace, rng: np.random.Generator, count: int) -> tuple[Values, NDArray[np.bool_]]:
    """Independent draws from a space's distributions, and which of them meet its budget."""
    values = space.values_at(_drawn(space, rng, count))
    return values, space.meets_budget(values)


def everything(space: DesignSpace) -> Values:
    """Hyperparameter arrays of all architectures of a small space that meet its budget.

    Raises:
        InvalidInput: It has more than ten million, or of networks that must be built more than some hundred.
    """
    return space.values_at(counting.unravelled(space, counting.admitted(space)))


def neighbours(
    space: DesignSpace, parents: Sequence[Architecture], count: int, farthest: int, rng: np.random.Generator
) -> Values:
    """Draw architectures a few steps on the grids away from others.

    Each starts from a random parent and takes 1 to `farthest` steps, each of plus or minus one on the grid of a
    random hyperparameter, or to any other name of a category; a step beyond the end of a grid is not taken. It is
    kept if it differs from its parent and is in the space.

    The values of the parents are in the grids of the space.

    Returns:
        Hyperparameter arrays of `count` architectures, repetitions among them; fewer if they are hard to find.
    """
    grids = {name: np.asarray(grid) for name, grid in space.grids.items()}
    sizes = np.asarray([len(grid) for grid in grids.values()])
    unordered = np.asarray([is_category(grid) for grid in space.grids.values()])
    origins = grid_indices_of(space, values_of(space, parents))
    kept: list[Values] = []
    for _ in range(_CHUNKS_OF_NEIGHBOURS):
        places = origins[rng.integers(len(origins), size=_NEIGHBOURS_TRIED * count)]
        start, steps = places.copy(), rng.integers(1, farthest + 1, size=len(places))
        for step in range(farthest):
            moved = np.flatnonzero(steps > step)
            columns = rng.integers(len(grids), size=len(moved))
            ahead = places[moved, columns] + rng.choice((-1, 1), size=len(moved))
            ahead = np.clip(ahead, 0, sizes[columns] - 1)
            if unordered.any():
                other = rng.integers(1, np.maximum(sizes[columns], 2))
                ahead = np.where(unordered[columns], (places[moved, columns] + other) % sizes[columns], ahead)
            places[moved, columns] = ahead
        places = places[(places != start).any(axis=1)]
        found = {name: grid[places[:, column]] for column, (name, grid) in enumerate(grids.items())}
        admitted = space.admits(found)
        kept.append({name: column[admitted] for name, column in found.items()})
        if sum(len(next(iter(one.values()))) for one in kept) >= count:
            break
    return {name: np.concatenate([one[name] for one in kept])[:count] for name in grids}


def values_of(space: DesignSpace, architectures: Sequence[Architecture]) -> Values:
    """Hyperparameter arrays of architectures of a space's family."""
    grids = {name: np.asarray(grid) for name, grid in space.grids.items()}
    return {
        name: np.asarray([one.values[name] for one in architectures], dtype=None if architectures else grid.dtype)
        for name, grid in grids.items()
    }


def grid_indices_of(space: DesignSpace, values: Values) -> NDArray[np.int64]:
    """The place of every value on its grid, 0 for the lowest; shape (architectures, hyperparameters)."""
    return np.stack([_places(np.asarray(grid), values[name]) for name, grid in space.grids.items()], axis=1)


def _places(grid: NDArray[Any], values: NDArray[Any]) -> NDArray[np.int64]:
    order = np.argsort(grid)
    found: NDArray[np.int64] = order[np.minimum(np.searchsorted(grid[order], values), len(grid) - 1)]
    return found


def _by_rejection(space: DesignSpace, count: int, rng: np.random.Generator) -> Places:
    """Chunks of candidates until enough distinct ones met the budget."""
    found = Distinct([one.size for one in space.distributions])
    accepted = tried = 0
    chunk, judged = (_CHUNK, _JUDGED) if space.is_planned else (_CHUNK_OF_MODULES, _JUDGED_MODULES)
    while True:
        tried_now = _drawn(space, rng, chunk)
        admitted = space.meets_budget(space.values_at(tried_now))
        rows = np.stack([column[admitted] for column in tried_now], axis=1)
        found.add(rows)
        accepted, tried = accepted + len(rows), tried + len(admitted)
        if len(found) >= count:
            break
        if tried >= judged and space.cardinality <= counting.enumerable(space):
            return _from_list(space, count, rng)
        if tried == judged and space.count_within_budget.exact and space.count_within_budget.value < count:
            raise _unreachable(space, len(found), accepted, tried)
        hopeless = _HOPELESS_RATE if space.is_planned else 1 / judged
        if tried >= max(_LAST_CANDIDATE, _MOST_TRIES * count) or (tried >= judged and accepted < tried * hopeless):
            raise _unreachable(space, len(found), accepted, tried)
    return found.rows(count)


def _drawn(space: DesignSpace, rng: np.random.Generator, count: int) -> list[NDArray[np.int64]]:
    return [d.draw(rng, count) for d in space.distributions]


def _unreachable(space: DesignSpace, found: int, accepted: int, tried: int) -> BudgetUnreachable:
    """Drawing does not get there: say so, with the rate and the number that exist."""
    return BudgetUnreachable(
        f"the budget {space.budget} accepts {accepted:,} of {tried:,} candidates (acceptance rate "
        f"{accepted / tried:.2g}, {found:,} different ones, {space.count_within_budget} of {space.cardinality:,} "
        f"architectures exist within it); {_sizes(space)}; widen the budget or restrict the space."
    )


def _rough(value: np.number[Any]) -> str:
    return short(float(f"{float(value):.3g}"))


def _sizes(space: DesignSpace) -> str:
    """What networks of the space have of what the budget limits, as far as some candidates say."""
    count = min(_CHUNK, space.cardinality) if space.is_planned else _CHUNK_OF_MODULES
    found = space.complexities(space.values_at(_drawn(space, np.random.default_rng(0), count))).as_dict()
    sizes = (
        f"{_rough(np.min(found[name]))} to {_rough(np.max(found[name]))} {LABELS[name].unit}"
        for name in space.budget.limits()
    )
    return f"at {space.resolution} pixels its networks have, by {count:,} of them, {' and '.join(sizes)}"


def _from_list(space: DesignSpace, count: int, rng: np.random.Generator) -> Places:
    """List a small space and draw from the list without replacement."""
    flat = counting.admitted(space)
    if not flat.size:
        raise BudgetUnreachable(
            f"the budget {space.budget} accepts none of the {space.cardinality:,} architectures of the space "
            f"(acceptance rate 0); {_sizes(space)}; widen the budget or the intervals."
        )
    indices = counting.unravelled(space, flat)
    weights = np.ones(len(flat))
    for distribution, index in zip(space.distributions, indices, strict=True):
        weights *= distribution.probabilities[index]
    order = rng.choice(len(flat), size=min(count, len(flat)), replace=False, p=weights / weights.sum())
    most = max(distribution.size for distribution in space.distributions)
    return np.stack([index[order] for index in indices], axis=1).astype(np.min_scalar_type(most - 1))
