"""The optimum of a design space, exactly: no network is scored, built, or drawn at random.

An objective that adds up over the stages of a network is at its highest within a budget where no stage can be
changed for the better. Billions of architectures are searched in seconds by branch and bound: stage by stage,
every partial sum is kept that can still come to a level. The bound of what the remaining stages can add is itself
exact but for combining limits: their highest sum within what is left of each limit alone. The level is lowered
until as many networks are found as asked for, so that the result is that of an enumeration.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from netlore.arguments import validated
from netlore.closed_forms.branch_and_bound import highest_of_stages
from netlore.closed_forms.objectives import OBJECTIVES, Objective
from netlore.errors import BudgetUnreachable, InvalidInput
from netlore.space.architecture import Architecture
from netlore.space.counting import Count, admitted, enumerable, unravelled
from netlore.space.design_space import DesignSpace
from netlore.space.family import plan_of
from netlore.space.interval import Interval, Kept, Subset, is_category
from netlore.space.staged_counting import Segment, TooMuchError, is_staged

SHARE = 1e-5
"""The best 0.001 % of a space."""
_MOST = 200_000  # networks of a share
_PIECE = 1 << 16

Share = Annotated[float, Field(gt=0, le=1)]


@dataclass(frozen=True, eq=False)
class Optimum:
    """The best architectures of a space by an objective.

    Attributes:
        space: The space, with its budget.
        objective: What was to be high.
        share: The share of the architectures within the budget that was asked for.
        within_budget: How many architectures are within the budget.
        values: Hyperparameters of the best of them, arrays of shape (n,): best first, of equals the one that has
            least of the first measure that the budget limits. n is the share, rounded up, and whoever equals the
            last one.
        highest: Their objectives, shape (n,), in units of `objective.unit`.
    """

    space: DesignSpace
    objective: Objective
    share: float
    within_budget: Count
    values: Mapping[str, NDArray[Any]]
    highest: NDArray[np.int64]

    @property
    def best(self) -> Architecture:
        """The optimum; of several, the first of `tied`."""
        return self.tied[0]

    @cached_property
    def tied(self) -> list[Architecture]:
        """All architectures whose objective is the highest."""
        return self._architectures(int((self.highest == self.highest[0]).sum()))

    @property
    def next_best(self) -> Architecture | None:
        """The best architecture that is not tied with the optimum, if it is among the best share."""
        behind = len(self.tied)
        return self._architectures(behind + 1)[-1] if behind < len(self.highest) else None

    def value(self, place: int = 0) -> float:
        """The objective of the architecture at that place, 0 the best."""
        return float(self.highest[place] * self.objective.unit)

    def intervals(self, count: int | None = None) -> dict[str, Kept]:
        """What the best `count` span of each hyperparameter, all of `values` if it is None."""
        found: dict[str, Kept] = {}
        for name, column in self.values.items():
            kept = set(column[:count].tolist())
            if is_category(kept):
                found[name] = Subset(one for one in self.space.grids[name] if one in kept)
            else:
                found[name] = Interval(min(kept), max(kept))
        return found

    @cached_property
    def measures(self) -> dict[str, NDArray[Any]]:
        """The complexities of the same architectures by measure, each of shape (n,)."""
        return measures_of(self.space, self.values)

    def _architectures(self, count: int) -> list[Architecture]:
        return self.space.architectures({name: column[:count] for name, column in self.values.items()})


@validated
def optimum(space: DesignSpace, predictor: str = "synflow", share: Share = SHARE) -> Optimum:
    """The architecture of a space that has the highest score by a predictor's closed form, and the best share.

    Args:
        space: A space of plans: of a family with segments, such as AnyNet, of any size; else of at most ten
            million architectures.
        predictor: One that has a closed form that adds up over stages, a name of `OBJECTIVES`.
        share: Of the architectures within the budget, the best of which are found; 1e-5 are 0.001 %.

    Raises:
        UnknownName: The predictor has no closed form.
        BudgetUnreachable: No architecture is within the budget.
        InvalidInput: The space is too large to search, or the share is.

    >>> from netlore.space.families.anynet import anynet
    >>> str(optimum(anynet(flops=(10e6, 50e6)).restrict({"w2": (16, 16), "b2": (1, 1)})).best)
    'd 16,16,16; w 8,16,32; g 8,16,32; b 1,1,1'
    """
    objective = OBJECTIVES.get(predictor)
    if not space.is_planned:
        raise InvalidInput(
            f"networks of the family {space.family} are torch modules, which have no closed form; choose a space "
            "of plans."
        )
    if not is_staged(space) and space.cardinality > enumerable(space):
        raise InvalidInput(
            f"a space of {space.cardinality:,} architectures of {space.family}, whose stages cannot be searched "
            f"one by one, is too large; restrict it to {enumerable(space):,} or fewer."
        )
    within = space.count_within_budget
    if not within.value:
        raise BudgetUnreachable(f"no architecture of {space.family} has {space.budget}; widen the budget.")
    count = math.ceil(Fraction(str(share)) * within.value)
    if count > _MOST:
        raise InvalidInput(
            f"share = {share:g} of {within} architectures is {count:,}; choose a share of {_MOST:,} or fewer."
        )
    values, highest = _staged(space, objective, count) if is_staged(space) else _listed(space, objective, count)
    return Optimum(space, objective, share, within, *_ordered(space, values, highest))


def _staged(space: DesignSpace, objective: Objective, count: int) -> tuple[Mapping[str, Any], NDArray[np.int64]]:
    def gains(stage: int, one: Segment) -> NDArray[np.int64]:
        return one.table([objective.in_units(one.plan, one.resolution)])[:, 0]

    try:
        values, highest = highest_of_stages(space, gains, count)
    except TooMuchError:
        raise InvalidInput(
            f"the best {count:,} of {space.cardinality:,} architectures take too much to find; lower the share, "
            "or restrict the space."
        ) from None
    return {name: values[name] for name in space.hyperparameters}, highest


def _listed(space: DesignSpace, objective: Objective, count: int) -> tuple[Mapping[str, Any], NDArray[np.int64]]:
    """Every architecture within the budget, one after the other."""
    flat = admitted(space)
    found = np.concatenate([*_objectives(space, objective, flat)])
    level = np.partition(found, len(found) - count)[len(found) - count]
    return space.values_at(unravelled(space, flat[found >= level])), found[found >= level]


def _objectives(space: DesignSpace, objective: Objective, flat: NDArray[np.int64]) -> Iterable[NDArray[np.int64]]:
    for start in range(0, len(flat), _PIECE):
        values = space.values_at(unravelled(space, flat[start : start + _PIECE]))
        plan = plan_of(space.family, values, space.num_classes, space.channels)
        yield np.broadcast_to(objective.in_units(plan, space.resolution), len(flat[start : start + _PIECE]))


def measures_of(space: DesignSpace, values: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Complexities by measure, of one shape with the hyperparameters."""
    shape = next(iter(values.values())).shape
    return {name: np.broadcast_to(one, shape) for name, one in space.complexities(values).as_dict().items()}


def _ordered(
    space: DesignSpace, values: Mapping[str, NDArray[Any]], highest: NDArray[np.int64]
) -> tuple[Mapping[str, NDArray[Any]], NDArray[np.int64]]:
    measures = measures_of(space, values)
    first = next(iter(space.budget.limits()), "flops")
    codes = [np.unique(column, return_inverse=True)[1].ravel() for column in values.values()]
    order = np.lexsort([*reversed(codes), measures[first], -highest])
    return {name: column[order] for name, column in values.items()}, highest[order]
