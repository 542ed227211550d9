"""The one thing that analyses of scored networks start with: the networks that have a finite score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlore.analysis import Floats
from netlore.errors import InvalidInput


def scored_matrix(columns: Mapping[str, NDArray[Any]], scores: Floats, needed: int) -> tuple[Floats, Floats]:
    """The columns side by side and the scores, of the networks whose score is finite.

    Args:
        columns: Quantities of N networks, shape (N,) each: hyperparameters or measures; all finite.
        scores: Their scores, shape (N,); NaN or infinite where there is none.
        needed: The fewest finite scores that will do.

    Returns:
        The columns, shape (n, k), in their order, and the scores, shape (n,).

    Raises:
        InvalidInput: There is no column, one has another length or is not finite, or n < needed.
    """
    if not columns:
        raise InvalidInput("An analysis of scores needs what to explain them by, and has 0 columns; give some.")
    values = np.asarray(scores, dtype=np.float64)
    for name, column in columns.items():
        if len(column) != len(values):
            raise InvalidInput(
                f"column {name!r} has {len(column)} values for {len(values)} scores; give one for each score."
            )
        missing = int(np.count_nonzero(~np.isfinite(column)))
        if missing:
            raise InvalidInput(f"column {name!r} has {missing} values that are not finite; leave it out.")
    finite = np.isfinite(values)
    if finite.sum() < needed:
        raise InvalidInput(f"{finite.sum()} finite scores are too few to analyse; give {needed} or more.")
    table = np.stack([np.asarray(column, dtype=np.float64) for column in columns.values()], axis=1)
    return table[finite], values[finite]
