"""Fig. 3: splits, levels and shares are those of the tree, and no box hides another."""

from __future__ import annotations

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from netlore.analysis.trees import Node, Tree
from netlore.report.data import StudyData
from netlore.report.figures.style import styled
from netlore.report.figures.trees import specs, tree_figure
from tests.report.figures.conftest import assert_inside


def full_tree() -> Tree:
    """Three levels of splits, eight leaves: as wide as a tree of a study can be."""
    levels = [(0.99, 0.0, 0.01), (0.0, 1.0, 0.0)] * 4
    nodes = [Node(1 / 8, shares) for shares in levels]
    for name in ("w3", "g3", "w1"):
        pairs = zip(nodes[::2], nodes[1::2], strict=True)
        nodes = [Node(2 * below.share, below.shares, (name, 128), below, above) for below, above in pairs]
    return Tree(nodes[0], (0.0, 1.0), 0.7, 0.1, 0.4, 1000)


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
    together, alone, *_ = specs(findings)
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
    together, *alone = specs(findings)
    assert len(together.draw().axes) == 3
    assert [spec.title for spec in alone] == [
        f"What makes a {name} score high" for name in ("grad_norm", "synflow", "jacov")
    ]


def test_captions_count_the_networks_without_a_score(findings: StudyData) -> None:
    together, grad_norm, synflow, _ = specs(findings)
    assert together.caption.startswith("Decision trees that predict")
    assert together.caption.endswith("left out without a score: 1 of grad_norm and 2 of jacov.")
    assert grad_norm.caption.startswith("Decision trees that predict")
    assert grad_norm.caption.endswith("score: 1 of grad_norm.")
    assert synflow.caption.endswith("without a score: none.")
