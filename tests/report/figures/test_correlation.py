"""Fig. 2 shows each pair once."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
import pytest

from netlore.analysis.correlation import Correlation
from netlore.report.data import StudyData
from netlore.report.figures.matrices import correlation_figure
from netlore.report.figures.matrices import correlation_specs as specs
from tests.report.figures.conftest import assert_inside, drawn_boxes
from tests.report.tabled import only


def test_the_lower_triangle_is_drawn(findings: StudyData) -> None:
    found = findings.samples[0].correlation
    assert found is not None
    (axes,) = correlation_figure(found).axes
    cells = {text.get_position(): text.get_text() for text in axes.texts}
    # Rows from the second predictor on, columns up to the last but one.
    assert cells == {(0.5, 0.5): "0.90", (0.5, 1.5): "\N{MINUS SIGN}0.25", (1.5, 1.5): "\N{EN DASH}"}
    assert [label.get_text() for label in axes.get_xticklabels()] == ["grad_norm", "synflow"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["synflow", "jacov"]


def test_the_caption_says_how_many_networks_and_how_many_are_left_out(findings: StudyData) -> None:
    (spec,) = specs(findings)
    assert (
        "2 to 3 networks of anynet on cifar10, seed 0; left out without a score: at most 2 of a pair"
        in spec.caption
    )


def test_without_a_sample_there_is_none(findings: StudyData) -> None:
    assert specs(only(findings)) == []


def test_one_predictor_agrees_with_none(findings: StudyData) -> None:
    one = Correlation(("snip",), np.eye(1), np.full((1, 1), 4), np.zeros((1, 1), dtype=np.int64))
    sample = dataclasses.replace(findings.samples[0], correlation=one)
    assert specs(only(findings, samples=(sample,))) == []


@pytest.mark.parametrize("count", [2, 8, 9, 14])
def test_values_have_room_whatever_the_number_of_predictors(count: int) -> None:
    names = tuple(f"predictor_{index}" for index in range(count))
    size = (count, count)
    figure = correlation_figure(Correlation(names, np.full(size, -0.88), np.full(size, 9), np.zeros(size, int)))
    assert_inside(figure)
    cells = [box for name, box in drawn_boxes(figure).items() if "0.88" in name]
    assert len(cells) == count * (count - 1) // 2
    assert not any(one.overlaps(other) for one, other in combinations(cells, 2))
