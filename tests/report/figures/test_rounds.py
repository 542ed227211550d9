"""Figs. 4, 5 and 10 draw the numbers of the refinements."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from netlore.report.data import StudyData
from netlore.report.figures.print_style import looks_of, predictors_of, svg_bytes
from netlore.report.figures.rounds import (
    complexity_figure,
    edf_figure,
    made,
    plans,
    score_range,
    sizes_figure,
)
from tests.report.conftest import JACOV_ENDS, Budget, altered, build
from tests.report.figures.conftest import assert_apart, assert_inside
from tests.report.tabled import only


def test_an_edf_has_a_curve_for_each_round_up_to_its_best_score(findings: StudyData) -> None:
    one = findings.refinements[0]
    axes = edf_figure([one]).axes[0]
    assert len(axes.lines) == len(one.first.rounds)
    for line, entry in zip(axes.lines, one.first.rounds, strict=True):
        x, fraction = line.get_data()
        scores = one.scores(entry)
        assert x[-1] == scores.max()
        assert fraction[-1] == 1.0
        assert len(x) <= 200
        middle = np.searchsorted(fraction, 0.5)
        assert x[middle] == pytest.approx(np.quantile(scores, fraction[middle], method="inverted_cdf"))
    assert axes.lines[-1].get_linewidth() > axes.lines[0].get_linewidth()


def test_outliers_on_the_left_do_not_squeeze_the_rest(findings: StudyData) -> None:
    one = findings.refinements[0]
    entry, *rest = one.first.rounds
    frame = pd.DataFrame({"synflow": np.concatenate([[-1e9], np.linspace(0.0, 10.0, 199)])})
    changed = altered(one, rounds=(dataclasses.replace(entry, frame=frame), *rest))
    assert edf_figure([changed]).axes[0].get_xlim()[0] > -1e3


def test_sizes_are_powers_of_ten_of_exact_counts(findings: StudyData) -> None:
    figure = sizes_figure(findings)
    story = findings.refinements[0].first
    heights = figure.axes[0].lines[0].get_ydata()
    assert heights == pytest.approx([math.log10(size) for size in story.cardinalities], rel=1e-12)
    assert [axes.get_title(loc="left") for axes in figure.axes] == list(findings.data)


def test_an_empty_space_leaves_a_gap_and_huge_ones_are_drawn(findings: StudyData) -> None:
    one = findings.refinements[0]
    sizes = (10**400, *one.first.cardinalities[1:-1], 0)
    space = dataclasses.replace(one.first.space, budget=Budget("no budget"))
    changed = only(findings, refinements=(altered(one, cardinalities=sizes, space=space),))
    heights = sizes_figure(changed).axes[0].lines[0].get_ydata()
    assert heights[0] == pytest.approx(400)
    assert np.isnan(heights[-1])


def test_complexities_are_medians_of_every_round(findings: StudyData) -> None:
    figure = complexity_figure(findings)
    assert len(figure.axes) == 2 * 3
    story = findings.refinements[0].first
    assert figure.axes[0].lines[0].get_ydata().tolist() == [
        entry.estimates["flops"].median for entry in story.rounds
    ]
    assert [axes.get_title(loc="left") for axes in figure.axes[:3]] == ["FLOPs", "Parameters", "Activations"]
    assert [axes.get_ylabel() for axes in (figure.axes[0], figure.axes[3])] == list(findings.data)


def test_a_predictor_keeps_its_look_in_all_figures(findings: StudyData) -> None:
    look = looks_of(predictors_of(findings))
    assert predictors_of(findings) == ("grad_norm", "synflow", "jacov")
    for figure in (sizes_figure(findings), complexity_figure(findings)):
        assert to_hex(figure.axes[0].lines[0].get_color()) == look["synflow"].colour.lower()
        labels = [text.get_text() for text in figure.legends[0].get_texts()]
        assert "grad_norm" not in labels  # it was not refined


def test_captions_say_how_many_networks_a_round_had(findings: StudyData) -> None:
    refinements = findings.refined("cifar10")
    assert made(findings, ["cifar10"]) == "cifar10 (synflow, jacov): 500 networks a round, seed 0."
    other = build(JACOV_ENDS, seed=3, predictor="jacov", networks=1007)
    mixed = only(findings, refinements=(refinements[0], other))
    assert made(mixed, mixed.data) == (
        "cifar10 (synflow): 500 networks a round, seed 0; cifar10 (jacov): 1,007 networks a round, seed 3."
    )
    assert all("500 networks a round, seed 0" in plan.caption for plan in plans(findings))
    assert plans(only(findings)) == []


def test_names_tell_data_sets_apart_where_there_are_several(findings: StudyData) -> None:
    assert [plan.name for plan in plans(findings)] == [
        "fig4-edf-cifar10",
        "fig4-edf-my-data-1-50",
        "fig5-sizes",
        "fig10-complexity",
    ]
    alone = only(findings, refinements=findings.refinements[:1])
    assert plans(alone)[0].name == "fig4-edf"


def test_a_best_score_far_off_does_not_squeeze_the_rest_either() -> None:
    usual = np.linspace(0.0, 10.0, 1001)  # the middle 96 %: 0.2 to 9.8
    low, high = score_range([usual])
    assert (low, high) == pytest.approx((0.2 - 0.03 * 9.8, 10.0 + 0.05 * 9.8))
    assert score_range([np.append(usual, 1e9)])[1] == pytest.approx(9.8 + 4.8 + 0.05 * 14.4, rel=0.01)
    assert score_range([np.full(5, 20.0)]) == (19.0, 21.0)


def seven(findings: StudyData, rounds: int, size: float = 1.0) -> StudyData:
    """The paper's predictors on two data sets, with scores of some size."""
    names = ("grad_norm", "snip", "grasp", "fisher", "synflow", "jacov", "logdet")
    ends = findings.refinements[0].first.principles
    centre = (-9.0 * size, -4.8 * size)
    found = [
        build(ends, rounds=rounds, centre=centre, scale="-ln(-S)", predictor=name, data=data)
        for data in ("cifar10", "cifar100")
        for name in names
    ]
    return only(findings, refinements=tuple(found))


