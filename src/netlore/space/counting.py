"""How many architectures of a design space meet its budget: exact counting, no sampling.

Complexity is a sum over the stages, and a stage's summand depends on its own hyperparameters and on the width
before it. So the sums of all stages but the last are formed for each chain of widths, and for each of them the
last stage's summands that complete it to the budget are counted by looking up, not by adding: one limit is a
binary search in a sorted list, two are four entries of a table of two-dimensional prefix counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from netlore.errors import InvalidInput
from netlore.space import families
from netlore.space.complexity import complexity_of_plan

if TYPE_CHECKING:
    from netlore.space.design_space import DesignSpace

Integers = NDArray[np.int64]
Limits = list[tuple[float, float]]

# A space whose family has no segments is enumerated up to this size: some ten seconds.
ENUMERABLE = 10_000_000
_CHUNK = 1 << 18
# No complexity comes near it; stands for an infinite limit.
_BEYOND = float(2**61)


def count(space: DesignSpace) -> int:
    """Exact number of architectures of a space that meet its budget.

    Raises:
        InvalidInput: The space is too large to enumerate, and its family has no segments or a distribution
            draws hyperparameters of several segments together.
    """
    if not space.budget.limits():
        return space.cardinality
    if _is_staged(space):
        return _count_staged(space)
    return sum(len(next(iter(values.values()))) for values in enumerate_within_budget(space))


def enumerate_within_budget(space: DesignSpace) -> list[dict[str, Integers]]:
    """Every architecture of a small space that meets the budget, as hyperparameter arrays in chunks.

    Raises:
        InvalidInput: The space has more than ten million architectures.
    """
    if space.cardinality > ENUMERABLE:
        raise InvalidInput(
            f"a space of {space.cardinality:,} architectures is too large to enumerate; restrict it to "
            f"{ENUMERABLE:,} or fewer."
        )
    sizes = tuple(distribution.size for distribution in space.distributions)
    kept = []
    for start in range(0, space.cardinality, _CHUNK):
        flat = np.arange(start, min(start + _CHUNK, space.cardinality))
        values = space.values_at([np.asarray(index) for index in np.unravel_index(flat, sizes)])
        admitted = space.budget.admits(space.complexities(values))
        kept.append({name: column[admitted] for name, column in values.items()})
    return kept


def _is_staged(space: DesignSpace) -> bool:
    """Whether the family has segments and no distribution draws hyperparameters of two of them together."""
    family = families.get(space.family)
    if not hasattr(family, "segments"):
        return False
    segments = [set(names) for names in cast("families.StagedFamily", family).segments()]
    return all(any(set(d.names) <= names for names in segments) for d in space.distributions)


def _count_staged(space: DesignSpace) -> int:
    """Walk the stages, keeping for every interface value the list of partial sums that lead to it."""
    family = cast("families.StagedFamily", families.get(space.family))
    stages = len(family.segments())
    limits = list(space.budget.limits().values())
    highest = np.asarray([high for _, high in limits])
    # Partial sums so far, by the value of the last interface; shape (sums, measures).
    partial: dict[int, Integers] = {0: np.zeros((1, len(limits)), dtype=np.int64)}
    for stage in range(stages - 1):
        following: dict[int, list[Integers]] = {}
        for before, sums in partial.items():
            for after, summands in _summands(space, family, stage, before).items():
                joined = (sums[:, None, :] + summands[None, :, :]).reshape(-1, len(limits))
                following.setdefault(after, []).append(joined[(joined <= highest).all(axis=1)])
        partial = {after: np.concatenate(parts) for after, parts in following.items()}
    total = 0
    for before, sums in partial.items():
        last = np.concatenate(list(_summands(space, family, stages - 1, before).values()))
        total += _completions(sums, last, limits)
    return total


def _summands(space: DesignSpace, family: families.StagedFamily, stage: int, before: int) -> dict[int, Integers]:
    """The limited measures of a stage for each of its grid points, grouped by the interface value it hands on."""
    names = family.segments()[stage]
    values = _stage_grid(space, names)
    sizes: dict[str, Integers | int] = dict(values)
    if stage:
        sizes[family.interface(stage - 1)] = before
    plan = family.segment_plan(stage, sizes, space.num_classes, space.channels)
    measures = complexity_of_plan(plan, family.segment_resolution(stage, space.resolution)).as_dict()
    length = len(values[names[0]])
    columns = [np.broadcast_to(measures[measure], (length,)) for measure in space.budget.limits()]
    table = np.stack(columns, axis=1)
    handed_on = values[family.interface(stage)]
    return {int(value): table[handed_on == value] for value in np.unique(handed_on)}


def _stage_grid(space: DesignSpace, names: tuple[str, ...]) -> Mapping[str, Integers]:
    """The product of the distributions that draw a stage's hyperparameters, as one array per hyperparameter."""
    own = [d for d in space.distributions if set(d.names) <= set(names)]
    indices = np.indices([d.size for d in own]).reshape(len(own), -1)
    return {
        name: d.points[index, column]
        for d, index in zip(own, indices, strict=True)
        for column, name in enumerate(d.names)
    }


