"""How many architectures of a design space meet its budget: counted where that is possible, else estimated.

Complexity is a sum over the stages, and a stage's summand depends on its own hyperparameters and on the width
before it. So the sums of all stages but the last are formed for each chain of widths, and for each of them the
last stage's summands that complete it to the budget are counted by looking up, not by adding: one limit is a
binary search in a sorted list, two are four entries of a table of two-dimensional prefix counts.

Counting stays below 1 GB and about twenty seconds. What would take more is estimated from a sample.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from netlore.errors import InvalidInput
from netlore.space import families
from netlore.space.budget import Budget
from netlore.space.complexity import MEASURES, Complexity, complexity_of_plan
from netlore.space.distribution import Distribution

Integers = NDArray[np.int64]
Limits = list[tuple[float, float]]

# A space whose family has no segments is enumerated up to this size: some ten seconds.
ENUMERABLE = 10_000_000
_CHUNK = 1 << 18
# No complexity comes near it; stands for an infinite limit.
_BEYOND = float(2**61)
# What counting stage by stage may take: points of a stage's grid whose complexity is computed, partial sums that
# are formed, numbers that are kept (8 bytes each, copied once or twice), and pairs that are looked at one by one.
_POINTS, _FORMED, _KEPT, _PAIRS = 4_000_000, 400_000_000, 30_000_000, 12_000_000_000
# Side of a table of prefix counts: 256 MB.
_TABLE = 8_000
# Architectures of a sample, and the standard errors of an interval of 95 %.
_SAMPLED, _Z = 1 << 18, 1.959964


class Countable(Protocol):
    """What counting needs of a design space."""

    @property
    def family(self) -> str: ...
    @property
    def distributions(self) -> tuple[Distribution, ...]: ...
    @property
    def num_classes(self) -> int: ...
    @property
    def resolution(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def budget(self) -> Budget: ...
    @property
    def cardinality(self) -> int: ...
    def values_at(self, indices: list[Integers]) -> dict[str, Integers]: ...
    def complexities(self, values: Mapping[str, Integers]) -> Complexity: ...


@dataclass(frozen=True)
class Count:
    """A number of architectures, exact or estimated.

    Attributes:
        value: The number, or the estimate.
        low: Lower end of the 95 % interval; the value itself if it is exact.
        high: Upper end.
        exact: Whether it was counted.
    """

    value: int
    low: int
    high: int
    exact: bool

    def __str__(self) -> str:
        """`901,115,488`, or `about 9.01e+08 (8.93e+08 to 9.1e+08)`."""
        if self.exact:
            return f"{self.value:,}"
        return f"about {self.value:.3g} ({self.low:.3g} to {self.high:.3g})"


class _TooMuchError(Exception):
    """Counting would take more memory or time than is allowed."""


def count(space: Countable) -> Count:
    """Number of architectures of a space that meet its budget; never fails for the size of the space.

    A space that takes more than 1 GB or about twenty seconds to count is sampled: of n = 262,144 architectures
    of its grids, all equally probable and always the same, k meet the budget. The estimate is k / n of the
    cardinality, its interval Wilson's: with p = k / n and z = 1.96,

        (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    try:
        exact = _count_exactly(space)
    except _TooMuchError:
        return _estimate(space)
    return Count(exact, exact, exact, exact=True)


def admitted(space: Countable) -> Integers:
    """Every architecture of a small space that meets the budget, by its flat index in the product of the grids.

    Raises:
        InvalidInput: The space has more than ten million architectures.
    """
    if space.cardinality > ENUMERABLE:
        raise InvalidInput(
            f"a space of {space.cardinality:,} architectures is too large to enumerate; restrict it to "
            f"{ENUMERABLE:,} or fewer."
        )
    kept = []
    for start in range(0, space.cardinality, _CHUNK):
        flat = np.arange(start, min(start + _CHUNK, space.cardinality))
        values = space.values_at(grid_indices(space, flat))
        kept.append(flat[space.budget.admits(space.complexities(values))])
    return np.concatenate(kept)


def grid_indices(space: Countable, flat: Integers) -> list[Integers]:
    """The index in each distribution's grid for flat indices in the product of all grids."""
    sizes = tuple(distribution.size for distribution in space.distributions)
    return [np.asarray(index) for index in np.unravel_index(flat, sizes)]


def _count_exactly(space: Countable) -> int:
    if not space.budget.limits():
        return space.cardinality
    if _is_staged(space):
        try:
            return _count_staged(space)
        except _TooMuchError:
            pass
    if space.cardinality > ENUMERABLE:
        raise _TooMuchError
    return len(admitted(space))


def _estimate(space: Countable) -> Count:
    rng, hits = np.random.default_rng(0), 0
    for _ in range(_SAMPLED // (_CHUNK // 4)):
        values = space.values_at([rng.integers(d.size, size=_CHUNK // 4) for d in space.distributions])
        hits += int(np.count_nonzero(space.budget.admits(space.complexities(values))))
    p, half = hits / _SAMPLED, _Z**2 / (2 * _SAMPLED)
    reach = _Z * math.sqrt(p * (1 - p) / _SAMPLED + half / (2 * _SAMPLED))
    # The two sides cancel at no hit and at all hits; rounding must not leave a rest.
    low = max(0.0, (p + half - reach) / (1 + 2 * half)) if hits else 0.0
    high = min(1.0, (p + half + reach) / (1 + 2 * half)) if hits < _SAMPLED else 1.0
    # In fractions: the cardinality may have more digits than a float.
    ends = math.floor(Fraction(low) * space.cardinality), math.ceil(Fraction(high) * space.cardinality)
    return Count(space.cardinality * hits // _SAMPLED, *ends, exact=False)


def _is_staged(space: Countable) -> bool:
    """Whether the family has segments over which the limited measures add up, and no distribution draws
    hyperparameters of two of them together."""
    family = families.get(space.family)
    if not hasattr(family, "segments") or not all(MEASURES.get(name).additive for name in space.budget.limits()):
        return False
    segments = [set(names) for names in cast("families.StagedFamily", family).segments()]
    return all(any(set(d.names) <= names for names in segments) for d in space.distributions)


def _count_staged(space: Countable) -> int:
    """Walk the stages, keeping for every interface value the list of partial sums that lead to it."""
    family = cast("families.StagedFamily", families.get(space.family))
    stages = len(family.segments())
    limits = list(space.budget.limits().values())
    highest = np.asarray([high for _, high in limits])
    # Partial sums so far, by the value of the last interface; shape (sums, measures).
    partial: dict[int, Integers] = {0: np.zeros((1, len(limits)), dtype=np.int64)}
    formed = 0
    for stage in range(stages - 1):
        _within(_POINTS, math.prod(d.size for d in _own(space, family, stage)) * len(partial))
        following: dict[int, list[Integers]] = {}
        kept = sum(sums.size for sums in partial.values())
        for before, sums in partial.items():
            for after, summands in _summands(space, family, stage, before).items():
                formed = _within(_FORMED, formed + len(sums) * len(summands))
                for joined in _joined(sums, summands, highest):
                    following.setdefault(after, []).append(joined)
                    kept = _within(_KEPT, kept + joined.size)
        partial = {after: np.concatenate(parts) for after, parts in following.items()}
    _within(_POINTS, math.prod(d.size for d in _own(space, family, stages - 1)) * len(partial))
    if len(limits) > 2:
        points = math.prod(d.size for d in _own(space, family, stages - 1))
        _within(_PAIRS, sum(len(sums) for sums in partial.values()) * points)
    total = 0
    for before, sums in partial.items():
        last = np.concatenate(list(_summands(space, family, stages - 1, before).values()))
        total += _completions(sums, last, limits)
    return total


def _within(limit: int, work: int) -> int:
    if work > limit:
        raise _TooMuchError
    return work


def _joined(sums: Integers, summands: Integers, highest: NDArray[np.float64]) -> list[Integers]:
    """Every sum with every summand, without those that exceed a limit already; a part of them at a time."""
    rows = max(1, (1 << 20) // len(summands))
    found = []
    for start in range(0, len(sums), rows):
        together = (sums[start : start + rows, None, :] + summands[None, :, :]).reshape(-1, sums.shape[1])
        found.append(together[(together <= highest).all(axis=1)])
    return found


def _own(space: Countable, family: families.StagedFamily, stage: int) -> list[Distribution]:
    """The distributions that draw a stage's hyperparameters."""
    return [d for d in space.distributions if set(d.names) <= set(family.segments()[stage])]


def _summands(space: Countable, family: families.StagedFamily, stage: int, before: int) -> dict[int, Integers]:
    """The limited measures of a stage for each of its grid points, grouped by the interface value it hands on."""
    own = _own(space, family, stage)
    indices = np.indices([d.size for d in own]).reshape(len(own), -1)
    values = {
        name: d.points[index, column]
        for d, index in zip(own, indices, strict=True)
        for column, name in enumerate(d.names)
    }
    sizes: dict[str, Integers | int] = dict(values)
    if stage:
        sizes[family.interface(stage - 1)] = before
    plan = family.segment_plan(stage, sizes, space.num_classes, space.channels)
    limited = space.budget.limits()
    measures = complexity_of_plan(plan, family.segment_resolution(stage, space.resolution), limited).as_dict()
    table = np.stack([np.broadcast_to(measures[name], indices.shape[1:]) for name in limited], axis=1)
    handed_on = values[family.interface(stage)]
    return {int(value): table[handed_on == value] for value in np.unique(handed_on)}


def _completions(sums: Integers, last: Integers, limits: Limits) -> int:
    """Pairs of a partial sum and a last summand whose total meets every limit."""
    counters: dict[int, Callable[[Integers, Integers, Limits], int]] = {1: _complete_one, 2: _complete_two}
    if len(limits) == 2 and len(last) > _TABLE:
        _within(_PAIRS, len(sums) * len(last))
        return _complete_any(sums, last, limits)
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
    for axis in (0, 1):
        np.cumsum(table, axis=axis, out=table)
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
