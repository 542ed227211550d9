"""Whether a refinement's scores determine its intervals, from the scores of one run alone, whatever its seed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
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
