"""The figure of agreement draws containment next to the width of intervals."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from netlore.report.compare.figures import agreement_figure
from netlore.report.figures.style import looks_of
from tests.report.compare.methods import comparison
from tests.report.figures.conftest import assert_apart, assert_inside


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
