"""Budgets: closed intervals that an architecture's complexity must lie in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netlore.errors import InvalidInput
from netlore.space.complexity import MEASURES, Complexity

Range = tuple[float, float]


@dataclass(frozen=True)
class Budget:
    """A closed interval per measure, or None where the measure is free.

    Attributes:
        flops: Multiply-adds, for example (10e6, 50e6) as in the paper.
        params: Parameters.
        activations: Outputs of convolutions and of the classifier.
    """

    flops: Range | None = None
    params: Range | None = None
    activations: Range | None = None

    def __post_init__(self) -> None:
        for measure, (low, high) in self.limits().items():
            if not 0 <= low <= high:
                raise InvalidInput(f"the budget {measure} = {low:g} to {high:g} is empty; give 0 <= low <= high.")

    def limits(self) -> dict[str, Range]:
        """The intervals that are set, by measure."""
        given = {measure: getattr(self, measure) for measure in MEASURES}
        return {measure: limits for measure, limits in given.items() if limits is not None}

    def admits(self, complexity: Complexity) -> NDArray[np.bool_]:
        """Which networks meet every limit; the shape is that of the complexity's arrays."""
        measures = complexity.as_dict()
        admitted = np.ones(np.shape(complexity.flops), dtype=np.bool_)
        for measure, (low, high) in self.limits().items():
            admitted = admitted & (measures[measure] >= np.float64(low)) & (measures[measure] <= np.float64(high))
        return admitted

    def __str__(self) -> str:
        """Readable: `10M to 50M FLOPs`, or `no budget`."""
        words = {"flops": "FLOPs", "params": "parameters", "activations": "activations"}
        parts = [
            f"{_short(low)} to {_short(high)} {words[measure]}" for measure, (low, high) in self.limits().items()
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
