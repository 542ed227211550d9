"""Fig. 11 draws the errors of every epoch."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from netlore.report.data import TrainedArchitecture
from netlore.report.figures.catalogue import figures
from netlore.report.figures.style import TEXT
from netlore.report.figures.training_curves import curve_figure, specs, training_looks
from netlore.report.trainings import training_groups
from tests.report.figures.conftest import assert_apart, assert_inside
from tests.report.tabled import four_trained, only, record, small_study
from tests.report.tabled import trained as trained_one


def drawn(*trainings: TrainedArchitecture) -> Figure:
    findings = only(small_study(), trainings=trainings)
    (group,) = training_groups(trainings)
    return curve_figure(group, training_looks(findings))


def many(count: int, epochs: int, seeds: int) -> list[TrainedArchitecture]:
    """Architectures whose errors fall from 90 % to a few."""
    falls = np.geomspace(90.0, 5.0, epochs) if epochs > 1 else np.asarray([60.0])
    return [
        trained_one(
            f"baseline/a-network-{index}",
            *(record(list(falls * (1 + 0.02 * index + 0.01 * seed)), seed=seed) for seed in range(seeds)),
        )
        for index in range(count)
    ]


def test_both_errors_of_every_epoch_are_drawn_as_means_over_seeds() -> None:
    learned, judged = drawn(*four_trained()).axes
    assert [axes.get_title(loc="left") for axes in (learned, judged)] == [
        "Training images, augmented",
        "Validation images",
    ]
    lines = [line.get_xydata().tolist() for line in judged.lines]
    # Of c the finished seed alone, of d as far as it came.
    assert lines == [[[1, 80], [2, 20]], [[1, 62], [2, 12.5]], [[1, 50], [2, 10]], [[1, 12]]]
    assert learned.lines[1].get_ydata() == pytest.approx([93.0, 18.75])
    (band,) = judged.collections
    assert {tuple(point) for point in band.get_paths()[0].vertices.tolist()} == {
        (1, 60),
        (1, 64),
        (2, 12),
        (2, 13),
    }


def test_the_legend_has_errors_and_what_is_unfinished() -> None:
    texts = [text.get_text() for text in drawn(*four_trained()).legends[0].get_texts()]
    assert texts == ["a, 20.00 %", "b, 12.50 %", "c, 10.00 %", "d, unfinished"]


def test_errors_that_fall_far_have_a_logarithmic_axis() -> None:
    _, judged = drawn(*many(2, 15, 1)).axes
    assert judged.get_yscale() == "log"
    assert [label.get_text() for label in judged.get_yticklabels()] == ["5", "10", "20", "50", "100"]
    _, judged = drawn(trained_one("a", record([80.0, 60.0, 30.0]))).axes
    assert judged.get_yscale() == "linear"
    low, high = judged.get_ylim()
    assert 25 < low < 30
    assert 80 < high < 85


def test_no_error_at_all_neither_stretches_an_axis_nor_breaks_it() -> None:
    _, judged = drawn(trained_one("a", record([50.0, 2.0, 0.0]))).axes
    assert judged.get_yscale() == "log"
    assert judged.get_ylim()[0] == pytest.approx(2.0 / 1.12)
    _, judged = drawn(trained_one("a", record([0.0, 0.0]))).axes
    assert judged.get_yscale() == "linear"
    assert_inside(drawn(trained_one("a", record([0.0, 0.0]))))


def test_few_epochs_have_markers_and_many_have_none() -> None:
    assert drawn(*many(2, 1, 1)).axes[1].lines[0].get_marker() == "o"
    assert drawn(*many(2, 21, 1)).axes[1].lines[0].get_marker() == "None"


@pytest.mark.parametrize(("count", "epochs", "seeds"), [(1, 1, 1), (4, 15, 3), (13, 300, 1), (40, 3, 1)])
def test_texts_lie_inside_and_apart_whatever_there_is(count: int, epochs: int, seeds: int) -> None:
    figure = drawn(*many(count, epochs, seeds))
    assert_inside(figure)
    assert_apart(figure)
    width, height = figure.get_size_inches()
    assert width == TEXT
    assert height < 9.5
    # The panels are what a figure is for.
    assert all(axes.get_position().height * height > 1.2 for axes in figure.axes)


def test_a_figure_for_each_group_and_the_caption_says_what_was_done() -> None:
    (spec,) = specs(only(small_study(), trainings=four_trained()))
    assert spec.name == "fig11-training"
    assert spec.title == "How training goes on cifar10, recipe quick"
    assert "augmented as they are and while they are learned" in spec.caption
    assert "Recipe quick: 2 epochs of 1,000 images of cifar10, validated on 500; seeds 0 and 1." in spec.caption
    assert spec.caption.endswith("Unfinished: c after 1 epoch (seed 1) and d after 1 epoch (seed 0).")
    other = trained_one("a", record([5.0]), data="x/digits.parquet")
    found = list(specs(only(small_study(), trainings=(*four_trained(), other))))
    assert [spec.name for spec in found] == ["fig11-training-cifar10", "fig11-training-digits"]
    assert "x/digits.parquet, validated on 500; seed 0." in found[1].caption
    assert "bands" not in found[1].caption
    assert list(specs(only(small_study()))) == []


def test_trainings_stand_after_refinements() -> None:
    found = [spec.name for spec in figures(only(small_study(), refinements=small_study().refinements))]
    both = only(small_study(), refinements=small_study().refinements, trainings=four_trained())
    assert [spec.name for spec in figures(both)] == [*found, "fig11-training"]
