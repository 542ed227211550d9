"""The EDF against values that can be checked by hand, and against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlore.analysis.distribution import edf
from netlore.errors import InvalidInput


def test_one_score_is_one_step() -> None:
    x, fraction = edf([2.5])
    assert x.tolist() == [2.5]
    assert fraction.tolist() == [1.0]


def test_ties_make_one_higher_step() -> None:
    x, fraction = edf(np.array([4.0, 1.0, 4.0, 4.0, 2.0]))
    assert x.tolist() == [1.0, 2.0, 4.0]
    assert fraction.tolist() == [0.2, 0.4, 1.0]


@given(st.lists(st.floats(-1e6, 1e6) | st.integers(-3, 3).map(float), min_size=1, max_size=40))
def test_it_equals_its_definition(scores: list[float]) -> None:
    x, fraction = edf(scores)
    assert np.all(np.diff(x) > 0)
    assert fraction[-1] == 1.0
    for point, value in zip(x, fraction, strict=True):
        assert value == pytest.approx(sum(score <= point for score in scores) / len(scores))


@pytest.mark.parametrize("scores", [[], [[1.0, 2.0]], [1.0, float("nan")]])
def test_what_has_no_edf_is_refused(scores: list[float]) -> None:
    with pytest.raises(InvalidInput, match="EDF"):
        edf(scores)
