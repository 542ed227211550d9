"""The empirical distribution function (EDF) of scores: how good a network a design space offers at random.

Section VI-B of the paper draws one EDF per round of a refinement; a round whose curve lies further to the right
yields better networks when one is picked blindly.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from netlore.analysis import Floats
from netlore.errors import InvalidInput


def edf(scores: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Give the points at which the empirical distribution function of the scores steps up.

    F(x) = |{i : s_i <= x}| / n. Equal scores make one, higher step, so the x are strictly increasing and the
    last fraction is exactly 1.

    Differs from the paper, which prints F(x) = P(S < x): both agree everywhere but at the steps themselves.

    Args:
        scores: The scores, shape (n,), n >= 1, none of them NaN.

    Returns:
        The distinct scores in increasing order and F at each of them; both of shape (k,), k <= n.

    Raises:
        InvalidInput: There is no score, the scores are not one-dimensional, or one of them is NaN.

    >>> x, fraction = edf([3.0, 1.0, 3.0, 7.0])
    >>> x.tolist(), fraction.tolist()
    ([1.0, 3.0, 7.0], [0.25, 0.75, 1.0])
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 1 or values.size == 0:
        raise InvalidInput(f"An EDF needs scores of shape (n,), n >= 1, not {values.shape}; pass a flat array.")
    missing = int(np.isnan(values).sum())
    if missing:
        raise InvalidInput(f"An EDF has no place for NaN, but {missing} scores are NaN; leave them out.")
    x, counts = np.unique(values, return_counts=True)
    return x, np.cumsum(counts) / values.size
