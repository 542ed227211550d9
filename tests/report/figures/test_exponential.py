"""The test for the exponential distribution is drawn with its verdict."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
import pytest

from netlore.report.data import StudyData
from netlore.report.figures.exponential import exponential_figure, specs
from netlore.report.figures.style import looks_of
from netlore.scoring.transforms import TRANSFORMS
from tests.report.figures.conftest import assert_inside, drawn_boxes

LOOKS = looks_of(("grad_norm", "synflow", "jacov"))


def test_every_panel_says_what_was_found(findings: StudyData) -> None:
    figure = exponential_figure(findings.samples[0], LOOKS)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "grad_norm: rejected\nD = 0.310, p \N{LESS-THAN OR EQUAL TO} 0.001",
        "synflow: not rejected\nD = 0.020, p = 0.500",
        "jacov: rejected\nD = 0.040, p = 0.049",
    ]
    assert [axes.get_xlabel() for axes in figure.axes] == ["S / mean", "S / mean", "\N{MINUS SIGN}S / mean"]
    spec = specs(findings)[0]
    assert "rejected for 2 of 3" in spec.caption
    assert spec.caption.endswith("left out without a score: 1 of grad_norm and 2 of jacov.")


def test_both_functions_are_drawn_in_units_of_the_mean(findings: StudyData) -> None:
    axes = exponential_figure(findings.samples[0], LOOKS).axes[2]
    scores, expected = axes.lines
    # jacov: -S is 1.5 and 0.1, their mean is 0.8; the function is 0 before both and 1 after.
    assert scores.get_xdata() == pytest.approx([1e-3, 0.125, 0.125, 1.875, 10.0])
    assert scores.get_ydata() == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.0])
    x, y = expected.get_data()
    assert y == pytest.approx(1 - np.exp(-np.asarray(x)), abs=1e-12)
    assert axes.get_xscale() == "log"


def test_all_values_lie_on_the_axis_however_far_apart(findings: StudyData) -> None:
    axes = exponential_figure(findings.samples[0], LOOKS).axes[1]
    # synflow: 1e3, 2e3, 1e30 and 4e30, of mean 1.25e30; the smallest is 8e-28 of it.
    assert axes.get_xlim() == pytest.approx((1e-28, 10.0))
    assert min(axes.lines[0].get_xdata()[1:]) == pytest.approx(8e-28)
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["10⁻²⁰", "10⁻¹⁰", "1"]


def test_no_text_leaves_the_figure(findings: StudyData) -> None:
    assert_inside(exponential_figure(findings.samples[0], LOOKS))


def test_a_long_name_stays_over_its_panel(findings: StudyData) -> None:
    sample, long = findings.samples[0], "my_package:a_predictor_with_a_long_name"
    renamed = dataclasses.replace(
        sample,
        exponential={f"{long}{i}": sample.exponential["grad_norm"] for i in range(4)},
        transforms={f"{long}{i}": TRANSFORMS.get("log") for i in range(4)},
        frame=sample.frame.assign(**{f"{long}{i}": sample.frame["grad_norm"] for i in range(4)}),
    )
    figure = exponential_figure(renamed, looks_of(tuple(renamed.exponential)))
    assert_inside(figure)
    titles = [box for name, box in drawn_boxes(figure).items() if "my_package" in name]
    assert len(titles) == 4
    assert not any(one.overlaps(other) for one, other in combinations(titles, 2))
