"""Whether a refinement's scores rise and determine its intervals, from one run alone, whatever its seed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

from netlore.analysis import Floats
from netlore.errors import InvalidInput

LEAST = 0.95
"""Pairs of which a network of the last round must score higher than one of the first."""
LEVEL = 0.05
"""Of the test whether a round's networks score higher than those of the round before."""


class Determination(NamedTuple):
    """How far the scores of a refinement's last round stand out from those of the whole space.

    Attributes:
        superiority: Probability that a network of the last round scores higher than one of the first.
        supported: Number of the last round whose intervals gave higher scores in the next; what later rounds
            narrowed gave none.
        rounds: How many there are.
    """

    superiority: float
    supported: int
    rounds: int

    @property
    def undetermined(self) -> bool:
        """Whether what was found cannot be told apart from what there was."""
        return self.superiority < LEAST


class Trend(NamedTuple):
    """Whether scores rise from round to round.

    Attributes:
        superiority: Probability that of two networks of different rounds that of the later one scores higher.
        low, high: Ends of its 95 % interval.
        p_value: Of Jonckheere's test, one-sided: how likely as high a trend is if all rounds score alike.
    """

    superiority: float
    low: float
    high: float
    p_value: float


def determination(scores: Sequence[Floats]) -> Determination | None:
    """Compare the scores of a refinement's rounds, each higher is better, shape (n_r,); NaN for failures.

    With F scores of the first round and L of the last, ties counting half,

        superiority = P(L > F) = U / (n_1 n_R),    U the statistic of Mann and Whitney (1947).

    A score is what the network has and what chance adds to it. Intervals narrow to the networks with the highest
    scores, whatever made them high: where it is chance, the next networks from these intervals score as any others
    do, and another seed ends elsewhere. So the last round, drawn again from what was kept, is the trial of all
    rounds before. Below 0.95, one in twenty networks of the final intervals is not above one of the whole space:
    such intervals are undetermined.

    A narrowing is supported if the next round's scores are higher (one-sided test of Mann and Whitney, 5 %), and
    all before it are. No round can be compared with itself: None for fewer than two with scores.

    Raises:
        InvalidInput: No round.

    >>> found = determination([np.array([1.0, 2.0, 3.0, 4.0]), np.array([4.0, 5.0, 6.0, 7.0])])
    >>> found.superiority, found.undetermined
    (0.96875, False)
    """
    from scipy.stats import mannwhitneyu  # slow to import

    if not len(scores):
        raise InvalidInput("0 rounds have no intervals; give the scores of one or more.")
    known = [one[np.isfinite(one)] for one in scores]
    if len(known) < 2 or not all(map(len, known)):
        return None
    first, last = known[0], known[-1]
    supported = 0
    for before, after in pairwise(known):
        if not mannwhitneyu(after, before, alternative="greater", method="asymptotic").pvalue < LEVEL:
            break
        supported += 1
    superiority = float(mannwhitneyu(last, first, method="asymptotic").statistic) / (len(first) * len(last))
    return Determination(superiority, supported, len(known))


def trend(scores: Sequence[Floats]) -> Trend | None:
    """Test whether the scores of rounds rise, each higher is better, shape (n_r,); NaN for failures.

    With U_rs the pairs of networks of rounds r < s of which that of s scores higher, ties counting half,

        superiority = sum_r<s U_rs / N,    N = sum_r<s n_r n_s.

    .5 is no trend; .56 is called a small effect, .71 a large one (Vargha and Delaney 2000, for two groups). Let
    u_i be the pairs that count for network i. The interval is superiority +- 1.96 s, with s^2 N^2 the sum over
    rounds of n_r times the sample variance of u_i, Hoeffding's projection (1948), and lies within [0, 1]. The
    sum of U_rs is Jonckheere's statistic (1954), and its test that of Kendall's tau of scores and rounds.

    Returns:
        None for fewer than two rounds with two scores each.

    >>> found = trend([np.array([1.0, 2.0]), np.array([2.0, 3.0])])
    >>> found.superiority
    0.875
    """
    from scipy.stats import kendalltau  # slow to import

    known = [np.sort(one[np.isfinite(one)]) for one in scores]
    known = [one for one in known if len(one) > 1]
    if len(known) < 2:
        return None
    wins = [np.zeros(len(one)) for one in known]
    for (r, before), (s, after) in combinations(enumerate(known), 2):
        wins[r] += len(after) - _places(after, before)
        wins[s] += _places(before, after)
    pairs = sum(len(before) * len(after) for before, after in combinations(known, 2))
    superiority = float(sum(map(np.sum, wins))) / 2 / pairs
    half = 1.96 * np.sqrt(sum(len(one) * float(one.var(ddof=1)) for one in wins)) / pairs
    rounds = np.repeat(np.arange(len(known)), [*map(len, known)])
    p_value = float(kendalltau(rounds, np.concatenate(known), alternative="greater").pvalue)
    return Trend(superiority, max(0.0, superiority - half), min(1.0, superiority + half), p_value)


def _places(ordered: Floats, values: Floats) -> Floats:
    """How many of the ordered scores lie below each value; equal ones count half."""
    ends = [np.searchsorted(ordered, values, side) for side in ("left", "right")]
    return np.asarray((ends[0] + ends[1]) / 2, dtype=np.float64)
