"""What goes beyond the paper draws the numbers of the analyses."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
import pytest

from netlore.report.data import StudyData
from netlore.report.figures.exponential import partial_figure
from netlore.report.figures.exponential import specs as exponential_specs
from netlore.report.figures.matrices import (
    agreement_figure,
    importance_figure,
    specs,
    stability_figure,
)
from netlore.report.figures.style import TEXT, looks_of
from tests.report.figures.conftest import assert_inside, drawn_boxes
from tests.report.tabled import only

LOOKS = looks_of(("grad_norm", "synflow", "jacov"))


def cells(axes: object) -> dict[tuple[float, float], str]:
    return {text.get_position(): text.get_text() for text in axes.texts}  # type: ignore[attr-defined]


def test_partial_correlations_are_dots(findings: StudyData) -> None:
    figure = partial_figure(findings.samples[0], LOOKS)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "grad_norm\n75% explained",
        "jacov\n12% explained",
    ]
    plain, partial = figure.axes[0].lines[1:]
    assert plain.get_xdata() == pytest.approx([0.5] * 4)
    assert partial.get_xdata()[:3] == pytest.approx([0.1, 0.8, -0.2])
    assert np.isnan(partial.get_xdata()[3])
    assert plain.get_markerfacecolor() == "none"
    assert plain.get_markersize() > partial.get_markersize()
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["FLOPs", "parameters", "activations", "depth"]


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
    assert specs(only(findings)) == []
    assert [spec.name for spec in specs(only(findings, agreement=findings.agreement))] == ["agreement"]


def test_titles_do_not_collide_and_an_undefined_share_is_said_in_words(findings: StudyData) -> None:
    names = ("grad_norm", "synflow", "gradient_sign", "jacov")
    found = dataclasses.replace(findings.samples[0].partial["jacov"], explained=float("nan"))
    sample = dataclasses.replace(findings.samples[0], partial=dict.fromkeys(names, found))
    figure = partial_figure(sample, looks_of(names))
    assert figure.axes[2].get_title(loc="left") == "gradient_sign\nnothing to explain"
    assert_inside(figure)
    titles = [box for text, box in drawn_boxes(figure).items() if "explain" in text]
    assert len(titles) == 4
    assert not any(one.overlaps(other) for one, other in combinations(titles, 2))


def test_no_text_leaves_a_figure_and_captions_count_the_missing(findings: StudyData) -> None:
    found = {spec.name: spec for spec in (*exponential_specs(findings)[1:], *specs(findings))}
    assert list(found) == ["partial-correlation", "importance", "stability", "agreement"]
    for spec in found.values():
        assert_inside(spec.draw())
    assert found["partial-correlation"].caption.endswith("without a score: 1 of grad_norm and 2 of jacov.")
    assert found["importance"].caption.endswith("seed 0; left out without a score: none.")
