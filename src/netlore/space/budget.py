"""Budgets: closed intervals that an architecture's complexity must lie in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netlore.errors import InvalidInput
from netlore.space.complexity import BUILT_IN, LABELS, MEASURES, Complexity

Range = tuple[float, float]


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

    def limits(self) -> dict[str, Range]:
        """The intervals that are set, by measure."""
        given = {"flops": self.flops, "params": self.params, "activations": self.activations, **dict(self.others)}
        return {name: limits for name, limits in given.items() if limits is not None}

    def admits(self, complexity: Complexity) -> NDArray[np.bool_]:
        """Which networks meet every limit; the shape is that of the complexity's arrays."""
        measures = complexity.as_dict()
        admitted = np.ones(np.shape(complexity.flops), dtype=np.bool_)
        for name, (low, high) in self.limits().items():
            admitted = admitted & (measures[name] >= np.float64(low)) & (measures[name] <= np.float64(high))
        return admitted

    def __str__(self) -> str:
        """Readable: `10M to 50M FLOPs`, or `no budget`."""
        parts = [
            f"{_short(low)} to {_short(high)} {LABELS[name].unit}" for name, (low, high) in self.limits().items()
        ]
        return ", ".join(parts) or "no budget"


NO_BUDGET = Budget()


def _short(value: float) -> str:
    if math.isinf(value):
        return "infinity"
    for factor, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= factor:
            return f"{value / factor:g}{letter}"
    return f"{value:g}"
