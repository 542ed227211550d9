from __future__ import annotations

import numpy as np
import pytest

from netlore.analysis.importance import scored_matrix
from netlore.errors import InvalidInput


def test_networks_without_a_finite_score_are_left_out() -> None:
    columns = {"d1": np.array([1, 2, 3, 4, 5]), "w1": np.array([8, 16, 24, 32, 40])}
    table, scores = scored_matrix(columns, np.array([0.5, np.nan, 1.5, -np.inf, 2.5]), needed=3)
    assert table.tolist() == [[1, 8], [3, 24], [5, 40]]
    assert scores.tolist() == [0.5, 1.5, 2.5]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, "0 columns; give some"),
        ({"d1": np.arange(3)}, "'d1' has 3 values for 4 scores"),
        ({"flops": np.array([1.0, np.inf, 2.0, np.nan])}, "'flops' has 2 values that are not finite"),
        ({"d1": np.arange(4)}, "3 finite scores are too few to analyse; give 4 or more"),
    ],
)
def test_what_cannot_be_analysed_is_refused(columns, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        scored_matrix(columns, np.array([1.0, 2.0, np.nan, 3.0]), needed=4)
