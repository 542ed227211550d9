from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlore.analysis.elite_scores import band
from netlore.analysis.interval_overlap import interval_widths
from netlore.errors import InvalidInput

NAN = math.nan
VALUE = st.one_of(st.integers(-9, 9).map(float), st.just(NAN))
COURSE = st.dictionaries(st.integers(1, 30), VALUE, min_size=1, max_size=8).map(
    lambda rows: np.asarray(sorted(rows.items()), dtype=np.float64)
)


def test_three_replicates_by_hand() -> None:
    one = band(
        [
            np.asarray([[1.0, NAN], [2.0, 4.0], [4.0, 6.0]]),
            np.asarray([[1.0, 1.0], [3.0, 9.0]]),
            np.asarray([[1.0, NAN], [3.0, 5.0], [5.0, 2.0]]),
        ]
    )
    assert one.networks.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    # The second stops after 3 networks and keeps 9; the third falls at its end.
    assert one.low.tolist() == [1.0, 1.0, 4.0, 5.0, 2.0]
    assert one.middle.tolist() == [1.0, 2.5, 5.0, 6.0, 6.0]
    assert one.high.tolist() == [1.0, 4.0, 9.0, 9.0, 9.0]


@given(st.lists(COURSE, min_size=1, max_size=5))
def test_a_band_equals_its_definition(courses: list[np.ndarray]) -> None:
    one = band(courses)
    assert one.networks.tolist() == list(range(1, int(max(course[-1, 0] for course in courses)) + 1))
    for index, number in enumerate(one.networks):
        last = [[value for networks, value in course if networks <= number][-1:] for course in courses]
        values = sorted(value for found in last for value in found if not math.isnan(value))
        if values:
            half = len(values) // 2
            median = values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2
            assert (one.low[index], one.middle[index], one.high[index]) == (values[0], median, values[-1])
        else:
            assert np.isnan([one.low[index], one.middle[index], one.high[index]]).all()


@given(COURSE, st.integers(2, 50))
def test_of_one_course_all_are_that_course_and_the_end_is_its_end(course: np.ndarray, points: int) -> None:
    one = band([course], points)
    assert len(one.networks) <= points and one.networks[-1] == course[-1, 0]
    np.testing.assert_array_equal(one.low, one.high)
    np.testing.assert_array_equal(one.middle, one.high)
    np.testing.assert_array_equal(one.high[-1], course[-1, 1])


@pytest.mark.parametrize(
    ("courses", "points", "message"),
    [
        ([], 200, r"has \[\]; leave empty"),
        ([np.ones((2, 2)), np.ones((0, 2))], 200, r"has \[2, 0\]"),
        ([np.ones((1, 2))], 1, "points = 1 is too few"),
    ],
)
def test_a_band_of_nothing_is_refused(courses: list[np.ndarray], points: int, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        band(courses, points)


def test_widths_count_values_of_the_grid() -> None:
    grids = {"d1": (1, 2, 3, 4), "w1": (1, 2, 4, 8, 16), "b1": (1,)}
    assert interval_widths({"d1": (2, 2), "w1": (3, 16), "b1": (1, 1)}, grids) == {
        "d1": 0.25,
        "w1": 0.6,
        "b1": 1.0,
    }


@given(st.integers(1, 12), st.integers(0, 11), st.integers(0, 11))
def test_a_wider_interval_is_as_wide_or_wider(values: int, low: int, more: int) -> None:
    grid = {"d1": range(1, values + 1)}
    narrow = interval_widths({"d1": (low, low)}, grid)["d1"]
    wide = interval_widths({"d1": (low, low + more)}, grid)["d1"]
    assert 0 <= narrow <= wide <= 1
    assert interval_widths({"d1": (1, values)}, grid) == {"d1": 1.0}


@pytest.mark.parametrize(
    ("grids", "message"), [({"d2": (1,)}, "d2 lacks an interval"), ({"d1": ()}, "d1 lacks a grid")]
)
def test_what_has_no_width_is_refused(grids: dict[str, tuple[int, ...]], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        interval_widths({"d1": (1, 2)}, grids)
