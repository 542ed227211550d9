"""Two predictors side by side, and figures as SVG."""

from __future__ import annotations

import dataclasses
import re

import matplotlib as mpl
import pytest

from netlore.errors import InvalidInput
from netlore.report.data import RefinementData
from netlore.report.figures.style import png_bytes
from netlore.report.figures.svg import document, inline
from netlore.report.figures.two_predictors import comparison_figure
from tests.report.conftest import build


def test_the_comparison_prints_where_both_end(synflow: RefinementData, jacov: RefinementData) -> None:
    figure = comparison_figure(synflow.first, jacov.first, list(synflow.grids))
    assert len(figure.axes) == 12
    assert [text.get_text() for text in figure.axes[0].texts] == ["15", "[2, 3]"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "synflow, 12 rounds",
        "jacov, 10 rounds",
    ]


def test_only_what_both_spaces_have_can_be_compared(synflow: RefinementData, jacov: RefinementData) -> None:
    with pytest.raises(InvalidInput, match="need x1; draw only what they have in common"):
        comparison_figure(synflow.first, jacov.first, ["d1", "x1"])


@pytest.mark.parametrize("stages", [1, 2, 5])
def test_any_number_of_stages_can_be_drawn(stages: int) -> None:
    grids: dict[str, tuple[int, ...]] = {f"{key}{i + 1}": (1, 2, 4) for key in "dk" for i in range(stages)}
    grids["k1"] = (3,)
    one = build({name: (grid[0], grid[0]) for name, grid in grids.items()}, rounds=3, grids=grids)
    assert len(comparison_figure(one.first, one.first, list(grids)).axes) == 2 * stages


def test_the_same_data_give_the_same_bytes_whatever_the_callers_settings(synflow: RefinementData) -> None:
    def draw() -> tuple[bytes, str]:
        figure = comparison_figure(synflow.first, synflow.first, ["d1", "w1"])
        return png_bytes(figure), document(figure, "pair")

    before = dict(mpl.rcParams)
    first = draw()
    assert dict(mpl.rcParams) == before
    with mpl.rc_context({"font.size": 30, "svg.hashsalt": "other", "axes.facecolor": "red"}):
        assert draw() == first


def test_svg_ids_carry_the_name_and_every_reference_resolves(synflow: RefinementData) -> None:
    text = document(comparison_figure(synflow.first, synflow.first, ["d1"]), "pair")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert all(name.startswith("pair-") for name in ids)
    references = re.findall(r'(?:url\(#|href="#)([^)"]+)', text)
    assert references
    assert set(references) <= set(ids)
    assert "DejaVu" not in text
    assert "<text" in text


def test_names_from_outside_are_drawn_as_they_are(synflow: RefinementData) -> None:
    odd = dataclasses.replace(synflow.first, predictor='_<b>$x^2$ & id="q"')  # type: ignore[type-var]
    text = document(comparison_figure(odd, synflow.first, ["d1"]), "odd")
    assert '_&lt;b&gt;$x^2$ &amp; id="q", 12 rounds' in text
    assert inline(text, 'a "b" <c>').startswith('<svg role="img" aria-label="a &quot;b&quot; &lt;c&gt;"')
