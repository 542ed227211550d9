"""Counting architectures within a budget stage by stage: billions of them in a second.

Complexity is a sum over the stages, and a stage's summand depends on its own hyperparameters and on the width
before it. So the sums of all stages but the last are formed for each chain of widths, and for each of them the
last stage's summands that complete it to the budget are counted by looking up, not by adding: one limit is a
binary search in a sorted list, two are four entries of a table of two-dimensional prefix counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from netlore.space import families
from netlore.space.budget import Budget
from netlore.space.complexity import MEASURES, complexity_of_plan
from netlore.space.distribution import Distribution
from netlore.space.plan import Plan, Size, whole

Integers = NDArray[np.int64]
Limits = list[tuple[float, float]]

_CHUNK = 1 << 18
# No complexity comes near it; stands for an infinite limit.
_BEYOND = float(2**61)
# What counting stage by stage may take: points of a stage's grid whose complexity is computed, partial sums that
# are formed, numbers that are kept (8 bytes each, copied once or twice), and pairs that are looked at one by one.
_POINTS, _FORMED, _KEPT, _PAIRS = 4_000_000, 400_000_000, 30_000_000, 12_000_000_000
# Side of a table of prefix counts: 256 MB.
_TABLE = 8_000


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
    @property
    def is_planned(self) -> bool: ...
    def values_at(self, indices: list[Integers]) -> dict[str, NDArray[Any]]: ...
    def meets_budget(self, values: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]: ...


class TooMuchError(Exception):
    """Counting would take more memory or time than is allowed."""


def is_staged(space: Countable) -> bool:
    """Whether the family has segments over which the limited measures add up, and no distribution draws
    hyperparameters of two of them together."""
    family = families.get(space.family)
    if not hasattr(family, "segments") or not all(MEASURES.get(name).additive for name in space.budget.binding()):
        return False
    segments = [set(names) for names in cast("families.StagedFamily", family).segments()]
    return all(any(set(d.names) <= names for names in segments) for d in space.distributions)


def count_staged(space: Countable) -> int:
    """Walk the stages, keeping for every interface value the list of partial sums that lead to it.

    Raises:
        TooMuchError: It would take more than 1 GB or about twenty seconds.
    """
    family = cast("families.StagedFamily", families.get(space.family))
    stages = len(family.segments())
    limits = space.budget.in_steps()
    highest = np.asarray([high for _, high in limits])
    # Partial sums so far, by the value of the last interface; shape (sums, measures).
    partial: dict[int, Integers] = {0: np.zeros((1, len(limits)), dtype=np.int64)}
    formed = 0
    for stage in range(stages - 1):
        _within(_POINTS, math.prod(d.size for d in _own(space, family, stage)) * len(partial))
        following: dict[int, list[Integers]] = {}
        kept = sum(sums.size for sums in partial.values())
        for before, sums in partial.items():
            for after, summands in _summands(space, stage, before).items():
                formed = _within(_FORMED, formed + len(sums) * len(summands))
                for joined in _joined(sums, summands, highest):
                    following.setdefault(after, []).append(joined)
                    kept = _within(_KEPT, kept + joined.size)
        partial = {after: np.concatenate(parts) for after, parts in following.items()}
    points = math.prod(d.size for d in _own(space, family, stages - 1))
    _within(_POINTS, points * len(partial))
    if len(limits) > 2:
        _within(_PAIRS, sum(len(sums) for sums in partial.values()) * points)
    total = 0
    for before, sums in partial.items():
        last = np.concatenate(list(_summands(space, stages - 1, before).values()))
        total += _completions(sums, last, limits)
    return total


def _within(limit: int, work: int) -> int:
    if work > limit:
        raise TooMuchError
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


@dataclass(frozen=True, eq=False)
class Segment:
    """One stage of all architectures with the same interface value before it: a network for each grid point.

    Attributes:
        values: Its own hyperparameters, arrays of shape (points,).
        plan: Its plan, of arrays.
        resolution: At which it starts, in pixels.
        interface: What it hands on, shape (points,).
    """

    values: dict[str, NDArray[Any]]
    plan: Plan
    resolution: int
    interface: Integers

    def table(self, computed: Iterable[Size]) -> Integers:
        """What was computed of the plan as columns; shape (points, columns)."""
        return np.stack([np.broadcast_to(one, self.interface.shape) for one in computed], axis=1)


def segment(space: Countable, stage: int, before: int) -> Segment:
    """A stage of a space that `is_staged`, all of its grid points."""
    family = cast("families.StagedFamily", families.get(space.family))
    own = _own(space, family, stage)
    indices = np.indices([d.size for d in own]).reshape(len(own), -1)
    values = {
        name: column[index] for d, index in zip(own, indices, strict=True) for name, column in d.columns.items()
    }
    sizes: dict[str, Integers | int] = dict(values)
    if stage:
        sizes[family.interface(stage - 1)] = before
    plan = family.segment_plan(stage, sizes, space.num_classes, space.channels)
    resolution = family.segment_resolution(stage, space.resolution)
    return Segment(values, plan, resolution, values[family.interface(stage)])


def limited_measures(space: Countable, one: Segment) -> Integers:
    """The measures that the budget limits, in whole steps, for each point of a segment; shape (points, limits)."""
    limited = space.budget.binding()
    measures = complexity_of_plan(one.plan, one.resolution, limited).as_dict()
    steps = {name: MEASURES.get(name).steps for name in limited}
    # What is whole is left alone, as it may be larger than real numbers are exact.
    return one.table(whole(np.rint(measures[n] * k) if k > 1 else measures[n]) for n, k in steps.items())


def _summands(space: Countable, stage: int, before: int) -> dict[int, Integers]:
    """The limited measures of a stage for each of its grid points, grouped by its interface value."""
    one = segment(space, stage, before)
    table = limited_measures(space, one)
    return {int(value): table[one.interface == value] for value in np.unique(one.interface)}


def _completions(sums: Integers, last: Integers, limits: Limits) -> int:
    """Pairs of a partial sum and a last summand whose total meets every limit."""
    if len(limits) == 1:
        first, beyond = _window(np.sort(last[:, 0]), sums[:, 0], limits[0])
        return int((beyond - first).sum())
    if len(limits) == 2 and len(last) <= _TABLE:
        return _complete_two(sums, last, limits)
    _within(_PAIRS, len(sums) * len(last))
    return _complete_any(sums, last, limits)


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
    # Neighbours in this order have nearly the same window, so few pairs are formed and then dropped.
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
