"""Does what is known of a network before training rank networks as their accuracies after it do?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netlore.errors import InvalidInput

Floats = NDArray[np.float64]

FEWEST = 3
"""Networks from which on a rank correlation is given; two are always in perfect order, one way or the other."""

TELLING = 5
"""Networks from which on an order can be told from chance at 5 %: of four, even the perfect one has p = 2 / 4!."""


@dataclass(frozen=True)
class AccuracyCorrelation:
    """Kendall's tau-b between a quantity and accuracy over trained networks.

    Attributes:
        tau: 1 if a higher value always means a lower error, -1 the reverse; None where it is undefined: fewer than
            three networks, or a side that is constant over them.
        p_value: How likely a tau at least as far from 0 is if the order is random; None for fewer than five
            networks, which cannot tell, and where tau is undefined.
        n: Networks that have both.
        dropped: Networks left out because either is not finite.
    """

    tau: float | None
    p_value: float | None
    n: int
    dropped: int

    @property
    def too_few(self) -> bool:
        """Whether no order of so few networks could be told from chance."""
        return self.n < TELLING


def accuracy_correlation(values: Floats, errors: Floats) -> AccuracyCorrelation:
    """Kendall's tau-b between values, such as scores or FLOPs, and accuracy, over the networks that have both.

    Accuracy is ordered as the error, turned around; so tau is positive for a predictor that works. It depends on
    orders alone: no increasing transform of the values changes it. p is exact without ties and comes from the
    normal approximation with them.

    Source: Kendall 1945, "The treatment of ties in ranking problems"; p: Kendall 1970, "Rank correlation methods".

    Args:
        values: Of N networks, shape (N,). NaN and infinities count as missing.
        errors: Their validation errors after training, in any unit, shape (N,).

    Raises:
        InvalidInput: There is not one error for each value.

    >>> found = accuracy_correlation(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([30.0, 20.0, 25.0, 12.0, 10.0]))
    >>> round(found.tau, 3), round(found.p_value, 3), found.n
    (0.8, 0.083, 5)
    """
    from scipy.stats import kendalltau  # slow to import

    if len(values) != len(errors):
        raise InvalidInput(
            f"{len(values)} values and {len(errors)} errors do not pair up; give one error for each."
        )
    kept = np.isfinite(values) & np.isfinite(errors)
    one, other = np.asarray(values, dtype=np.float64)[kept], -np.asarray(errors, dtype=np.float64)[kept]
    n, dropped = len(one), len(values) - len(one)
    if n < FEWEST or one.min() == one.max() or other.min() == other.max():
        return AccuracyCorrelation(None, None, n, dropped)
    found = kendalltau(one, other, variant="b")
    p_value = float(found.pvalue) if n >= TELLING else None
    return AccuracyCorrelation(float(found.statistic), p_value, n, dropped)