@pytest.mark.parametrize(("rounds", "size"), [(1, 1.0), (12, 1e-7), (40, 1e6)])
def test_texts_lie_inside_and_labels_apart(findings: StudyData, rounds: int, size: float) -> None:
    for plan in plans(seven(findings, rounds, size))[1:]:
        figure = plan.draw()
        assert_inside(figure)
        assert_apart(figure)


def test_names_that_are_hard_to_print_fit(findings: StudyData) -> None:
    for plan in plans(findings):
        figure = plan.draw()
        assert_inside(figure)
        assert_apart(figure)


def test_seven_predictors_fit_one_line_of_legend_and_a_small_file(findings: StudyData) -> None:
    found = seven(findings, 12)
    legend = sizes_figure(found).legends[0]
    assert len(legend.get_texts()) == 8
    assert legend._ncols == 8
    assert len(svg_bytes(plans(found)[0].draw(), "edf")) < 400_000


def test_ticks_of_huge_sizes_stay_apart(findings: StudyData) -> None:
    one = findings.refinements[0]
    sizes = (10**400, *one.first.cardinalities[1:])
    figure = sizes_figure(only(findings, refinements=(altered(one, cardinalities=sizes),)))
    assert_apart(figure)
    assert len(figure.axes[0].get_yticks()) <= 7


def test_a_space_of_one_architecture_has_an_axis(findings: StudyData) -> None:
    one = findings.refinements[0]
    alone = altered(one, rounds=one.first.rounds[:1], cardinalities=(1, 1), cardinalities_within_budget=(1, 0))
    axes = sizes_figure(only(findings, refinements=(alone,))).axes[0]
    assert axes.get_ylim() == pytest.approx((-0.06, 1.05))
    assert [line.get_ydata()[0] for line in axes.lines] == [0.0, 0.0]
    assert np.isnan(axes.lines[1].get_ydata()[1])
