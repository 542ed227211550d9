"""The highest sums over the stages of a space within its budget, stage by stage, by branch and bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from netlore.space import families
from netlore.space.design_space import DesignSpace
from netlore.space.staged_counting import Integers, Segment, TooMuchError, limited_measures, segment

NEVER = -(2**62)
"""What a point adds that is not allowed."""

# Partial sums that are formed for one level, and points of frontiers that are joined: each below 1 GB.
_FORMED, _JOINED, _AT_ONCE = 400_000_000, 40_000_000, 1 << 22
_BEYOND = float(2**61)


@dataclass(frozen=True, eq=False)
class _Options:
    """What a stage can be behind one interface value.

    Attributes:
        values: Hyperparameters, arrays of shape (points,).
        gains: What each adds to the objective, in units.
        costs: Limited measures, shape (points, limits); zeros in one column if nothing is limited.
        after: The interface value behind the stage.
    """

    values: Mapping[str, NDArray[Any]]
    gains: Integers
    costs: Integers
    after: Integers


@dataclass(frozen=True, eq=False)
class _Frontier:
    """The highest sum of the remaining stages by what they may cost: costs ascend, and so do sums."""

    costs: Integers
    sums: Integers

    def within(self, left: Integers) -> Integers:
        """The highest sum that costs at most what is left; `NEVER` if nothing does."""
        if not len(self.sums):
            return np.full(left.shape, NEVER)
        place = np.searchsorted(self.costs, left, side="right") - 1
        return np.where(place >= 0, self.sums[np.maximum(place, 0)], NEVER)


Gains = Callable[[int, Segment], Integers]
"""From a stage, 0 for the first, to what each of its points adds, whole numbers of shape (points,); `NEVER`: the
point is not allowed."""


def highest_of_stages(space: DesignSpace, gains: Gains, count: int) -> tuple[dict[str, NDArray[Any]], Integers]:
    """Hyperparameters and objectives of the `count` best architectures within the budget, and of all equal to the
    last; in no order. None if nothing is allowed.

    Args:
        space: A space that `is_staged`.
        gains: What is added up.
        count: Of all architectures within the budget, at most as many as there are.

    Raises:
        TooMuchError: It would take more than 1 GB, or minutes.
    """
    search = _Search(space, gains)
    top = search.bound(0, 0, np.zeros((1, len(search.highs)), dtype=np.int64))[0]
    if top <= NEVER // 2:
        return {name: np.zeros(0, dtype=np.int64) for name in space.hyperparameters}, np.zeros(0, dtype=np.int64)
    lowest = sum(min(int(one.gains.min(initial=0)) for one in found.values()) for found in search.options)
    step = max(1, abs(int(top)) >> 12)
    while True:
        values, found = search.above(int(top) - step)
        if int(top) - step <= lowest:  # these are all; an estimated number of architectures may be too high
            count = min(count, len(found))
        if len(found) >= count:
            kept = found >= np.partition(found, len(found) - count)[len(found) - count] if count else found > NEVER
            return {name: column[kept] for name, column in values.items()}, found[kept]
        # Their number grows with a high power of the step, so it grows little.
        step += step // 4 + 1


class _Search:
    """The options of all stages, and the frontiers behind each."""

    def __init__(self, space: DesignSpace, gains: Gains) -> None:
        limits = space.budget.in_steps() or [(0.0, np.inf)]
        lows, highs = (np.array(one, dtype=np.float64) for one in zip(*limits, strict=True))
        # Sums are whole, so real limits are rounded inwards first.
        self.lows = np.clip(np.ceil(lows), 0, _BEYOND).astype(np.int64)
        self.highs = np.clip(np.floor(highs), 0, _BEYOND).astype(np.int64)
        self.stages = len(cast("families.StagedFamily", families.get(space.family)).segments())
        self.options: list[dict[int, _Options]] = []
        befores = {0}
        for stage in range(self.stages):
            self.options.append({before: _options(space, gains, stage, before) for before in befores})
            befores = {int(one) for found in self.options[-1].values() for one in np.unique(found.after)}
        self.frontiers: list[dict[int, list[_Frontier]]] = [{} for _ in range(self.stages)]
        for stage in reversed(range(self.stages)):
            for before, found in self.options[stage].items():
                self.frontiers[stage][before] = [
                    self._frontier(stage, found, limit) for limit in range(len(self.highs))
                ]

    def bound(self, stage: int, before: int, costs: Integers) -> Integers:
        """At least what stages from `stage` on can add behind partial sums of those costs."""
        left = self.highs - costs
        frontiers = self.frontiers[stage][before]
        found: Integers = np.min([one.within(left[:, limit]) for limit, one in enumerate(frontiers)], axis=0)
        return found

    def above(self, level: int) -> tuple[dict[str, NDArray[Any]], Integers]:
        """All architectures within the budget whose objective is at least the level."""
        formed = 0
        start = np.zeros((1, len(self.highs)), dtype=np.int64)
        partial = {0: (np.zeros(1, dtype=np.int64), start, np.zeros((1, 0), dtype=np.int64))}
        for stage in range(self.stages):
            following: dict[int, list[tuple[Integers, Integers, Integers]]] = {}
            for before, (sums, costs, rows) in partial.items():
                options = self.options[stage][before]
                formed += len(sums) * len(options.gains)
                if formed > _FORMED:
                    raise TooMuchError
                size = max(1, _AT_ONCE // len(options.gains))
                for piece in (slice(first, first + size) for first in range(0, len(sums), size)):
                    for after, kept, point in self._kept(stage, options, level, sums[piece], costs[piece]):
                        one = (
                            sums[piece][kept] + options.gains[point],
                            costs[piece][kept] + options.costs[point],
                            # The option's place, and what led to it.
                            np.column_stack([rows[piece][kept], np.full(len(kept), before), point]),
                        )
                        following.setdefault(after, []).append(one)
            partial = {
                after: (np.concatenate(a), np.concatenate(b), np.concatenate(c))
                for after, (a, b, c) in ((after, zip(*parts, strict=True)) for after, parts in following.items())
            }
        return self._values([rows for _, _, rows in partial.values()]), np.concatenate(
            [np.zeros(0, dtype=np.int64), *(sums for sums, _, _ in partial.values())]
        )

    def _kept(
        self, stage: int, options: _Options, level: int, sums: Integers, costs: Integers
    ) -> list[tuple[int, Integers, Integers]]:
        """Pairs of a partial sum and an option that can come to the level, by the interface value behind them."""
        found = []
        for after in np.unique(options.after):
            points = np.flatnonzero(options.after == after)
            together = (costs[:, None, :] + options.costs[None, points, :]).reshape(-1, costs.shape[1])
            reached = (sums[:, None] + options.gains[None, points]).ravel()
            if stage + 1 < self.stages:
                fits = reached + self.bound(stage + 1, int(after), together) >= level
            else:
                fits = (reached >= level) & ((together >= self.lows) & (together <= self.highs)).all(axis=1)
            row, place = np.divmod(np.flatnonzero(fits), len(points))
            found.append((int(after), row, points[place]))
        return [one for one in found if len(one[1])]

    def _values(self, rows: list[Integers]) -> dict[str, NDArray[Any]]:
        """Hyperparameters from options: two columns a stage, the interface value before it and the place."""
        table = np.concatenate([np.zeros((0, 2 * self.stages), dtype=np.int64), *rows])
        found: dict[str, NDArray[Any]] = {}
        for stage, by_before in enumerate(self.options):
            befores, places = table[:, 2 * stage], table[:, 2 * stage + 1]
            for name, example in next(iter(by_before.values())).values.items():
                found[name] = np.empty(len(table), dtype=example.dtype)
                for before in np.unique(befores):
                    here = befores == before
                    found[name][here] = by_before[int(before)].values[name][places[here]]
        return found

    def _frontier(self, stage: int, options: _Options, limit: int) -> _Frontier:
        if stage + 1 == self.stages:
            return _ascending(options.costs[:, limit], options.gains)
        parts = [_Frontier(options.costs[:0, limit], options.gains[:0])]
        for after in np.unique(options.after):
            behind = self.frontiers[stage + 1][int(after)][limit]
            here = options.after == after
            first = _ascending(options.costs[here, limit], options.gains[here])
            if len(first.costs) * len(behind.costs) > _JOINED:
                raise TooMuchError
            parts.append(
                _ascending(
                    np.add.outer(first.costs, behind.costs).ravel(), np.add.outer(first.sums, behind.sums).ravel()
                )
            )
        return _ascending(np.concatenate([p.costs for p in parts]), np.concatenate([p.sums for p in parts]))


def _options(space: DesignSpace, gains: Gains, stage: int, before: int) -> _Options:
    one = segment(space, stage, before)
    found = gains(stage, one)
    costs = limited_measures(space, one) if space.budget.binding() else np.zeros((len(found), 1), dtype=np.int64)
    here = found > NEVER
    values = {name: column[here] for name, column in one.values.items()}
    return _Options(values, found[here], costs[here], one.interface[here])


def _ascending(costs: Integers, sums: Integers) -> _Frontier:
    """Without what costs as much as something higher, or more."""
    order = np.lexsort((-sums, costs))
    costs, sums = costs[order], sums[order]
    higher = np.maximum.accumulate(sums)
    kept = np.diff(higher, prepend=NEVER) > 0
    return _Frontier(costs[kept], sums[kept])
