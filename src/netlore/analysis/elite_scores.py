"""The best architectures of a refinement by the means of their scores, on the way and in the end; and their noise.

Scores are on the predictor's scale, in the order of scoring, shape (n,), n >= 1, architectures the n ids of what
was scored; what is not finite is no score. Best are the `elites` architectures with the highest means, or fewer.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from netlore.analysis import Column, Floats
from netlore.arguments import Shape, validated
from netlore.errors import InvalidInput

Codes = NDArray[np.intp]

ELITE = 12
"""How many of its best architectures a refinement is judged by; all, where it has fewer."""

_POINTS = 200  # at which a course is evaluated: more than a line in print can show


@dataclass(frozen=True, eq=False)
class Band:
    """The courses of replicates as one: numbers of networks scored, ascending, and at each of them the lowest, the
    median and the highest value of a replicate, shape (p,); NaN before the first score of all."""

    networks: Floats
    low: Floats
    middle: Floats
    high: Floats


@validated
def elite(scores: Column, architectures: Sequence[str], *, elites: int = ELITE) -> tuple[str, ...]:
    """Find the twelve best architectures of one refinement by the means of their scores, or fewer.

    Returns:
        Their ids, the best first; of equal means the smaller id, see `best_first`. None without any score.

    Raises:
        InvalidInput: No network, not as many ids as scores, or no elite.

    >>> elite(np.array([4.0, 2.0, 0.0, 1.0]), ["a", "b", "a", "c"], elites=2)
    ('a', 'b')
    """
    check_elites(scores, architectures, elites)
    known = mean_scores(scores, architectures)
    names = list(known)
    return tuple(names[i] for i in best_first([known[name][0] for name in names], names)[:elites])


def best_first(values: Iterable[float], names: Sequence[str]) -> list[int]:
    """Order by value, the highest first, and of equal values the smaller name: the one rule for ties.

    Whoever looks for the best of a run orders by this, so that all find the same.

    >>> best_first([1.0, 3.0, 3.0], ["a", "c", "b"])
    [2, 1, 0]
    """
    keys = [(-value, name) for value, name in zip(values, names, strict=True)]
    return sorted(range(len(keys)), key=keys.__getitem__)


def mean(values: Sequence[float]) -> float:
    """Give the mean as `means_of` does: of equal values it is that value to the last bit."""
    lowest, above = min(values), 0.0
    for value in values:
        above += value - lowest
    return lowest + above / len(values)


@validated
def elite_draws(scores: Column, architectures: Sequence[str], *, elites: int = ELITE) -> float:
    """Count the scores behind an elite score: how many each of the elites has, on average.

    The best of many means of one score each are the luckiest, too; an elite score holds the less luck, the more
    scores its architectures have. NaN without any score; errors as in `elite`.

    >>> elite_draws(np.array([4.0, 2.0, 0.0]), ["a", "b", "a"])
    1.5
    """
    best = elite(scores, architectures, elites=elites)
    known = mean_scores(scores, architectures)
    return float(np.mean([known[name][1] for name in best])) if best else math.nan


@validated
def mean_scores(
    scores: Column, architectures: Annotated[Sequence[str], Shape("n")]
) -> dict[str, tuple[float, int]]:
    """Give each architecture's mean score and how many it has, in the order of scoring; none without a score.

    >>> mean_scores(np.array([4.0, math.nan, 0.0]), ["a", "b", "a"])
    {'a': (2.0, 2)}
    """
    numbers: dict[Hashable, int] = {}
    values, draws = means_of(scores, numbered(architectures, numbers), len(numbers))
    return {str(name): (float(values[i]), int(draws[i])) for name, i in numbers.items() if draws[i]}


def check_elites(scores: Floats, architectures: Sequence[str], elites: int) -> None:
    """Refuse what has no elite."""
    if len(scores) == 0 or len(scores) != len(architectures):
        raise InvalidInput(
            f"An elite needs an architecture for each of one or more scores, and has {len(architectures)} for "
            f"{len(scores)}; give as many."
        )
    if elites < 1:
        raise InvalidInput(f"elites = {elites} is not positive; choose 1 or more.")


def numbered(names: Sequence[Hashable], numbers: dict[Hashable, int]) -> Codes:
    """Give the number of each name; a name that has none gets the next one, and `numbers` is updated."""
    return np.asarray([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.intp)


def means_of(scores: Floats, codes: Codes, count: int) -> tuple[Floats, Codes]:
    """Give the mean score of each code, NaN without one, and how many scores it has; both of shape (count,)."""
    finite = np.isfinite(scores)
    values, owners = scores[finite], codes[finite]
    draws = np.bincount(owners, minlength=count)
    # Sums of distances from the lowest score: the mean of equal scores is that score to the last bit.
    lowest = np.full(count, np.inf)
    np.minimum.at(lowest, owners, values)
    above = np.bincount(owners, values - lowest[owners], minlength=count)
    return np.where(draws > 0, lowest + above / np.maximum(draws, 1), np.nan), draws


def pooled_noise(scores: Floats, owners: Sequence[Hashable]) -> float | None:
    """Pool the standard deviations of the scores of each owner about their mean.

        noise = sqrt(sum_a sum_j (s_aj - m_a)^2 / sum_a (n_a - 1))

    with s_aj the n_a scores of owner a and m_a their mean; None if no owner has two scores.

    >>> pooled_noise(np.array([1.0, 3.0, 9.0, 9.0]), ["a", "a", "b", "b"])
    1.0
    """
    numbers: dict[Hashable, int] = {}
    codes = numbered(owners, numbers)
    means, draws = means_of(scores, codes, len(numbers))
    freedom = int((draws[draws > 0] - 1).sum())
    if freedom == 0:
        return None
    deviations = (scores - means[codes])[np.isfinite(scores)]
    return math.sqrt(math.fsum(deviations**2) / freedom)  # fsum: the same in any order of replicates


@validated
def elite_score(means: Column, elites: int = ELITE) -> float:
    """Give the mean of the highest means; NaN where there is none."""
    known = means[np.isfinite(means)]
    if len(known) == 0:
        return math.nan
    return float(np.sort(known if len(known) <= elites else np.partition(known, -elites)[-elites:]).mean())


@validated
def elite_course(scores: Column, architectures: Sequence[str], *, elites: int = ELITE) -> Floats:
    """Follow the elite score of one refinement: the mean of its twelve best architectures so far, or of fewer.

    Best are those with the highest mean of the scores so far, so the course falls where one of them is scored
    again and lower, and its end is the refinement's elite score.

    Returns:
        A row (networks scored, elite score so far) for each of up to 200 evenly spaced numbers of networks, the
        first 1 and the last n; NaN before the first score. Shape (p, 2).

    Raises:
        InvalidInput: No network, not as many ids as scores, or no elite.

    >>> elite_course(np.array([4.0, 2.0, 0.0]), ["a", "b", "a"]).tolist()
    [[1.0, 4.0], [2.0, 3.0], [3.0, 2.0]]
    """
    check_elites(scores, architectures, elites)
    numbers: dict[Hashable, int] = {}
    codes = numbered(architectures, numbers)
    ends = np.unique(np.linspace(1, len(scores), min(_POINTS, len(scores))).round().astype(np.intp))
    course = [elite_score(means_of(scores[:end], codes[:end], len(numbers))[0], elites) for end in ends]
    return np.column_stack((ends.astype(np.float64), course))


@validated
def band(courses: Sequence[Annotated[Floats, Shape("...", "2")]], points: int = _POINTS) -> Band:
    """Lay the courses of one or more replicates over each other, each as `elite_course` gives it.

    A course holds its value until its next row. A replicate that stopped keeps its last value: it has found what
    it has found. Before its first score it does not count. About `points` numbers of networks are evenly spaced
    from 1 to the end of the longest course.

    Raises:
        InvalidInput: No course, one without a row, or fewer than two points.

    The first replicate stops after 2 networks; at 3 it still has 5, and the median of 5 and 9 is 7:

    >>> one = band([np.array([[1.0, 4.0], [2.0, 5.0]]), np.array([[1.0, math.nan], [3.0, 9.0]])])
    >>> one.networks.tolist(), one.low.tolist(), one.middle.tolist(), one.high.tolist()
    ([1.0, 2.0, 3.0], [4.0, 5.0, 5.0], [4.0, 5.0, 7.0], [4.0, 5.0, 9.0])
    """
    if not courses or any(len(one) == 0 for one in courses):
        rows = [len(one) for one in courses]
        raise InvalidInput(f"A band needs courses of 1 row or more, and has {rows}; leave empty ones out.")
    if points < 2:
        raise InvalidInput(f"points = {points} is too few for a beginning and an end; choose 2 or more.")
    longest = int(max(one[-1, 0] for one in courses))
    networks = np.unique(np.linspace(1, longest, min(points, longest)).round())
    values = np.full((len(networks), len(courses)), math.nan)
    for number, one in enumerate(courses):
        last = np.searchsorted(one[:, 0], networks, side="right") - 1
        values[:, number] = np.where(last >= 0, one[last.clip(0), 1], math.nan)
    low, middle, high = np.full((3, len(networks)), math.nan)
    begun = np.isfinite(values).any(axis=1)  # without a value, numpy warns
    low[begun], high[begun] = np.nanmin(values[begun], axis=1), np.nanmax(values[begun], axis=1)
    middle[begun] = np.nanmedian(values[begun], axis=1)
    return Band(networks, low, middle, high)
