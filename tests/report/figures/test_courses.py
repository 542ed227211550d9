"""The figure of replicates draws their courses, the best known score and its noise."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.courses import repeatability_figure, specs
from netlore.report.figures.style import COLUMN, TEXT
from tests.report.figures.conftest import assert_apart, assert_inside
from tests.report.tabled import only


@pytest.fixture
def repeated(findings: StudyData) -> list[RefinementData]:
    return [one for one in findings.refinements if one.repeatability is not None]


def test_a_panel_has_a_line_for_each_seed_and_the_best_known_score(repeated: list[RefinementData]) -> None:
    figure = repeatability_figure(repeated)
    assert figure.get_size_inches()[0] == TEXT
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["synflow, cifar10\nnoise 0.25", "jacov, cifar10\nnoise 0.25"]
    axes = figure.axes[0]
    best, *courses = axes.lines
    assert list(best.get_ydata()) == [12.0, 12.0]
    for line, course in zip(courses, repeated[0].courses, strict=True):
        np.testing.assert_array_equal(line.get_xydata(), course)
    (band,) = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert (band.get_y(), band.get_height()) == (11.75, 0.5)
    low, high = axes.get_ylim()
    assert low < 7.0
    assert high > 12.25
    assert_inside(figure)
    assert_apart(figure)


def test_without_noise_there_is_no_band(repeated: list[RefinementData]) -> None:
    assert repeated[0].repeatability is not None
    silent = dataclasses.replace(repeated[0].repeatability, noise=None, spread=None)
    figure = repeatability_figure([dataclasses.replace(repeated[0], repeatability=silent)])
    assert figure.get_size_inches()[0] == COLUMN
    (axes,) = figure.axes
    assert list(axes.patches) == []
    assert axes.get_title(loc="left") == "synflow, cifar10\nnoise not known"
    assert_inside(figure)


def test_the_low_beginning_of_a_long_course_lies_below_the_axes(repeated: list[RefinementData]) -> None:
    course = np.asarray([[1.0, -1e6], [500.0, 11.0], [1500.0, 11.5]])
    (axes,) = repeatability_figure([dataclasses.replace(repeated[0], courses=(course, course))]).axes
    assert axes.get_ylim()[0] > 10


def test_one_seed_has_no_figure(findings: StudyData) -> None:
    assert [spec.name for spec in specs(findings)] == ["repeatability"]
    assert list(specs(only(findings, refinements=findings.refinements[2:]))) == []
