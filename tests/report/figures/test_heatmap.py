"""Cells say their values, in ink that can be read."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from netlore.report.figures.matrices import draw_heat, ink_on
from netlore.report.figures.style import INK


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
