"""Findings that all figures of a study are tried on, and what is looked for in them."""

from __future__ import annotations

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from netlore.report.data import StudyData
from netlore.report.figures.style import styled
from tests.report.tabled import small_study


@pytest.fixture
def findings() -> StudyData:
    return small_study()


def texts_of(figure: Figure) -> list[Text]:
    """Every text that is drawn; matplotlib also makes labels of ticks that lie beyond the axis."""
    beyond = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            slack = 1e-9 * (high - low)
            for tick in axis.get_major_ticks():
                if not axes.axison or not low - slack <= tick.get_loc() <= high + slack:
                    beyond |= {tick.label1, tick.label2}
    found = figure.findobj(Text)
    return [text for text in found if text.get_visible() and text.get_text().strip() and text not in beyond]


def drawn_boxes(figure: Figure) -> dict[str, Bbox]:
    """Where every text is drawn, in pixels, by its words and its number."""
    with styled():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer = canvas.get_renderer()
        return {
            f"{text.get_text()} #{index}": text.get_window_extent(renderer)
            for index, text in enumerate(texts_of(figure))
        }


def assert_inside(figure: Figure) -> None:
    """No text leaves the figure."""
    boxes = drawn_boxes(figure)
    width, height = figure.bbox.width, figure.bbox.height
    outside = [
        name
        for name, box in boxes.items()
        if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1
    ]
    assert not outside, outside


def assert_apart(figure: Figure) -> None:
    """No text lies on another."""
    boxes = {name: box.padded(-0.5) for name, box in drawn_boxes(figure).items()}
    touching = [(a, b) for a, b in combinations(boxes, 2) if boxes[a].overlaps(boxes[b])]
    assert not touching, touching
