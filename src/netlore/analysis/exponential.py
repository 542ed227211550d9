"""Are scores distributed exponentially? Lilliefors' test (section VI-A of the paper)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netlore.errors import InvalidInput

FEWEST = 4  # values without which nothing can be said
TABLE = (0.001, 0.99)  # the smallest and the largest p-value that there is


@dataclass(frozen=True)
class ExponentialTest:
    """Lilliefors' Kolmogorov-Smirnov test for the exponential distribution with unknown mean.

    Attributes:
        statistic: Largest distance between the EDF and the exponential distribution of the same mean.
        p_value: Probability of so large a distance if the values were exponential; clipped to the range of the
            table that it is interpolated in.
        n: Values tested.
        level: Below it, the exponential distribution is rejected.
    """

    statistic: float
    p_value: float
    n: int
    level: float = 0.05

    @property
    def rejected(self) -> bool:
        """Whether the values are not exponentially distributed, at that level."""
        return self.p_value < self.level


def exponential_test(values: NDArray[np.float64], level: float = 0.05) -> ExponentialTest:
    """Test positive values; those that are not finite are left out.

    D = max_x |F_n(x) - (1 - exp(-x / mean))|, F_n the EDF of the n values. Estimating the mean makes D smaller
    than the plain Kolmogorov-Smirnov test allows for, so its p-value comes from a table that statsmodels simulated
    for this case. It ends at 0.001 and 0.99, is interpolated linearly in n, by a formula above 1,600.
    Between its sizes (.., 100, 200, 400, 800, 1600) p-values are somewhat too large. Multiplying all values by a
    number changes nothing. Not rejecting is no proof: a small sample cannot tell much.

    Source: Lilliefors 1969, "On the Kolmogorov-Smirnov test for the exponential distribution with mean unknown".

    Args:
        values: Shape (N,).
        level: Of significance, between 0.001 and 0.99, where the table ends.

    Raises:
        InvalidInput: Fewer than four values are finite; one of these is not positive, as exponential ones are; or
            the level lies outside the table.
    """
    from statsmodels.stats.diagnostic import lilliefors  # slow to import

    found = np.asarray(values, dtype=np.float64)
    found = found[np.isfinite(found)]
    if not TABLE[0] < level < TABLE[1]:
        raise InvalidInput(f"level = {level:g} is outside the table of p-values; choose 0.05 or 0.01.")
    if len(found) < FEWEST:
        raise InvalidInput(f"{len(found)} finite values are too few for Lilliefors' test; give {FEWEST} or more.")
    if found.min() <= 0:
        raise InvalidInput(f"{found.min():g} is not positive, as exponential values are; test -S or |S| instead.")
    # The test knows no unit, and the sum of huge values, such as those of synflow, would overflow.
    statistic, p_value = lilliefors(found / found.max(), dist="exp", pvalmethod="table")
    return ExponentialTest(float(statistic), float(p_value), len(found), level)
