"""The highest sum over stages within a budget, exactly, among billions of architectures in seconds.

Of a space whose budget limits one measure, complexity is a sum over the stages, and so is what is maximised. A
stage's summands of complexity depend on its own hyperparameters and on the width before it. So for each width the
partial sums of all stages but the last are sorted by complexity, and each point of the last stage finds the
highest partial sum in the window that completes it to the budget: the maximum of a range, by a table of maxima of
ranges whose lengths are powers of two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from netlore.analysis import Floats
from netlore.errors import InvalidInput
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.complexity import complexity_of_plan
from netlore.space.design_space import DesignSpace
from netlore.space.staged_counting import is_staged

Summand = Callable[[int, Mapping[str, NDArray[Any]]], Floats]
"""From a stage, 0 for the first, and its hyperparameters by letter (d, w, g, b), arrays of shape (n,), to what it
adds, shape (n,); minus infinity: not allowed."""


class Optimum(NamedTuple):
    """The highest sum, and an architecture that has it."""

    value: float
    architecture: Architecture


@dataclass(frozen=True, eq=False)
class _Part:
    """Points of one stage, or partial sums: complexity, what was added up, and the values of hyperparameters, a
    row for each."""

    cost: NDArray[np.int64]
    sums: Floats
    rows: NDArray[np.int64]

    def chosen(self, which: NDArray[Any]) -> _Part:
        return _Part(self.cost[which], self.sums[which], self.rows[which])


def highest_sum(space: DesignSpace, summand: Summand) -> Optimum:
    """Find an architecture of a space whose sum over stages is highest; of equal ones any, always the same.

    Raises:
        InvalidInput: The space has no stages, its budget limits more than one measure, or nothing is allowed.
    """
    limits = space.budget.limits()
    if not is_staged(space) or len(limits) > 1:
        raise InvalidInput(
            f"a space of {space.family} under {len(limits)} limits cannot be searched stage by stage; choose a "
            "family with stages, such as anynet, and a budget of one measure."
        )
    family = cast("families.StagedFamily", families.get(space.family))
    low, high = next(iter(limits.values()), (0, np.inf))
    partial = {0: _Part(np.zeros(1, np.int64), np.zeros(1), np.zeros((1, 0), np.int64))}
    stages = len(family.segments())
    for stage in range(stages - 1):
        following: dict[int, list[_Part]] = {}
        for before, sums in partial.items():
            points = _points(space, family, stage, before, summand)
            own = list(family.segments()[stage]).index(family.interface(stage))
            for after in np.unique(points.rows[:, own]):
                joined = _joined(sums, points.chosen(points.rows[:, own] == after), float(high))
                following.setdefault(int(after), []).append(joined)
        partial = {after: _together(parts) for after, parts in following.items()}
    found = [
        _completed(sums, _points(space, family, stages - 1, before, summand), (float(low), float(high)))
        for before, sums in partial.items()
    ]
    nothing = (-np.inf, np.zeros(0, np.int64))
    value, row = max(found, key=lambda one: one[0], default=nothing)
    if not np.isfinite(value):
        raise InvalidInput(f"nothing of the space is allowed within the budget {space.budget}; widen it.")
    names = [name for names in family.segments() for name in names]
    values = {name: np.asarray([entry]) for name, entry in zip(names, row.tolist(), strict=True)}
    return Optimum(float(value), space.architectures(values)[0])


def _points(space: DesignSpace, family: families.StagedFamily, stage: int, before: int, summand: Summand) -> _Part:
    """Every point of a stage's grid that is allowed, behind a width."""
    names = family.segments()[stage]
    own = [one for one in space.distributions if set(one.names) <= set(names)]
    indices = np.indices([one.size for one in own]).reshape(len(own), -1)
    values = {n: column[i] for one, i in zip(own, indices, strict=True) for n, column in one.columns.items()}
    sizes: dict[str, Any] = dict(values)
    if stage:
        sizes[family.interface(stage - 1)] = before
    sums = np.asarray(summand(stage, {n.rstrip("0123456789"): column for n, column in values.items()}))
    cost = np.zeros(len(sums), np.int64)
    for name in space.budget.limits():
        plan = family.segment_plan(stage, sizes, space.num_classes, space.channels)
        resolution = family.segment_resolution(stage, space.resolution)
        cost = cost + complexity_of_plan(plan, resolution, (name,)).as_dict()[name]
    rows = np.stack([values[name] for name in names], axis=1)
    return _Part(cost, sums, rows).chosen(np.isfinite(sums))


def _joined(sums: _Part, points: _Part, high: float) -> _Part:
    """Every partial sum with every point, without those beyond the budget already."""
    one, other = (index.ravel() for index in np.indices((len(sums.cost), len(points.cost))))
    kept = sums.cost[one] + points.cost[other] <= high
    one, other = one[kept], other[kept]
    rows = np.concatenate((sums.rows[one], points.rows[other]), axis=1)
    return _Part(sums.cost[one] + points.cost[other], sums.sums[one] + points.sums[other], rows)


def _together(parts: Iterable[_Part]) -> _Part:
    """All of them, and of equal complexity the highest alone, in ascending order of complexity."""
    listed = list(parts)
    cost, sums = (np.concatenate([getattr(one, name) for one in listed]) for name in ("cost", "sums"))
    order = np.lexsort((-sums, cost))
    order = order[np.diff(cost[order], prepend=-1) != 0]
    return _Part(cost[order], sums[order], np.concatenate([one.rows for one in listed])[order])


def _completed(sums: _Part, points: _Part, limits: tuple[float, float]) -> tuple[float, NDArray[np.int64]]:
    """The highest sum of a partial sum and a point whose complexity meets the limits, and its row of values."""
    first = np.searchsorted(sums.cost, limits[0] - points.cost, side="left")
    beyond = np.searchsorted(sums.cost, limits[1] - points.cost, side="right")
    found = np.flatnonzero(first < beyond)
    if not len(found):
        return -np.inf, np.zeros(0, np.int64)
    highest = _maxima(sums.sums, first[found], beyond[found]) + points.sums[found]
    place = found[np.argmax(highest)]
    window = slice(first[place], beyond[place])
    row = sums.rows[window][np.argmax(sums.sums[window])]
    return float(highest.max()), np.concatenate((row, points.rows[place]))


def _maxima(values: Floats, first: NDArray[np.intp], beyond: NDArray[np.intp]) -> Floats:
    """The maximum of each half-open range of values: of the two ranges of 2^k values that cover it."""
    levels = np.frexp(beyond - first)[1] - 1
    found, table = np.empty(len(first)), values
    for level in range(int(levels.max()) + 1):
        at = levels == level
        found[at] = np.maximum(table[first[at]], table[beyond[at] - (1 << level)])
        half = 1 << level
        table = np.maximum(table[:-half], table[half:]) if half < len(table) else table
    return found