def _completions(sums: Integers, last: Integers, limits: Limits) -> int:
    """Pairs of a partial sum and a last summand whose total meets every limit."""
    counters: dict[int, Callable[[Integers, Integers, Limits], int]] = {1: _complete_one, 2: _complete_two}
    return counters.get(len(limits), _complete_any)(sums, last, limits)


def _complete_one(sums: Integers, last: Integers, limits: Limits) -> int:
    ascending = np.sort(last[:, 0])
    first, beyond = _window(ascending, sums[:, 0], limits[0])
    return int((beyond - first).sum())


def _complete_two(sums: Integers, last: Integers, limits: Limits) -> int:
    """Count the points of rectangles: `table[i, j]` are among the first i by measure 0 and j by measure 1."""
    by_first = last[np.argsort(last[:, 0], kind="stable")]
    ranks = np.argsort(np.argsort(by_first[:, 1], kind="stable"), kind="stable")
    n = len(last)
    table = np.zeros((n + 1, n + 1), dtype=np.int32)
    table[np.arange(1, n + 1), ranks + 1] = 1
    table = table.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)
    total = 0
    for start in range(0, len(sums), _CHUNK):
        part = sums[start : start + _CHUNK]
        i, i_end = _window(by_first[:, 0], part[:, 0], limits[0])
        j, j_end = _window(np.sort(last[:, 1]), part[:, 1], limits[1])
        inside = table[i_end, j_end] - table[i, j_end] - table[i_end, j] + table[i, j]
        total += int(inside.sum(dtype=np.int64))
    return total


def _complete_any(sums: Integers, last: Integers, limits: Limits) -> int:
    """Every pair that meets the first limit is formed and the other limits are checked: any number of limits."""
    ascending = last[np.argsort(last[:, 0], kind="stable")]
    # Neighbours in this order have nearly the same window, so little is formed in vain.
    sums = sums[np.argsort(sums[:, 0], kind="stable")]
    total = 0
    for row in range(0, len(sums), 256):
        part = sums[row : row + 256]
        first, beyond = _window(ascending[:, 0], part[:, 0], limits[0])
        low, high = int(first.min()), int(beyond.max())
        inside = np.ones((len(part), high - low), dtype=np.bool_)
        for column, (lower, upper) in enumerate(limits):
            together = part[:, column, None] + ascending[None, low:high, column]
            inside &= (together >= lower) & (together <= upper)
        total += int(inside.sum())
    return total


def _window(ascending: Integers, offsets: Integers, limits: tuple[float, float]) -> tuple[Integers, Integers]:
    """For each offset, the half-open range of indices whose value plus the offset lies in the limits."""
    # Sums are integers, so real limits are rounded inwards first; then every comparison is exact.
    lowest, highest = (
        np.int64(np.clip(value, -_BEYOND, _BEYOND)) for value in (np.ceil(limits[0]), np.floor(limits[1]))
    )
    return (
        np.searchsorted(ascending, lowest - offsets, side="left"),
        np.searchsorted(ascending, highest - offsets, side="right"),
    )
