"""Figs. 4, 5 and 10 draw the numbers of the stories."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from matplotlib.colors import to_hex

from netlore.report.findings import StudyFindings
from netlore.report.paper.course import complexity_figure, edf_figure, plans, sizes_figure, sizes_of
from netlore.report.paper.print_style import looks_of, predictors_of
from tests.report.tabled import only


def test_an_edf_has_a_curve_for_each_round_up_to_its_best_score(findings: StudyFindings) -> None:
    story = findings.refinements[0].first
    axes = edf_figure([story]).axes[0]
    assert len(axes.lines) == len(story.rounds)
    for line, entry in zip(axes.lines, story.rounds, strict=True):
        x, fraction = line.get_data()
        assert x[-1] == entry.scores.max()
        assert fraction[-1] == 1.0
        assert len(x) <= 200
        middle = np.searchsorted(fraction, 0.5)
        assert x[middle] == pytest.approx(np.quantile(entry.scores, fraction[middle], method="inverted_cdf"))
    assert axes.lines[-1].get_linewidth() > axes.lines[0].get_linewidth()


def test_outliers_on_the_left_do_not_squeeze_the_rest(findings: StudyFindings) -> None:
    story = findings.refinements[0].first
    entry = story.rounds[0]
    scores = np.concatenate([[-1e9], np.linspace(0.0, 10.0, 199)])
    changed = dataclasses.replace(story, rounds=(dataclasses.replace(entry, scores=scores), *story.rounds[1:]))
    assert edf_figure([changed]).axes[0].get_xlim()[0] > -1e3


def test_sizes_are_powers_of_ten_of_exact_counts(findings: StudyFindings) -> None:
    figure = sizes_figure(findings)
    story = findings.refinements[0].first
    heights = figure.axes[0].lines[0].get_ydata()
    assert heights == pytest.approx([math.log10(size) for size in story.cardinalities], rel=1e-12)
    assert [axes.get_title(loc="left") for axes in figure.axes] == list(findings.data)


def test_an_empty_space_leaves_a_gap_and_huge_ones_are_drawn(findings: StudyFindings) -> None:
    one = findings.refinements[0]
    sizes = (10**400, *one.first.cardinalities[1:-1], 0)
    story = dataclasses.replace(one.first, cardinalities=sizes, cardinalities_within_budget=())
    changed = only(findings, refinements=(dataclasses.replace(one, replicates=(story,)),))
    heights = sizes_figure(changed).axes[0].lines[0].get_ydata()
    assert heights[0] == pytest.approx(400)
    assert np.isnan(heights[-1])


def test_complexities_are_medians_of_every_round(findings: StudyFindings) -> None:
    figure = complexity_figure(findings)
    assert len(figure.axes) == 2 * 3
    story = findings.refinements[0].first
    assert figure.axes[0].lines[0].get_ydata().tolist() == [
        entry.complexities["flops"][1] for entry in story.rounds
    ]
    assert [axes.get_title(loc="left") for axes in figure.axes[:3]] == ["FLOPs", "Parameters", "Activations"]
    assert [axes.get_ylabel() for axes in (figure.axes[0], figure.axes[3])] == list(findings.data)


def test_a_predictor_keeps_its_look_in_all_figures(findings: StudyFindings) -> None:
    look = looks_of(predictors_of(findings))
    assert predictors_of(findings) == ("grad_norm", "synflow", "jacov")
    for figure in (sizes_figure(findings), complexity_figure(findings)):
        assert to_hex(figure.axes[0].lines[0].get_color()) == look["synflow"].colour.lower()
        labels = [text.get_text() for text in figure.legends[0].get_texts()]
        assert "grad_norm" not in labels  # it was not refined


def test_captions_say_how_many_networks_a_round_had(findings: StudyFindings) -> None:
    refinements = findings.refined("cifar10")
    networks = refinements[0].first.networks
    assert sizes_of(refinements) == f"{networks:,} networks a round, seed 0."
    other = dataclasses.replace(refinements[1].first, networks=7)
    mixed = (refinements[0], dataclasses.replace(refinements[1], replicates=(other,)))
    assert sizes_of(mixed) == f"Networks a round: synflow: {networks:,}, seed 0; jacov: 7, seed 0."
    assert plans(only(findings)) == []
