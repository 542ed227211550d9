"""Distributions over finite grids of integers, and the intervals that narrow them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netlore.errors import InvalidInput

LARGEST = 2**31 - 1  # value of a hyperparameter
MOST_POINTS = 100_000  # of a grid


class Interval(NamedTuple):
    """A closed interval of hyperparameter values; `Interval(15, 15)` is a single value."""

    low: int
    high: int

    def __str__(self) -> str:
        """As in the paper's Table I: `15`, or `[16, 32]`."""
        return str(self.low) if self.low == self.high else f"[{self.low}, {self.high}]"


@dataclass(frozen=True)
class Distribution:
    """A joint distribution of k hyperparameters over a finite grid: n rows of k values, without repetition, and n
    positive weights, proportional to their probabilities."""

    names: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]
    weights: tuple[float, ...]

    @property
    def size(self) -> int:
        """Number of grid points."""
        return len(self.rows)

    @cached_property
    def points(self) -> NDArray[np.int64]:
        """The grid points as an array of shape (n, k)."""
        return np.asarray(self.rows, dtype=np.int64).reshape(self.size, len(self.names))

    @cached_property
    def members(self) -> frozenset[tuple[int, ...]]:
        """The grid points as a set."""
        return frozenset(self.rows)

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """The n probabilities, which add up to 1."""
        weights = np.asarray(self.weights, dtype=np.float64)
        return np.asarray(weights / weights.sum(), dtype=np.float64)

    def grid(self, name: str) -> tuple[int, ...]:
        """The values that one hyperparameter can take, ascending."""
        column = self.names.index(name)
        return tuple(sorted({row[column] for row in self.rows}))

    def draw(self, rng: np.random.Generator, count: int) -> NDArray[np.int64]:
        """Indices of `count` independent grid points, shape (count,)."""
        cumulative = np.cumsum(self.probabilities)
        found = np.searchsorted(cumulative, rng.random(count), side="right")
        return np.minimum(found, self.size - 1)

    def restrict(self, intervals: Mapping[str, tuple[int, int]]) -> Distribution:
        """The same distribution, conditional on every named hyperparameter lying in its interval.

        Never widens: what lies outside the present grid stays outside. For the distributions of this module
        the conditional distribution is the one that a new construction over the narrower range would give.

        Raises:
            InvalidInput: No grid point is left.
        """
        bounds = [intervals.get(name) for name in self.names]
        kept = [
            index
            for index, row in enumerate(self.rows)
            if all(
                bound is None or bound[0] <= value <= bound[1] for value, bound in zip(row, bounds, strict=True)
            )
        ]
        if not kept:
            asked = ", ".join(
                f"{name} in {Interval(*intervals[name])}" for name in self.names if name in intervals
            )
            have = ", ".join(f"{name} from {_listed(self.grid(name))}" for name in self.names)
            raise InvalidInput(f"{asked} leaves nothing of the design space; choose {have} that fit together.")
        return Distribution(self.names, tuple(self.rows[i] for i in kept), tuple(self.weights[i] for i in kept))


def uniform(name: str, low: int, high: int) -> Distribution:
    """Every whole number of the closed interval [low, high] with the same probability."""
    return choice(name, tuple(_range(name, low, high)))


def log_uniform(name: str, low: int, high: int) -> Distribution:
    """Log-uniform over the closed interval [low, high], quantised by ceiling.

    A real x is log-uniform on the half-open interval (low - min(1, low / 2), high] and rounded up, so that both
    ends can be drawn: P(v) is proportional to ln v - ln(v - 1), and P(1) to ln 2. For 1..16 the value 1 has
    probability ln 2 / ln 32 = 1/5.

    Source: the convention of pycls's samplers (Radosavovic et al. 2020), which the paper uses.
    """
    values = _range(name, low, high)
    weights = tuple(math.log(v / (v - min(1.0, v / 2))) for v in values)
    return Distribution((name,), tuple((v,) for v in values), weights)


def power_of_two(name: str, low: int, high: int) -> Distribution:
    """Every power of two in [low, high] with the same probability."""
    return choice(name, powers_of_two(name, low, high))


def choice(name: str, values: tuple[int, ...]) -> Distribution:
    """Every listed value with the same probability."""
    return joint((name,), tuple((value,) for value in values))


def joint(names: tuple[str, ...], rows: tuple[tuple[int, ...], ...]) -> Distribution:
    """Every listed combination of several hyperparameters with the same probability.

    The paper's widths and group widths are drawn so: of the pairs of powers of two w <= 512, g <= 32 the 45 in
    which g divides w.
    """
    if not rows or len(set(rows)) != len(rows):
        raise InvalidInput(
            f"the grid of {', '.join(names)} = {rows!r} is empty or repeats a value; list each value once."
        )
    _check_size(", ".join(names), len(rows))
    for row in rows:
        for name, value in zip(names, row, strict=True):
            check_whole(name, value, -LARGEST, LARGEST)
    return Distribution(names, rows, (1.0,) * len(rows))


def powers_of_two(name: str, low: int, high: int) -> tuple[int, ...]:
    """The powers of two in [low, high], ascending."""
    _check_range(name, low, high)
    values = tuple(2**k for k in range(high.bit_length()) if low <= 2**k <= high)
    if not values:
        raise InvalidInput(f"{name} from {low} to {high} holds no power of two; widen the range.")
    return values


def check_whole(name: str, value: object, low: int, high: int) -> int:
    """A whole number of a closed interval, as Python's own integer.

    Raises:
        InvalidInput: It is none: True, 2.0, nan and "4" are refused, numpy's integers welcome.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise InvalidInput(f"{name} = {value!r} is not a whole number; give an integer.")
    number = int(value)
    if number < low == 1:
        raise InvalidInput(f"{name} = {_short(number)} is not positive; choose 1 or more.")
    if not low <= number <= high:
        raise InvalidInput(f"{name} = {_short(number)} is out of range; choose {low:,} to {high:,}.")
    return number


def _range(name: str, low: int, high: int) -> range:
    _check_range(name, low, high)
    _check_size(name, high - low + 1)
    return range(low, high + 1)


def _check_range(name: str, low: int, high: int) -> None:
    if not 1 <= low <= high:
        raise InvalidInput(
            f"{name} from {low} to {high} is not a range of positive values; give 1 <= low <= high."
        )
    check_whole(f"the highest {name}", high, 1, LARGEST)


def _check_size(name: str, size: int) -> None:
    if size > MOST_POINTS:
        raise InvalidInput(f"the grid of {name} has {size:,} points; choose {MOST_POINTS:,} or fewer.")


def _short(number: int) -> str:
    if abs(number) < 10**15:
        return str(number)
    return f"{float(number):.1g}" if abs(number) < 10**300 else "a huge number"


def _listed(values: tuple[int, ...]) -> str:
    shown = values if len(values) <= 10 else (*values[:3], "...", values[-1])
    return "{" + ", ".join(str(value) for value in shown) + "}"
