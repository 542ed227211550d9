"""Matrices say the values of their cells, in ink that can be read, and show each pair once."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
import pytest
from matplotlib.figure import Figure

from netlore.analysis.correlation import Correlation
from netlore.report.data import StudyData
from netlore.report.figures.matrices import (
    agreement_figure,
    confusion_figure,
    correlation_figure,
    draw_heat,
    importance_figure,
    ink_on,
    specs,
    stability_figure,
)
from netlore.report.figures.style import INK, TEXT
from netlore.training.evaluation import Evaluation
from tests.report.figures.conftest import assert_apart, assert_inside, drawn_boxes
from tests.report.tabled import evaluated, only, record, trained


def test_every_cell_says_its_value() -> None:
    axes = Figure().add_subplot()
    values = np.asarray([[0.5, -0.25, np.nan], [np.inf, -0.001, 1.0]])
    draw_heat(axes, values, ["a", "b"], ["x", "y", "z"], (-1.0, 1.0), "PuOr_r")
    found = {(text.get_position(), text.get_text()) for text in axes.texts}
    assert found == {
        ((0.5, 0.5), "0.50"),
        ((1.5, 0.5), "\N{MINUS SIGN}0.25"),
        ((2.5, 0.5), "\N{EN DASH}"),
        ((1.5, 1.5), "0.00"),  # no sign where it rounds to zero
        ((2.5, 1.5), "1.00"),
    }
    (cells,) = axes.collections
    assert cells.get_array().mask.tolist() == [[False, False, True], [True, False, False]]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]


@pytest.mark.parametrize(
    ("fill", "ink"), [((1.0, 1.0, 1.0), INK), ((0.0, 0.0, 0.3), "white"), ((1.0, 0.8, 0.4), INK)]
)
def test_ink_is_dark_on_light_and_light_on_dark(fill: tuple[float, ...], ink: str) -> None:
    assert ink_on(fill) == ink


def test_the_lower_triangle_is_drawn(findings: StudyData) -> None:
    found = findings.samples[0].correlation
    assert found is not None
    (axes,) = correlation_figure(found).axes
    shown = {text.get_position(): text.get_text() for text in axes.texts}
    # Rows from the second predictor on, columns up to the last but one.
    assert shown == {(0.5, 0.5): "0.90", (0.5, 1.5): "\N{MINUS SIGN}0.25", (1.5, 1.5): "\N{EN DASH}"}
    assert [label.get_text() for label in axes.get_xticklabels()] == ["grad_norm", "synflow"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["synflow", "jacov"]


def test_the_caption_says_how_many_networks_and_how_many_are_left_out(findings: StudyData) -> None:
    spec = next(specs(findings))
    assert (
        "2 to 3 networks of anynet on cifar10, seed 0; left out without a score: at most 2 of a pair"
        in spec.caption
    )


def test_without_a_sample_there_is_none(findings: StudyData) -> None:
    assert list(specs(only(findings))) == []


def test_one_predictor_agrees_with_none(findings: StudyData) -> None:
    one = Correlation(("snip",), np.eye(1), np.full((1, 1), 4), np.zeros((1, 1), dtype=np.int64))
    sample = dataclasses.replace(findings.samples[0], correlation=one)
    assert "fig2-correlation" not in [spec.name for spec in specs(only(findings, samples=(sample,)))]


@pytest.mark.parametrize("count", [2, 8, 9, 14])
def test_values_have_room_whatever_the_number_of_predictors(count: int) -> None:
    names = tuple(f"predictor_{index}" for index in range(count))
    size = (count, count)
    figure = correlation_figure(Correlation(names, np.full(size, -0.88), np.full(size, 9), np.zeros(size, int)))
    assert_inside(figure)
    shown = [box for name, box in drawn_boxes(figure).items() if "0.88" in name]
    assert len(shown) == count * (count - 1) // 2
    assert not any(one.overlaps(other) for one, other in combinations(shown, 2))


def cells(axes: object) -> dict[tuple[float, float], str]:
    return {text.get_position(): text.get_text() for text in axes.texts}  # type: ignore[attr-defined]


def test_importance_stands_next_to_its_r2(findings: StudyData) -> None:
    (axes,) = importance_figure(findings.samples[0]).axes
    assert cells(axes) == {(0.5, 0.5): "0.50", (0.5, 1.5): "\N{MINUS SIGN}0.01"}
    assert [label.get_text() for label in axes.get_xticklabels()] == ["synflow\nR² 0.90"]


def test_importances_of_predictors_with_long_names_stand_apart(findings: StudyData) -> None:
    sample = findings.samples[0]
    found = {f"my_package:a_predictor_with_a_long_name_{i}": sample.importance["synflow"] for i in range(9)}
    figure = importance_figure(dataclasses.replace(sample, importance=found))
    assert_inside(figure)
    labels = [box for name, box in drawn_boxes(figure).items() if "R²" in name]
    assert len(labels) == 9
    assert not any(one.overlaps(other) for one, other in combinations(labels, 2))
    assert figure.get_size_inches()[0] == TEXT


def test_stability_has_a_row_for_each_replicated_refinement(findings: StudyData) -> None:
    repeated = [one for one in findings.refinements if one.stability is not None]
    (axes,) = stability_figure(repeated).axes
    rows = [label.get_text() for label in axes.get_yticklabels()]
    assert rows == ["synflow, cifar10 (2 seeds)", "jacov, cifar10 (2 seeds)"]
    assert cells(axes)[0.5, 0.5] == "0.50"
    assert cells(axes)[1.5, 0.5] == cells(axes)[0.5, 1.5] == "1.00"


def test_agreement_shows_each_pair_once(findings: StudyData) -> None:
    (axes,) = agreement_figure(findings.agreement).axes
    assert cells(axes) == {(0.5, 0.5): "0.25"}
    assert axes.get_title(loc="left") == "cifar10"


def test_what_is_missing_is_not_planned(findings: StudyData) -> None:
    assert [spec.name for spec in specs(only(findings, agreement=findings.agreement))] == ["agreement"]


def test_no_text_leaves_a_figure_and_captions_count_the_missing(findings: StudyData) -> None:
    found = {spec.name: spec for spec in specs(findings)}
    assert list(found) == ["fig2-correlation", "importance", "stability", "agreement"]
    for spec in found.values():
        assert_inside(spec.draw())
    assert found["importance"].caption.endswith("seed 0; left out without a score: none.")


def test_confusion_has_the_counts_and_colours_are_shares_of_a_row() -> None:
    found = Evaluation(confusion=((6, 2, 0), (0, 0, 0), (1, 0, 1)))
    (axes,) = confusion_figure(found, ("cat", "猫", "a name that is long")).axes
    assert cells(axes) == {(0.5, 0.5): "6", (1.5, 0.5): "2", (0.5, 2.5): "1", (2.5, 2.5): "1"}
    (mesh,) = axes.collections
    shares = mesh.get_array()
    assert shares[0].tolist() == [75, 25, 0] and shares[1].mask.all() and shares[2].tolist() == [50, 0, 50]
    # The font of figures has no sign for the second class.
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert [label.get_text() for label in labels] == ["cat", "1", "a name that is …"]


@pytest.mark.parametrize("count", [2, 10, 20, 21, 100, 250])
def test_confusion_can_be_read_whatever_the_number_of_classes(count: int) -> None:
    rng = np.random.default_rng(0)
    counts = rng.integers(3000, size=(count, count)).tolist()
    names = tuple(f"a class with a name {number}" for number in range(count))
    figure = confusion_figure(Evaluation(confusion=counts), names)
    assert figure.get_size_inches()[0] == TEXT and figure.get_size_inches()[1] < 9.5
    assert_inside(figure)
    assert_apart(figure)
    rows = [label for label in figure.axes[0].get_yticklabels() if label.get_text()]
    assert len(rows) == count if count <= 100 else 50 < len(rows) <= 100
    assert min(label.get_fontsize() for label in rows) >= 4


def test_a_training_with_an_evaluation_has_its_confusion_and_others_have_none(findings: StudyData) -> None:
    names = ("cat", "dog", "owl")
    both = (trained("b/net", record([5.0]), evaluated(), class_names=names), trained("a", record([5.0])))
    (spec,) = specs(only(findings, trainings=both))
    assert (spec.name, spec.title) == ("confusion-b-net", "What b/net takes for what")
    assert "Highest errors of a class: 50.0 % (dog), 25.0 % (cat) and 0.0 % (owl)." in spec.caption
    assert spec.caption.endswith("Recipe quick, seed 7.")
    assert_inside(spec.draw())
