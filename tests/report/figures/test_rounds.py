"""Figs. 4, 5 and 10 draw the numbers of the refinements."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from netlore.report.data import Published, RefinementData, StudyData
from netlore.report.figures.figure import predictor_looks, renderings
from netlore.report.figures.rounds import (
    DrawnRun,
    complexity_figure,
    drawn_runs,
    edf_figure,
    score_range,
    sizes_figure,
    specs,
)
from tests.report.conftest import Budget, altered, build
from tests.report.figures.conftest import assert_apart, assert_inside
from tests.report.tabled import only


def sizes(study: StudyData) -> Figure:
    return sizes_figure(*drawn_runs(study))


def edf(one: RefinementData) -> Axes:
    return edf_figure([DrawnRun(one.predictor, one, one.first, ())]).axes[0]


def test_an_edf_has_a_curve_for_each_round_up_to_its_best_score(findings: StudyData) -> None:
    one = findings.refinements[0]
    axes = edf(one)
    assert len(axes.lines) == len(one.first.rounds)
    for line, entry in zip(axes.lines, one.first.rounds, strict=True):
        x, fraction = line.get_data()
        scores = one.scores(one.first)[entry.number]
        assert x[-1] == scores.max()
        assert fraction[-1] == 1.0
        assert len(x) <= 200
        middle = np.searchsorted(fraction, 0.5)
        assert x[middle] == pytest.approx(np.quantile(scores, fraction[middle], method="inverted_cdf"))
    assert axes.lines[-1].get_linewidth() > axes.lines[0].get_linewidth()


def test_outliers_on_the_left_do_not_squeeze_the_rest(findings: StudyData) -> None:
    one = findings.refinements[0]
    entry, *rest = one.first.rounds
    frame = entry.frame.head(200).assign(synflow=np.concatenate([[-1e9], np.linspace(0.0, 10.0, 199)]))
    changed = altered(one, rounds=(dataclasses.replace(entry, frame=frame), *rest))
    assert edf(changed).get_xlim()[0] > -1e3


def test_sizes_are_powers_of_ten_of_exact_counts(findings: StudyData) -> None:
    figure = sizes(findings)
    story = findings.refinements[0].first
    heights = figure.axes[0].lines[0].get_ydata()
    assert heights == pytest.approx([math.log10(size) for size in story.cardinalities], rel=1e-12)
    assert [axes.get_title(loc="left") for axes in figure.axes] == list(findings.data)


def test_an_empty_space_leaves_a_gap_and_huge_ones_are_drawn(findings: StudyData) -> None:
    one = findings.refinements[0]
    counts = (10**400, *one.first.cardinalities[1:-1], 0)
    space = dataclasses.replace(one.first.space, budget=Budget("no budget"))
    changed = only(findings, refinements=(altered(one, cardinalities=counts, space=space),))
    heights = sizes(changed).axes[0].lines[0].get_ydata()
    assert heights[0] == pytest.approx(400)
    assert np.isnan(heights[-1])


def test_complexities_are_medians_of_every_round_a_row_for_each_predictor(findings: StudyData) -> None:
    drawn, looks = drawn_runs(findings)
    here = [one for one in drawn if one.run.data == "cifar10"]
    figure = complexity_figure(here, looks)
    assert len(figure.axes) == 2 * 3
    for row, one in enumerate(here):
        medians = [patch for patch in figure.axes[3 * row].patches if patch.get_data().baseline is None]
        expected = [entry.estimates["flops"].median for entry in one.found.rounds]
        assert [patch.get_data().values.tolist() for patch in medians] == [expected]
    assert [axes.get_title(loc="left") for axes in figure.axes[:3]] == ["FLOPs", "Parameters", "Activations"]
    assert [axes.get_ylabel() for axes in (figure.axes[0], figure.axes[3])] == ["synflow", "jacov"]
    assert figure.axes[0].get_ylim() == figure.axes[3].get_ylim()  # rows can be compared


def test_a_network_that_others_recommend_is_a_diamond_behind_the_last_round(findings: StudyData) -> None:
    first, *others = findings.refinements
    known = Published("the survey", {}, {"flops": 3e9, "params": 5e4})
    study = only(findings, refinements=(dataclasses.replace(first, published=known), *others))
    drawn, looks = drawn_runs(study)
    figure = complexity_figure([one for one in drawn if one.run.data == "cifar10"], looks)
    marks = [[line.get_xydata().tolist() for line in axes.lines] for axes in figure.axes]
    last = max(len(one.found.rounds) for one in drawn if one.run.data == "cifar10")
    assert marks == [[[[last + 1, 3e9]]], [[[last + 1, 5e4]]], [], [], [], []]
    assert figure.axes[0].get_ylim()[1] > 3e9
    captions = [spec.caption for spec in specs(study) if spec.number == 10]
    assert ["recommended by the survey." in one for one in captions] == [True, False]


def test_a_predictor_keeps_its_look_in_all_figures(findings: StudyData) -> None:
    look = predictor_looks(findings)
    figures = (sizes(findings), complexity_figure(*drawn_runs(findings)))
    assert to_hex(figures[0].axes[0].lines[0].get_color()) == look["synflow"].colour.lower()
    assert to_hex(figures[1].axes[0].patches[0].get_facecolor()) == look["synflow"].colour.lower()
    labels = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert "grad_norm" not in labels  # it was not refined


def test_the_only_refinement_has_a_line_for_each_seed(findings: StudyData) -> None:
    one = only(findings, refinements=findings.refinements[:1])
    drawn, looks = drawn_runs(one)
    assert list(looks) == [run.label for run in drawn] == ["seed 0", "seed 1"]
    assert [axes.get_title(loc="left") for axes in edf_figure(drawn).axes[:2]] == ["seed 0", "seed 1"]
    assert "the first is drawn" not in next(specs(one)).caption
    assert "the first is drawn" in next(specs(findings)).caption
    assert list(specs(only(findings))) == []


def test_names_have_the_data_set_where_there_are_several(findings: StudyData) -> None:
    assert [spec.name for spec in specs(findings)] == [
        "fig4-edf-cifar10",
        "fig4-edf-my-data-1-50",
        "fig5-sizes",
        "fig10-complexity",
        "fig10-complexity-my-data-1-50",
    ]
    alone = only(findings, refinements=findings.refinements[:1])
    assert next(specs(alone)).name == "fig4-edf"


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
    found = seven(findings, rounds, size)
    for spec in list(specs(found))[1:]:
        figure = spec.draw()
        assert_inside(figure)
        assert_apart(figure)


def test_names_that_are_hard_to_print_fit(findings: StudyData) -> None:
    for spec in specs(findings):
        figure = spec.draw()
        assert_inside(figure)
        assert_apart(figure)


def test_seven_predictors_fit_one_line_of_legend_and_a_small_file(findings: StudyData) -> None:
    found = seven(findings, 12)
    legend = sizes(found).legends[0]
    assert len(legend.get_texts()) == 8
    assert legend._ncols == 8
    assert len(renderings(next(specs(found)).draw(), "edf")["svg"]) < 400_000


def test_ticks_of_huge_sizes_stay_apart(findings: StudyData) -> None:
    one = findings.refinements[0]
    counts = (10**400, *one.first.cardinalities[1:])
    figure = sizes(only(findings, refinements=(altered(one, cardinalities=counts),)))
    assert_apart(figure)
    assert len(figure.axes[0].get_yticks()) <= 7


def test_a_space_of_one_architecture_has_an_axis(findings: StudyData) -> None:
    one = findings.refinements[0]
    alone = altered(one, rounds=one.first.rounds[:1], cardinalities=(1, 1), cardinalities_within_budget=(1, 0))
    axes = sizes(only(findings, refinements=(alone,))).axes[0]
    assert axes.get_ylim() == pytest.approx((-0.06, 1.05))
    assert [line.get_ydata()[0] for line in axes.lines] == [0.0, 0.0]
    assert np.isnan(axes.lines[1].get_ydata()[1])
