"""Figures of a sample: trees are those that were grown, distributions and costs have their verdicts."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from netlore.analysis.trees import Node, Tree
from netlore.report.data import StudyData
from netlore.report.figures.figure import FigureSpec
from netlore.report.figures.sample import (
    exponential_figure,
    partial_figure,
    specs,
    tree_figure,
)
from netlore.report.figures.style import looks_of, styled
from netlore.scoring.transforms import TRANSFORMS
from tests.report.figures.conftest import assert_inside, drawn_boxes


def full_tree() -> Tree:
    """Three levels of splits, eight leaves: as wide as a tree of a study can be."""
    levels = [(0.99, 0.0, 0.01), (0.0, 1.0, 0.0)] * 4
    nodes = [Node(1 / 8, shares) for shares in levels]
    for name in ("w3", "g3", "w1"):
        pairs = zip(nodes[::2], nodes[1::2], strict=True)
        nodes = [Node(2 * below.share, below.shares, (name, 128), below, above) for below, above in pairs]
    return Tree(nodes[0], (0.0, 1.0), 0.7, 0.1, 0.4, 1000)


def tree_specs(findings: StudyData) -> list[FigureSpec]:
    return [spec for spec in specs(findings) if spec.number == 3]


def test_a_tree_shows_its_splits_and_leaves(findings: StudyData) -> None:
    (axes,) = tree_figure({"grad_norm": findings.samples[0].trees["grad_norm"]}).axes
    texts = [text.get_text() for text in axes.texts]
    assert "d3 \N{GREATER-THAN OR EQUAL TO} 6" in texts
    assert "high\n30%\npure 90%" in texts
    assert "low\n70%\npure 43%" in texts
    assert axes.get_title(loc="left") == "grad_norm: accuracy 71%, always the same level 40%"


def test_among_others_a_leaf_says_its_level_and_share_alone(findings: StudyData) -> None:
    trees = findings.samples[0].trees
    axes = tree_figure(trees).axes[0]
    assert "high\n30%" in [text.get_text() for text in axes.texts]
    together, alone, *_ = tree_specs(findings)
    assert "how many of its networks have that level" not in together.caption
    assert "how many of its networks have that level" in alone.caption


def test_nine_trees_fit_on_a_page_in_letters_that_can_be_read() -> None:
    figure = tree_figure({f"my_package:predictor_with_a_long_name_{index}": full_tree() for index in range(9)})
    assert_inside(figure)
    assert figure.get_size_inches()[1] <= 9.5
    assert min(text.get_fontsize() for axes in figure.axes for text in axes.texts) >= 6.5


def test_yes_is_the_branch_that_meets_the_split(findings: StudyData) -> None:
    (axes,) = tree_figure({"grad_norm": findings.samples[0].trees["grad_norm"]}).axes
    places = {text.get_text(): text.get_position()[0] for text in axes.texts}
    assert places["no"] < places["yes"]
    assert places["low\n70%\npure 43%"] < places["high\n30%\npure 90%"]


def test_a_tree_without_a_split_is_one_box(findings: StudyData) -> None:
    (axes,) = tree_figure({"jacov": findings.samples[0].trees["jacov"]}).axes
    assert [text.get_text() for text in axes.texts] == ["medium\n100%\npure 40%"]


@pytest.mark.parametrize("count", [1, 3, 9])
def test_boxes_do_not_overlap(count: int) -> None:
    tree = full_tree()
    figure = tree_figure({f"predictor_{index}": tree for index in range(count)})
    assert_inside(figure)
    with styled():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        for axes in figure.axes:
            boxes = [text.get_bbox_patch().get_window_extent() for text in axes.texts if text.zorder == 3]
            assert len(boxes) == 7 + 8
            assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_every_predictor_has_a_figure_of_its_own(findings: StudyData) -> None:
    together, *alone = tree_specs(findings)
    assert len(together.draw().axes) == 3
    assert [spec.title for spec in alone] == [
        f"What makes a {name} score high" for name in ("grad_norm", "synflow", "jacov")
    ]


def test_captions_count_the_networks_without_a_score(findings: StudyData) -> None:
    together, grad_norm, synflow, _ = tree_specs(findings)
    assert together.caption.startswith("Decision trees that predict")
    assert together.caption.endswith("left out without a score: 1 of grad_norm and 2 of jacov.")
    assert grad_norm.caption.startswith("Decision trees that predict")
    assert grad_norm.caption.endswith("score: 1 of grad_norm.")
    assert synflow.caption.endswith("without a score: none.")


LOOKS = looks_of(("grad_norm", "synflow", "jacov"))


def test_every_panel_says_what_was_found(findings: StudyData) -> None:
    figure = exponential_figure(findings.samples[0], LOOKS)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "grad_norm: rejected\nD = 0.310, p \N{LESS-THAN OR EQUAL TO} 0.001",
        "synflow: not rejected\nD = 0.020, p = 0.500",
        "jacov: rejected\nD = 0.040, p = 0.049",
    ]
    assert [axes.get_xlabel() for axes in figure.axes] == ["S / mean", "S / mean", "\N{MINUS SIGN}S / mean"]
    spec, cost = list(specs(findings))[4:]
    assert cost.name == "partial-correlation" and cost.caption.endswith("1 of grad_norm and 2 of jacov.")
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
    assert labels == ["FLOPs", "parameters", "activations", "blocks"]


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
