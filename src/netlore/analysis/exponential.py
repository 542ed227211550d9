"""Are scores distributed exponentially? Lilliefors' test (section VI-A of the paper)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
    """Test positive values; those that are not finite are left out."""
    raise NotImplementedError
