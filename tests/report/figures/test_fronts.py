"""Score against cost: points are networks, the line is what nothing dominates, bands are the best of a budget."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netlore.analysis.elite_scores import ELITE
from netlore.report.collect import find
from netlore.report.data import StudyData
from netlore.report.figures.fronts import along_figure, front_figure, specs
from netlore.report.tables.front import front
from netlore.report.tables.table import DATA, PREDICTOR
from netlore.space.budget import Budget
from tests.report.figures.conftest import assert_apart, assert_inside

RESULTS = Path(__file__).resolve().parents[3] / "results"


@pytest.fixture(scope="module")
def refined() -> StudyData:
    """A refinement with real scores, of 12 numbers."""
    return find([RESULTS / "repeatability" / "logdet-random"], "A test")


def test_every_architecture_is_a_point_and_the_line_is_the_front(refined: StudyData) -> None:
    one = refined.refinements[0]
    points, line = front_figure([one]).axes[0].lines[:2]
    own = one.networks[one.networks["seed"] == one.first.seed]
    assert len(points.get_xdata()) == own["architecture"].nunique() > 100
    pairs = list(zip(points.get_xdata(), points.get_ydata(), strict=True))
    kept = {
        (cost, score)
        for cost, score in pairs
        if not any(c <= cost and s >= score and (c, s) != (cost, score) for c, s in pairs)
    }
    assert set(zip(line.get_xdata(), line.get_ydata(), strict=True)) == kept


def test_the_table_has_the_front_of_the_figure(refined: StudyData) -> None:
    one = refined.refinements[0]
    table = front(refined).frame
    rows = table[(table[DATA] == one.data) & (table[PREDICTOR] == one.predictor)]
    line = front_figure([one]).axes[0].lines[1]
    assert rows["FLOPs"].tolist() == list(line.get_xdata())
    assert rows["Score"].tolist() == list(line.get_ydata())


def test_a_band_is_the_range_of_the_best_within_each_budget(refined: StudyData) -> None:
    one = refined.refinements[0]
    rows, axes = one.scored, along_figure(one).axes
    assert [each.get_title("left") for each in axes] == list(one.grids)
    for each, name in zip(axes, one.grids, strict=True):
        (line,) = each.lines
        for budget, middle in zip(*line.get_data(), strict=True):
            best = rows[rows["flops"] <= budget].nlargest(ELITE, "score")
            assert middle == np.median(best[name])


def test_labels_are_inside_and_apart(refined: StudyData) -> None:
    drawn = list(specs(refined))
    assert [spec.name for spec in drawn] == ["front", "front-principles"]
    for spec in drawn:
        figure = spec.draw()
        assert_inside(figure)
        assert_apart(figure)


def test_the_picked_network_is_marked_where_it_is(refined: StudyData) -> None:
    one = refined.refinements[0]
    name = str(one.scored.index[7])
    marked = replace(one, picked=refined.architectures[name])
    figure = front_figure([marked])
    *_, mark = figure.axes[0].lines
    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == tuple(one.scored.loc[name, ["flops", "score"]])
    assert [text.get_text() for text in figure.legends[0].get_texts()][-1] == "the picked network"
    assert "picked network" not in [text.get_text() for text in front_figure([one]).legends[0].get_texts()]
    (spec, *_) = specs(replace(refined, refinements=(marked,)))
    assert "need not be the highest" in spec.caption


def test_scores_are_drawn_against_what_the_budget_limits(refined: StudyData) -> None:
    one = refined.refinements[0]
    space = replace(one.first.space, budget=Budget.of({"params": (0, 1e6)}))
    limited = replace(one, refinements=(replace(one.first, space=space),))
    assert (one.cost, limited.cost) == ("flops", "params")
    assert front_figure([limited]).axes[0].get_xlabel() == "Parameters"
