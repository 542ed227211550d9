"""Transforms increase, and say NaN where they are undefined."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlore.scoring.transforms import TRANSFORMS, identity, log, minus_log_minus, signed_log


def test_values_worked_by_hand() -> None:
    assert log(np.array([1.0, math.e, 0.0, -1.0])).tolist()[:2] == [0.0, 1.0]
    assert np.isnan(log(np.array([0.0, -1.0]))).all()
    assert minus_log_minus(np.array([-1.0, -math.e])).tolist() == [0.0, -1.0]
    assert np.isnan(minus_log_minus(np.array([0.0, 1.0]))).all()
    # arcsinh(3/4) = ln(3/4 + 5/4)
    assert signed_log(np.array([0.75, -0.75])).tolist() == pytest.approx([math.log(2), -math.log(2)], rel=1e-15)
    assert identity(np.array([3, -4])).tolist() == [3.0, -4.0]


@pytest.mark.parametrize("name", TRANSFORMS.names())
@given(scores=st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=8))
def test_every_transform_keeps_the_order(name: str, scores: list[float]) -> None:
    ordered = np.sort(np.asarray(scores))
    transformed = TRANSFORMS.get(name).apply(ordered)
    defined = transformed[np.isfinite(transformed)]
    assert transformed.dtype == np.float64
    assert (np.diff(defined) >= 0).all()


def test_missing_scores_stay_missing() -> None:
    for transform in map(TRANSFORMS.get, TRANSFORMS.names()):
        assert np.isnan(transform.apply(np.array([math.nan]))).all()
        assert transform.label


@pytest.mark.parametrize(
    ("name", "label", "expected"),
    [
        ("identity", "|S|", [2.0, 0.0, 3.0]),
        ("log", "S", [math.nan, math.nan, 3.0]),
        ("minus_log_minus", "-S", [2.0, math.nan, math.nan]),
        ("signed_log", "|S|", [2.0, 0.0, 3.0]),
    ],
)
def test_the_positive_form_of_scores(name: str, label: str, expected: list[float]) -> None:
    transform = TRANSFORMS.get(name)
    assert transform.positive(np.array([-2.0, 0.0, 3.0])).tolist() == pytest.approx(expected, nan_ok=True)
    assert transform.positive_label == label
