"""What is left of a hyperparameter: an interval of numbers, or a subset of names."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from netlore.space.family import Value


class Interval(NamedTuple):
    """A closed interval of hyperparameter values; `Interval(15, 15)` is a single value."""

    low: Any
    high: Any

    def __str__(self) -> str:
        """As in the paper's Table I: `15`, or `[16, 32]`."""
        return str(self.low) if self.low == self.high else f"[{self.low}, {self.high}]"


class Subset(tuple[str, ...]):
    """Names of a category, in its order."""

    def __str__(self) -> str:
        """`relu`, or `{relu, silu}`."""
        return self[0] if len(self) == 1 else f"{{{', '.join(self)}}}"


Kept = Interval | Subset
"""What is left of a hyperparameter."""


def is_category(grid: Collection[Value]) -> bool:
    """Whether a grid consists of names, which have no order, and not of numbers."""
    return any(isinstance(value, str) for value in grid)


def is_single(kept: Collection[Any]) -> bool:
    """Whether an interval or a subset is a single value."""
    return len(set(kept)) == 1
