"""Distributions over finite grids of numbers and names."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlore.analysis.interval_overlap import holds
from netlore.arguments import validated
from netlore.errors import InvalidInput, shown
from netlore.space.family import Value
from netlore.space.interval import Interval as Interval
from netlore.space.interval import Kept as Kept
from netlore.space.interval import Subset as Subset
from netlore.space.interval import is_category as is_category
from netlore.space.interval import is_single as is_single

LARGEST = 2**31 - 1  # value of a hyperparameter
MOST_POINTS = 100_000  # of a grid


@dataclass(frozen=True)
class Distribution:
    """A joint distribution of k hyperparameters over a finite grid: n rows of k values, without repetition, and n
    positive weights, proportional to their probabilities. Values are numbers, or the names of a category."""

    names: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    weights: tuple[float, ...]

    @property
    def size(self) -> int:
        """Number of grid points."""
        return len(self.rows)

    @cached_property
    def columns(self) -> dict[str, NDArray[Any]]:
        """The grid points as an array for each hyperparameter, shape (n,): of whole numbers, real numbers or
        names."""
        columns = map(np.asarray, zip(*self.rows, strict=True))
        return dict(zip(self.names, columns, strict=True))

    @cached_property
    def members(self) -> frozenset[tuple[Value, ...]]:
        """The grid points as a set."""
        return frozenset(self.rows)

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """The n probabilities, which add up to 1."""
        weights = np.asarray(self.weights, dtype=np.float64)
        return np.asarray(weights / weights.sum(), dtype=np.float64)

    def grid(self, name: str) -> tuple[Any, ...]:
        """The values that one hyperparameter can take: numbers ascending, names as they come."""
        column = self.names.index(name)
        found = dict.fromkeys(row[column] for row in self.rows)
        return tuple(found) if is_category(found) else tuple(sorted(found))

    def draw(self, rng: np.random.Generator, count: int) -> NDArray[np.int64]:
        """Indices of `count` independent grid points, shape (count,)."""
        cumulative = np.cumsum(self.probabilities)
        found = np.searchsorted(cumulative, rng.random(count), side="right")
        return np.minimum(found, self.size - 1)

    def restrict(self, kept: Mapping[str, Collection[Any]]) -> Distribution:
        """The same distribution, conditional on every named hyperparameter lying in its interval (low, high), or
        among its names.

        Never widens: what lies outside the present grid stays outside. For the distributions of this module
        the conditional distribution is the one that a new construction over the narrower range would give.

        Raises:
            InvalidInput: No grid point is left, or a category is given an interval.
        """
        wanted = [self._wanted(name, kept[name]) if name in kept else None for name in self.names]
        left = [
            index
            for index, row in enumerate(self.rows)
            if all(one is None or holds(one, value) for value, one in zip(row, wanted, strict=True))
        ]
        if not left:
            asked = ", ".join(
                f"{n} in {one}" for n, one in zip(self.names, wanted, strict=True) if one is not None
            )
            have = ", ".join(f"{name} from {_listed(self.grid(name))}" for name in self.names)
            raise InvalidInput(f"{asked} leaves nothing of the design space; choose {have} that fit together.")
        return Distribution(self.names, tuple(self.rows[i] for i in left), tuple(self.weights[i] for i in left))

    def _wanted(self, name: str, kept: Collection[Any]) -> Kept:
        names = [isinstance(one, str) for one in kept]
        if is_category(self.grid(name)):
            if isinstance(kept, str) or not all(names):
                raise InvalidInput(
                    f"{name} = {kept!r} is no set of names; give some of {_listed(self.grid(name))}."
                )
            return Subset(kept)
        if isinstance(kept, str) or len(kept) != 2 or any(names):
            raise InvalidInput(f"{name} = {kept!r} is no interval; give (low, high).")
        return Interval(*kept)


@validated
def uniform(name: str, low: int, high: int) -> Distribution:
    """Every whole number of the closed interval [low, high] with the same probability."""
    return choice(name, tuple(_range(name, low, high)))


@validated
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


@validated
def power_of_two(name: str, low: int, high: int) -> Distribution:
    """Every power of two in [low, high] with the same probability."""
    return choice(name, powers_of_two(name, low, high))


@validated
def choice(name: str, values: Sequence[Value]) -> Distribution:
    """Every listed value with the same probability: numbers, or the names of a category."""
    return joint((name,), [(value,) for value in values])


@validated
def product(grids: Mapping[str, Sequence[Value]], where: Callable[..., bool]) -> Distribution:
    """Every combination of values that fulfils a constraint, with the same probability.

    >>> product({"width": (8, 12), "groups": (2, 3)}, lambda width, groups: width % groups == 0).rows
    ((8, 2), (12, 2), (12, 3))
    """
    rows = [row for row in itertools.product(*grids.values()) if where(*row)]
    return joint(tuple(grids), rows)


@validated
def joint(names: Sequence[str], rows: Sequence[tuple[Value, ...]]) -> Distribution:
    """Every listed combination of several hyperparameters with the same probability.

    The paper's widths and group widths are drawn so: of the pairs of powers of two w <= 512, g <= 32 the 45 in
    which g divides w.
    """
    if not names or any(len(row) != len(names) for row in rows):
        raise InvalidInput(
            f"rows = {shown(rows)} have no value for each of {shown(names)}; give rows of as many values as names."
        )
    checked = [tuple(_value(*pair) for pair in zip(names, row, strict=True)) for row in rows]
    if not rows or len(set(rows)) != len(rows):
        raise InvalidInput(
            f"the grid of {', '.join(names)} = {tuple(rows)!r} is empty or repeats a value; list each value once."
        )
    _check_size(", ".join(names), len(rows))
    columns = [_alike(name, column) for name, column in zip(names, zip(*checked, strict=True), strict=True)]
    return Distribution(tuple(names), tuple(zip(*columns, strict=True)), (1.0,) * len(rows))


def _alike(name: str, column: tuple[Value, ...]) -> tuple[Value, ...]:
    """All names, all whole or all real: 1 and 2.5 are both real."""
    if len({isinstance(value, str) for value in column}) > 1:
        raise InvalidInput(f"the grid of {name} = {_listed(column)} mixes numbers and names; give one of both.")
    return tuple(map(float, column)) if any(isinstance(value, float) for value in column) else column


def _value(name: str, value: Any) -> Value:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Real) and not isinstance(value, bool | Integral):
        if not -LARGEST <= float(value) <= LARGEST:
            raise InvalidInput(f"{name} = {value} is out of range; choose {-LARGEST:,} to {LARGEST:,}.")
        return float(value)
    return check_whole(name, value, -LARGEST, LARGEST)


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


def _listed(values: Sequence[Value]) -> str:
    shown = values if len(values) <= 10 else (*values[:3], "...", values[-1])
    return "{" + ", ".join(str(value) for value in shown) + "}"
