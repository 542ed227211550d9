"""Budgets: closed intervals that an architecture's complexity must lie in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from netlore.errors import InvalidInput, WrongArgument
from netlore.space.complexity import BUILT_IN, LABELS, MEASURES, Complexity

Range = tuple[float, float]


class Limits(TypedDict, total=False):
    """Keywords of functions that make design spaces: closed intervals of FLOPs, parameters and activations, for
    example flops=(10e6, 50e6) as in the paper, and by name, in `budget`, of any measures. None is free."""

    flops: Range | None
    params: Range | None
    activations: Range | None
    budget: Mapping[str, Range] | None


@dataclass(frozen=True)
class Budget:
    """A closed interval per measure, for example 10e6 to 50e6 flops as in the paper; None is free. `others` are
    intervals of measures that other packages add, by name.

    Raises:
        UnknownName: A measure is not registered.
        InvalidInput: An interval is empty.
    """

    flops: Range | None = None
    params: Range | None = None
    activations: Range | None = None
    others: tuple[tuple[str, Range], ...] = ()

    def __post_init__(self) -> None:
        for name, (low, high) in self.limits().items():
            MEASURES.get(name)
            if not 0 <= low <= high:
                raise InvalidInput(f"the budget {name} = {low:g} to {high:g} is empty; give 0 <= low <= high.")

    @staticmethod
    def of(limits: Mapping[str, Range | None]) -> Budget:
        """A budget from its intervals by measure.

        Raises:
            InvalidInput: An interval is not a pair of numbers, or as `Budget`.

        >>> str(Budget.of({"flops": (10e6, 50e6), "params": None}))
        '10M to 50M FLOPs'
        """
        for name, one in limits.items():
            if one is not None and not (isinstance(one, tuple | list) and len(one) == 2):
                raise InvalidInput(f"the budget {name} = {one!r} is not an interval; give (low, high).")
        given = {name: (one[0], one[1]) for name, one in limits.items() if one is not None}
        own = {name: given.pop(name) for name in BUILT_IN if name in given}
        return Budget(**own, others=tuple(given.items()))

    @staticmethod
    def from_keywords(budget: Mapping[str, Range] | None = None, **limits: Any) -> Budget:
        """A budget from the keywords `Limits`, or from those of other measures.

        Raises:
            WrongArgument: A keyword is no measure.

        >>> str(Budget.from_keywords(flops=(10e6, 50e6), budget={"params": (0, 1e5)}))
        '10M to 50M FLOPs, 0 to 100k parameters'
        """
        for name in limits:
            if name not in MEASURES:
                known = ", ".join(MEASURES)
                raise WrongArgument(f"got an unexpected keyword argument {name!r}; limits are of {known}.")
        return Budget.of({**limits, **(budget or {})})

    def limits(self) -> dict[str, Range]:
        """The intervals that are set, by measure."""
        given = {"flops": self.flops, "params": self.params, "activations": self.activations, **dict(self.others)}
        return {name: limits for name, limits in given.items() if limits is not None}

    def binding(self) -> dict[str, Range]:
        """Those of the intervals that a network can miss: a limit from 0 to infinity only asks for a column."""
        return {name: limits for name, limits in self.limits().items() if limits != (0, math.inf)}

    def in_steps(self) -> list[Range]:
        """The binding intervals in the steps of their measures, so that they admit the same networks.

        >>> Budget.of({"flops": (10e6, 50e6), "params": (0, math.inf)}).in_steps()
        [(10000000.0, 50000000.0)]
        """
        return [_in_steps(limits, MEASURES.get(name).steps) for name, limits in self.binding().items()]

    def admits(self, complexity: Complexity) -> NDArray[np.bool_]:
        """Which networks meet every limit; the shape is that of the complexity's arrays."""
        measures = complexity.as_dict()
        admitted = np.ones(np.shape(complexity.flops), dtype=np.bool_)
        for name, (low, high) in self.binding().items():
            if name not in measures:  # as of torch modules, which have no plan
                raise InvalidInput(
                    f"networks of this space have no measure {name!r}; limit {', '.join(measures)} instead."
                )
            admitted = admitted & (measures[name] >= np.float64(low)) & (measures[name] <= np.float64(high))
        return admitted

    def __str__(self) -> str:
        """Readable: `10M to 50M FLOPs`, or `no budget`."""
        parts = [
            f"{short(low)} to {short(high)} {LABELS[name].unit}" for name, (low, high) in self.limits().items()
        ]
        return ", ".join(parts) or "no budget"


NO_BUDGET = Budget()


# Up to here whole numbers are exact as real ones.
_EXACT = 2**53


def _in_steps(limits: Range, steps: int) -> Range:
    low, high = (one * steps for one in limits)
    if steps > 1 and low < _EXACT:
        # Quotients, which are rounded, decide, as where networks are looked at one by one.
        near = math.floor(low)
        low = next(step for step in range(near - 1, near + 3) if step / steps >= limits[0])
    if steps > 1 and high < _EXACT:
        high = next(
            step for step in range(math.ceil(high) + 1, math.ceil(high) - 3, -1) if step / steps <= limits[1]
        )
    return low, high


_FACTORS = {"G": 1e9, "M": 1e6, "k": 1e3}


def short(value: float) -> str:
    """A number as in budgets.

    >>> short(20e6), short(1234567), short(float("inf"))
    ('20M', '1.23457M', 'infinity')
    """
    if math.isinf(value):
        return "infinity"
    for letter, factor in _FACTORS.items():
        if value >= factor:
            return f"{value / factor:g}{letter}"
    return f"{value:g}"


def number(given: str | float) -> float:
    """A number as people write it, whose last letter may be k, M or G, or a number.

    Raises:
        ValueError: It is none.

    >>> number("20M"), number("2e6"), number("inf")
    (20000000.0, 2000000.0, inf)
    """
    text = str(given)
    try:
        return float(text[:-1]) * _FACTORS[text[-1:]] if text[-1:] in _FACTORS else float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number; write, for example, 20M or 2e7") from None
