"""Figures of a comparison draw bands, where seeds stopped, and containment next to widths; and they fit."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.patches import Rectangle

from netlore.report.figures.courses import agreement_figure, comparison_figures, courses_figure
from netlore.report.figures.style import TEXT, looks_of
from tests.report.compare.methods import comparison, group, memory, method, paper, replicate, rescored_group
from tests.report.figures.conftest import assert_apart, assert_inside


def test_a_row_has_the_best_architecture_and_the_elite_of_every_method() -> None:
    found = comparison()
    figure = courses_figure(found)
    assert figure.get_size_inches()[0] == TEXT
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["synflow on cifar10\nbest architecture", "noise 0.5\nmean of the twelve best"]
    for axes, side in zip(figure.axes, ("best", "elite"), strict=True):
        *lines, best_known = axes.lines
        for one, line, ends in zip(found.groups[0].methods, lines[::2], lines[1::2], strict=True):
            np.testing.assert_array_equal(line.get_ydata(), getattr(one, side).middle)
            assert list(ends.get_xdata()) == list(one.networks)
        assert list(lines[1].get_ydata()) == [12 + (side == "best"), 14 + (side == "best"), 13 + (side == "best")]
        assert list(best_known.get_ydata()) == [20.0, 20.0]
        assert len([one for one in axes.collections if isinstance(one, PolyCollection)]) == 2
        (noise,) = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
        assert (noise.get_y(), noise.get_height()) == (19.5, 1.0)
    assert_inside(figure)
    assert_apart(figure)


def test_axes_show_where_methods_end() -> None:
    low = method("paper", *(replicate("paper", seed, 12.0, 1000, None) for seed in (0, 1)))
    low.replicates[0].elite_course[1, 1] = -1e6
    axes = courses_figure(comparison(group(low, memory(18, 19)))).axes[1]
    bottom, top = axes.get_ylim()
    assert 0 < bottom < 12 and top > 20.5
    first, last = axes.get_xlim()
    assert 100 < first < 200 and last > 1000
    assert axes.get_xscale() == "log"


def test_methods_that_end_alike_and_without_noise_are_drawn_too() -> None:
    found = comparison(group(paper(20), memory(20), noise=None, best_known=21.0))
    figure = courses_figure(found)
    assert figure.axes[1].get_title(loc="left").startswith("noise not known")
    assert not [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert_inside(figure)


def test_fresh_elite_scores_hang_from_where_their_seeds_stopped() -> None:
    found = comparison(rescored_group(group(paper(12, 14), memory(18, 19)), 10.0))
    figure = courses_figure(found)
    best, elite = figure.axes
    assert not [line for line in best.lines if line.get_marker() == "_"]
    dashes = [line for line in elite.lines if line.get_marker() == "_"]
    ends = [(line.get_xdata()[0], line.get_ydata()[0], line.get_color()) for line in dashes]
    colours = [line.get_color() for line in elite.lines if len(line.get_xdata()) > 2]
    assert ends == [(1000, 2, colours[0]), (1001, 4, colours[0]), (400, 8, colours[1]), (400, 9, colours[1])]
    drops = [list(line.get_ydata()) for line in elite.lines if line.get_linewidth() == 0.7]
    assert drops == [[12, 2], [14, 4], [18, 8], [19, 9]]
    assert elite.get_ylim()[0] < 2
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()][2] == "rescored elite"
    assert_inside(figure)
    assert_apart(figure)


def test_captions_speak_of_fresh_scores_where_there_are_any() -> None:
    again = comparison(group(paper(12, 14)), rescored_group(group(memory(18, 19)), 1.0))
    assert (
        "rescored" in comparison_figures(again)[0].caption
        and "rescored" not in comparison_figures(comparison())[0].caption
    )
    assert not any("rescored" in text.get_text() for text in courses_figure(comparison()).legends[0].get_texts())


def test_agreement_has_a_point_and_a_bar_for_each_hyperparameter_and_method() -> None:
    found = comparison()
    figure = agreement_figure(found.groups, looks_of(found.labels))
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()][:4] == ["d1", "d2", "d3", "w1"]
    heights = [patch.get_height() for patch in axes.patches if isinstance(patch, Rectangle)]
    assert heights == pytest.approx([width for one in found.groups[0].methods for width in one.widths.values()])
    points = [line for line in axes.lines if len(line.get_xdata()) == 12]
    for line, one in zip(points, found.groups[0].methods, strict=True):
        assert one.stability is not None
        np.testing.assert_array_equal(line.get_ydata(), one.stability.containment)
    # Between depths and widths, widths and group widths, group widths and ratios.
    assert [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 2] == [2.5, 5.5, 8.5]
    assert_inside(figure)
    assert_apart(figure)


def test_many_groups_and_methods_fit() -> None:
    methods = [
        method(name, *(replicate(name, i, 10.0 + i, 900, None) for i in (0, 1))) for name in ("a", "b", "c")
    ]
    found = comparison(
        group(*methods, paper(12), memory(18, 19)),
        rescored_group(group(memory(18, 19)), 2.0),
        group(paper(12, 13)),
    )
    for spec in comparison_figures(found):
        figure = spec.draw()
        assert_inside(figure)
        assert_apart(figure)


def test_without_replicates_nothing_repeats() -> None:
    specs = comparison_figures(comparison(group(paper(12), memory(18))))
    assert [spec.name for spec in specs] == ["method-courses"]
