"""How far refinements of different seeds agree, beyond what their intervals' widths would give by chance.

A wide interval holds other seeds' medians whatever was found: of medians that are drawn at random from the grid it
holds a share that equals its width. What is left of the containment after that is the agreement. The unit is the
seed: pairs of seeds share seeds, and hyperparameters of one seed belong together, so that intervals come from
resampled seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from netlore.analysis.interval_overlap import Grids, Kept, holds, interval_widths
from netlore.analysis.resampling import RESAMPLES, Statistic, resampled_counts, statistic_of
from netlore.arguments import Count, Seed, validated
from netlore.errors import InvalidInput

FEWEST = 5
"""Seeds from which on resampling says how sure an agreement is: of two, all resamples that have a pair are one."""


class SeedAgreement(NamedTuple):
    """How far n seeds agree.

    Attributes:
        containment: The share of ordered pairs of seeds and hyperparameters in which the interval of the one holds
            the median of the other.
        width: The share of the grids that intervals cover, in the mean.
        corrected: (containment - width) / (1 - width): 1 if all agree, 0 by chance; with its 95 % interval over
            resampled seeds, of five seeds or more. Undefined where nothing is narrowed.
        equal: The share of pairs of seeds and hyperparameters with equal medians.
        near: The same with medians at most one grid step apart; of a category, equal ones.
    """

    containment: float
    width: float
    corrected: Statistic
    equal: float
    near: float


@validated
def seed_agreement(
    found: Sequence[Mapping[str, Any]], grids: Grids, resamples: Count = RESAMPLES, seed: Seed = 0
) -> SeedAgreement:
    """Compare the intervals and medians of two or more seeds: of each hyperparameter (low, median, high), or a
    mapping of the names of a category to their shares, of which the largest counts as the median.

    Of a resample in which seed i is drawn c_i times, pairs (i, j), i != j, weigh c_i c_j; a seed is never compared
    with itself.

    Raises:
        InvalidInput: Fewer than two seeds, or a hyperparameter without an interval.

    >>> one = seed_agreement([{"d1": (1, 2, 4)}, {"d1": (3, 4, 4)}], {"d1": range(1, 9)})
    >>> one.containment, one.width, round(one.corrected.value, 3), one.equal, one.near
    (0.5, 0.375, 0.2, 0.0, 0.0)
    """
    n = len(found)
    if n < 2 or not grids:
        raise InvalidInput(f"{n} seeds of {len(grids)} hyperparameters cannot agree; give 2 or more of 1 or more.")
    kept = [{name: _kept(one[name]) for name in grids if name in one} for one in found]
    width = np.asarray([np.mean([*interval_widths(one, grids).values()]) for one in kept])
    middles = [{name: _middle(one[name]) for name in grids} for one in found]
    contains = np.asarray(
        [[np.mean([holds(one[name], other[name]) for name in grids]) for other in middles] for one in kept]
    )
    np.fill_diagonal(contains, 0)  # of no pair
    counts = np.concatenate([np.ones((1, n)), resampled_counts(n, resamples, seed)]).astype(np.float64)
    others = counts.sum(axis=1, keepdims=True) - counts
    pairs = (counts * others).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):  # of one seed again and again there is no pair
        held = np.einsum("ri,ij,rj->r", counts, contains, counts) / pairs
        wide = (counts * others) @ width / pairs
        corrected = (held - wide) / (1 - wide)
    steps = [
        abs(_place(grid, one[name]) - _place(grid, other[name]))
        if not isinstance(one[name], str)
        else 2 * (one[name] != other[name])
        for one, other in combinations(middles, 2)
        for name, grid in grids.items()
    ]
    return SeedAgreement(
        float(held[0]),
        float(wide[0]),
        statistic_of(corrected if n >= FEWEST else corrected[:1], n, "no interval is narrower than its grid"),
        float(np.mean([step == 0 for step in steps])),
        float(np.mean([step <= 1 for step in steps])),
    )


def _kept(entry: Any) -> Kept:
    return tuple(entry) if isinstance(entry, Mapping) else (entry[0], entry[-1])


def _middle(entry: Any) -> Any:
    return max(entry, key=entry.__getitem__) if isinstance(entry, Mapping) else entry[1]


def _place(grid: Sequence[Any], value: Any) -> int:
    return list(grid).index(value)
