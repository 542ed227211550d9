"""Scores against errors: a point for each architecture that has both."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from netlore.report.data import StudyData
from netlore.report.figures.catalogue import figures
from netlore.report.figures.figure import FigureSpec
from netlore.report.figures.style import TEXT
from netlore.report.figures.training_curves import accuracy_figure, specs, training_looks
from netlore.report.trainings import score_comparisons
from netlore.scoring.transforms import TRANSFORMS
from tests.report.figures.conftest import assert_inside
from tests.report.tabled import four_trained, only, record, small_sample, small_study
from tests.report.tabled import trained as trained_one

PREDICTORS = ("grad_norm", "snip", "grasp", "fisher", "synflow", "jacov", "logdet")


@pytest.fixture
def study() -> StudyData:
    return only(small_study(), samples=(small_sample(),), trainings=four_trained())


def many(count: int) -> StudyData:
    """A number of architectures, scored by seven predictors."""
    rng = np.random.default_rng(count)
    names = [f"paper/cifar10/network-{index}" for index in range(count)]
    scores = {name: rng.normal(size=count) for name in PREDICTORS}
    sample = dataclasses.replace(
        small_sample(),
        predictors=PREDICTORS,
        transforms=dict.fromkeys(PREDICTORS, TRANSFORMS.get("minus_log_minus")),
        frame=pd.DataFrame({"architecture": names, **scores}),
        transformed=scores,
    )
    runs = tuple(trained_one(name, record([float(rng.uniform(7, 30))])) for name in names)
    return only(small_study(), samples=(sample,), trainings=runs)


def accuracy_specs(study: StudyData) -> list[FigureSpec]:
    return [spec for spec in specs(study) if spec.name.startswith("score-accuracy")]


def test_points_are_scores_on_their_scale_and_mean_errors(study: StudyData) -> None:
    (spec,) = accuracy_specs(study)
    assert spec.name == "score-accuracy"
    figure = spec.draw()
    # jacov scored one of the three finished networks: that is no relation.
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "grad_norm\nτ = \N{MINUS SIGN}0.33, n = 3",
        "synflow\nτ = 1.00, n = 3",
    ]
    points = [line.get_xydata()[0].tolist() for line in figure.axes[0].lines]
    assert points == [[1.0, 20.0], [2.0, 12.5], [0.125, 10.0]]
    assert figure.axes[0].get_xlabel() == "score, ln S"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b", "c"]


def test_the_caption_warns_of_few_networks_and_names_both_data_sets(study: StudyData) -> None:
    elsewhere = tuple(dataclasses.replace(one, data="x/twenty.parquet") for one in study.trainings)
    (spec,) = accuracy_specs(dataclasses.replace(study, trainings=elsewhere))
    assert spec.title == "Do scores go with accuracy on twenty?"
    assert "No order of fewer than 5 networks can be distinguished from chance at 5 %." in spec.caption
    assert "no random sample" in spec.caption
    assert spec.caption.endswith(
        "Scored on cifar10 (sample, seed 0); trained on x/twenty.parquet, recipe quick, 2 epochs."
    )
    assert "No order of fewer" not in accuracy_specs(many(5))[0].caption


def test_fourteen_architectures_look_different_and_more_are_dots() -> None:
    comparisons = [one for one in score_comparisons(many(14)) if one.of_predictor]
    figure = accuracy_figure(comparisons, training_looks(many(14)))
    marks = {
        (line.get_color(), line.get_marker(), line.get_markerfacecolor() == "none")
        for line in figure.axes[0].lines
    }
    assert len(marks) == 14
    assert len(figure.legends[0].get_texts()) == 14
    (spec,) = accuracy_specs(many(15))
    dots = spec.draw()
    assert not dots.legends
    assert len(dots.axes[0].lines) == 15


def test_a_tau_that_is_undefined_is_said_to_be(study: StudyData) -> None:
    sample = study.samples[0]
    flat = dataclasses.replace(sample, transformed={**sample.transformed, "synflow": np.ones(4)})
    (spec,) = accuracy_specs(dataclasses.replace(study, samples=(flat,)))
    figure = spec.draw()
    assert figure.axes[1].get_title(loc="left") == "synflow\nτ undefined, n = 3"
    assert_inside(figure)


def test_panels_of_several_sources_name_theirs(study: StudyData) -> None:
    (spec,) = accuracy_specs(dataclasses.replace(study, samples=(small_sample(), small_sample())))
    titles = [axes.get_title(loc="left").replace("\n", " ") for axes in spec.draw().axes]
    assert titles[0] == "grad_norm, cifar10 (sample 1, seed 0) τ = \N{MINUS SIGN}0.33, n = 3"
    assert titles[3] == "synflow, cifar10 (sample 2, seed 0) τ = 1.00, n = 3"
    assert_inside(spec.draw())


@pytest.mark.parametrize("count", [3, 13])
def test_texts_lie_inside(count: int) -> None:
    (spec,) = accuracy_specs(many(count))
    figure = spec.draw()
    assert_inside(figure)
    assert figure.get_size_inches()[0] == TEXT
    assert len(figure.axes) == 7


def test_it_is_planned_only_where_both_are_known(study: StudyData) -> None:
    assert accuracy_specs(only(study, trainings=study.trainings)) == []
    assert accuracy_specs(only(study, samples=study.samples)) == []
    assert figures(study)[-1].name == "score-accuracy"
