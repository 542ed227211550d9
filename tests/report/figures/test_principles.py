"""Principles side by side: every interval on its grid, whatever the number of predictors and hyperparameters."""

from __future__ import annotations

import pytest

from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.figure import Section
from netlore.report.figures.principles import principles_figure, specs
from netlore.report.figures.style import COLUMN, TEXT, looks_of
from netlore.report.names import vocabulary
from tests.report.conftest import build
from tests.report.figures.conftest import assert_apart, assert_inside, texts_of
from tests.report.tabled import only

WORDS = vocabulary("anynet")


def bars(runs: list[RefinementData], name: str) -> list[tuple[float, float, float]]:
    """Where the bars of a figure of one hyperparameter begin and end, as shares of its grid, and their heights."""
    (axes,) = principles_figure(runs, looks_of(one.predictor for one in runs), WORDS).axes
    line = next(line for line in axes.lines if line.get_alpha() == 0.15)
    left, right = line.get_xdata()
    found = [one for one in axes.lines if one.get_linewidth() in (2.4, 0.9) and one.get_marker() == "None"]
    shares = [[(x - left) / (right - left) for x in one.get_xdata()] for one in found]
    return [(*share, float(one.get_ydata()[0])) for share, one in zip(shares, found, strict=True)]


def test_a_bar_reaches_from_the_lowest_to_the_highest_value_on_the_grid() -> None:
    grids = {"w1": (8, 16, 32, 64, 128)}
    one = build({"w1": (16, 64)}, grids=grids, predictor="a")
    other = build({"w1": (128, 128)}, grids=grids, predictor="b")
    (low, high, first), (only_low, only_high, second) = bars([one, other], "w1")
    assert (low, high) == pytest.approx((0.25, 0.75))
    assert (only_low, only_high) == pytest.approx((1.0, 1.0))
    assert second > first
    texts = [text.get_text() for text in texts_of(principles_figure([one], looks_of("a"), WORDS))]
    assert texts == ["Width", "w1", "8\N{EN DASH}128", "a", "16\N{EN DASH}64"]


def test_further_seeds_are_thinner_bars_under_the_first(findings: StudyData) -> None:
    one = findings.refinements[0]
    figure = principles_figure([one], looks_of(["synflow"]), WORDS)
    thick = [line for line in figure.axes[0].lines if line.get_linewidth() == 2.4]
    thin = [line for line in figure.axes[0].lines if line.get_linewidth() == 0.9 and line.get_marker() == "None"]
    assert len(thick) == len(thin) == len(one.grids)
    assert thin[0].get_ydata()[0] > thick[0].get_ydata()[0]


def test_a_study_of_several_refinements_has_one_figure_of_all(findings: StudyData) -> None:
    (spec,) = specs(findings)
    assert (spec.name, spec.section) == ("principles", Section.OVERVIEW)
    assert "Thin bars: further seeds." in spec.caption
    words = [text.get_text() for text in texts_of(spec.draw())]
    assert [word for word in words if word in ("synflow", "jacov")] == ["synflow", "jacov", "synflow"]
    assert set(findings.data) <= set(words)
    assert list(specs(only(findings, refinements=findings.refinements[:1]))) == []


@pytest.mark.parametrize("width", [COLUMN, TEXT, 10.0])
@pytest.mark.parametrize(("stages", "predictors"), [(1, 1), (3, 9), (8, 3)])
def test_texts_lie_inside_and_apart(width: float, stages: int, predictors: int) -> None:
    keys = ("d", "w", "g", "b", "kernel_size") if stages == 3 else ("w", "b")
    grids = {f"{key}{i + 1}": tuple(2**k for k in range(12)) for key in keys for i in range(stages)}
    names = [f"a_predictor_with_a_long_name_{i}" if i == 1 else f"snip_{i}" for i in range(predictors)]
    runs = [build(dict.fromkeys(grids, (1024, 2048)), rounds=1, grids=grids, predictor=name) for name in names]
    figure = principles_figure(runs, looks_of(names), WORDS, width)
    assert figure.get_size_inches()[0] == width
    assert_inside(figure)
    assert_apart(figure)


def test_a_hyperparameter_that_a_space_lacks_is_a_dash() -> None:
    one = build({"d1": (1, 2)}, grids={"d1": (1, 2, 3)}, predictor="a")
    other = build({"x": (5, 5)}, grids={"x": (5,)}, predictor="b")
    words = [text.get_text() for text in texts_of(principles_figure([one, other], looks_of("ab"), WORDS))]
    assert words.count("\N{EN DASH}") == 2
    assert "1\N{EN DASH}2" in words
