"""How many architectures of a design space meet its budget: counted where that is possible, else estimated.

Counting stays below 1 GB and about twenty seconds. What would take more is estimated from a sample.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from netlore.errors import InvalidInput
from netlore.space.staged_counting import Countable, Integers, TooMuchError, count_staged, is_staged

# A space whose family has no segments is enumerated up to this size, some ten seconds; of modules, which have to
# be built one by one, up to the second.
ENUMERABLE, _ENUMERABLE_MODULES = 10_000_000, 500
_CHUNK = 1 << 18
# Architectures of a sample, of plans and of modules, and the standard errors of an interval of 95 %.
_SAMPLED, _SAMPLED_MODULES, _Z = 1 << 18, 1 << 8, 1.959964


@dataclass(frozen=True)
class Count:
    """A number of architectures, counted or estimated, and its 95 % interval: the number itself if it is exact."""

    value: int
    low: int
    high: int
    exact: bool

    def __str__(self) -> str:
        """`901,115,488`, or `about 9.01e+08 (8.93e+08 to 9.1e+08)`."""
        if self.exact:
            return f"{self.value:,}"
        return f"about {self.value:.3g} ({self.low:.3g} to {self.high:.3g})"


def count(space: Countable) -> Count:
    """Number of architectures of a space that meet its budget; never fails for the size of the space.

    A space that takes more than 1 GB or about twenty seconds to count is sampled: of n = 262,144 architectures of
    its grids (256 where each has to be built), all equally probable and always the same, k meet the budget. The
    estimate is k / n of the cardinality, its interval Wilson's: with p = k / n and z = 1.96,

        (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    try:
        exact = _count_exactly(space)
    except TooMuchError:
        return _estimate(space)
    return Count(exact, exact, exact, exact=True)


def admitted(space: Countable) -> Integers:
    """Every architecture of a small space that meets the budget, by its flat index in the product of the grids.

    Raises:
        InvalidInput: The space has more than ten million architectures.
    """
    if space.cardinality > enumerable(space):
        raise InvalidInput(
            f"a space of {space.cardinality:,} architectures is too large to enumerate; restrict it to "
            f"{enumerable(space):,} or fewer."
        )
    kept = []
    for start in range(0, space.cardinality, _CHUNK):
        flat = np.arange(start, min(start + _CHUNK, space.cardinality))
        values = space.values_at(unravelled(space, flat))
        kept.append(flat[space.meets_budget(values)])
    return np.concatenate(kept)


def enumerable(space: Countable) -> int:
    """Architectures that a space may have for each to be looked at."""
    return ENUMERABLE if space.is_planned else _ENUMERABLE_MODULES


def unravelled(space: Countable, flat: Integers) -> list[Integers]:
    """The index in each distribution's grid for flat indices in the product of all grids."""
    sizes = tuple(distribution.size for distribution in space.distributions)
    return [np.asarray(index) for index in np.unravel_index(flat, sizes)]


def _count_exactly(space: Countable) -> int:
    if not space.budget.binding():
        return space.cardinality
    if is_staged(space):
        try:
            return count_staged(space)
        except TooMuchError:
            pass
    if space.cardinality > enumerable(space):
        raise TooMuchError
    return len(admitted(space))


def _estimate(space: Countable) -> Count:
    rng, hits, sampled = np.random.default_rng(0), 0, _SAMPLED if space.is_planned else _SAMPLED_MODULES
    chunk = min(_CHUNK // 4, sampled)
    for _ in range(sampled // chunk):
        values = space.values_at([rng.integers(d.size, size=chunk) for d in space.distributions])
        hits += int(np.count_nonzero(space.meets_budget(values)))
    p, half = hits / sampled, _Z**2 / (2 * sampled)
    reach = _Z * math.sqrt(p * (1 - p) / sampled + half / (2 * sampled))
    # The two sides cancel at no hit and at all hits; rounding must not leave a rest.
    low = max(0.0, (p + half - reach) / (1 + 2 * half)) if hits else 0.0
    high = min(1.0, (p + half + reach) / (1 + 2 * half)) if hits < sampled else 1.0
    # In fractions: the cardinality may have more digits than a float.
    ends = math.floor(Fraction(low) * space.cardinality), math.ceil(Fraction(high) * space.cardinality)
    return Count(space.cardinality * hits // sampled, *ends, exact=False)
