"""Figures show what the story says, and the same story gives the same bytes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

from netlore.errors import InvalidInput
from netlore.report.figures.refinement import (
    cardinality_figure,
    comparison_figure,
    complexity_figure,
    edf_figure,
    interval_figure,
)
from netlore.report.figures.style import looks, png_bytes
from netlore.report.figures.svg import document, inline
from netlore.report.story import RefinementStory, ReportStory

Builder = Callable[..., RefinementStory]


def bands(axes: Axes) -> list[StepPatch]:
    return [patch for patch in axes.patches if isinstance(patch, StepPatch) and patch.get_fill()]


def test_a_band_begins_at_the_full_grid_and_ends_at_the_principle(jacov: RefinementStory) -> None:
    figure = interval_figure([jacov], ["w1", "w2", "w3"])
    axes = figure.axes[0]
    data = bands(axes)[0].get_data()
    high, edges, low = (np.asarray(part) for part in data)
    assert (low[0], high[0]) == (1, 512)
    assert (low[-1], high[-1]) == jacov.principles["w1"]
    assert edges[0] == -0.5
    assert edges[-1] == 10.5
    assert axes.get_title(loc="left") == "Width of stage 1, w1"
    assert axes.get_yscale() == "log"
    assert [label.get_text() for label in axes.get_yticklabels()] == [str(2**k) for k in range(10)]


def test_depths_are_linear_and_rounds_are_whole_numbers(synflow: RefinementStory) -> None:
    axes = interval_figure([synflow], ["d1"]).axes[0]
    assert axes.get_yscale() == "linear"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["1", "4", "8", "12", "16"]
    assert all(float(tick).is_integer() for tick in axes.get_xticks())


def test_replicates_are_told_apart_by_colour_and_line_style(replicated: ReportStory) -> None:
    figure = interval_figure(replicated.refinements, ["d1"])
    assert len(bands(figure.axes[0])) == 3
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["median, seed 0", "median, seed 1", "median, seed 2", "interval"]
    seen = looks(20)
    assert len({(look.colour, look.dashes) for look in seen}) == 20


def test_an_edf_ends_at_one_and_rounds_without_scores_are_left_out(jacov: RefinementStory) -> None:
    empty = dataclasses.replace(jacov.rounds[3], scores=np.array([]), failed=500)
    story = dataclasses.replace(jacov, rounds=(*jacov.rounds[:3], empty, *jacov.rounds[4:]))
    axes, bar = edf_figure(story).axes
    assert len(axes.lines) == 9
    for line in axes.lines:
        fraction = np.asarray(line.get_ydata())
        assert (fraction[0], fraction[-1]) == (0.0, 1.0)
    assert [label.get_text() for label in bar.get_yticklabels()] == ["1", "2", "3", "5", "6", "7", "8", "9", "10"]
    assert axes.get_xlabel() == "score, -ln(-S)"


def test_one_round_needs_no_colour_bar(build_story: Builder, jacov: RefinementStory) -> None:
    story = build_story(jacov.principles, rounds=1)
    assert len(edf_figure(story).axes) == 1
    assert complexity_figure([story]).axes[0].get_xlim() == (0.5, 1.5)


def test_a_single_architecture_stays_on_the_axis(synflow: RefinementStory) -> None:
    axes = cardinality_figure([synflow]).axes[0]
    line = axes.lines[0]
    assert np.asarray(line.get_ydata())[-1] == 0.0
    assert axes.get_ylim()[0] < 0.0
    assert axes.get_yticklabels()[0].get_text() == "1"
    assert {text.get_text() for text in axes.texts} == {"1"}


def test_sizes_beyond_a_float_and_empty_spaces_can_be_drawn(synflow: RefinementStory) -> None:
    story = dataclasses.replace(
        synflow,
        cardinalities=tuple(10 ** (400 - 30 * j) for j in range(13)),
        cardinalities_within_budget=(*(10 ** (390 - 30 * j) for j in range(12)), 0),
    )
    figure = cardinality_figure([story])
    assert np.isnan(np.asarray(figure.axes[0].lines[1].get_ydata())[-1])
    assert png_bytes(figure).startswith(b"\x89PNG")


def test_one_panel_for_one_refinement_and_one_per_kind_for_several(replicated: ReportStory) -> None:
    assert len(cardinality_figure(replicated.refinements[:1]).axes) == 1
    titles = [axes.get_title(loc="left") for axes in cardinality_figure(replicated.refinements).axes]
    assert titles == ["All architectures", "Within the budget (10-50 MFLOPs)"]
    uncounted = [dataclasses.replace(one, cardinalities_within_budget=()) for one in replicated.refinements]
    assert len(cardinality_figure(uncounted).axes) == 1


def test_the_comparison_prints_where_both_end(synflow: RefinementStory, jacov: RefinementStory) -> None:
    figure = comparison_figure(synflow, jacov, list(synflow.grids))
    assert len(figure.axes) == 12
    assert [text.get_text() for text in figure.axes[0].texts] == ["15", "[2, 3]"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "synflow, 12 rounds",
        "jacov, 10 rounds",
    ]


def test_only_what_both_spaces_have_can_be_compared(synflow: RefinementStory, jacov: RefinementStory) -> None:
    with pytest.raises(InvalidInput, match="need x1; draw only what they have in common"):
        comparison_figure(synflow, jacov, ["d1", "x1"])


@pytest.mark.parametrize("stages", [1, 2, 5])
def test_any_number_of_stages_can_be_drawn(build_story: Builder, stages: int) -> None:
    grids: dict[str, tuple[int, ...]] = {f"{key}{i + 1}": (1, 2, 4) for key in "dk" for i in range(stages)}
    grids["k1"] = (3,)
    story = build_story({name: (grid[0], grid[0]) for name, grid in grids.items()}, rounds=3, grids=grids)
    names = [f"k{i + 1}" for i in range(stages)]
    figure = interval_figure([story], names)
    assert [axes.get_title(loc="left") for axes in figure.axes] == names
    assert len(comparison_figure(story, story, list(grids)).axes) == 2 * stages
    assert png_bytes(figure).startswith(b"\x89PNG")


def test_the_same_story_gives_the_same_bytes_whatever_the_callers_settings(synflow: RefinementStory) -> None:
    def draw() -> tuple[bytes, str]:
        figure = complexity_figure([synflow])
        return png_bytes(figure), document(figure, "complexity")

    before = dict(mpl.rcParams)
    first = draw()
    assert dict(mpl.rcParams) == before
    with mpl.rc_context({"font.size": 30, "svg.hashsalt": "other", "axes.facecolor": "red"}):
        assert draw() == first


def test_svg_ids_carry_the_name_and_every_reference_resolves(synflow: RefinementStory) -> None:
    text = document(edf_figure(synflow), "edf")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert all(name.startswith("edf-") for name in ids)
    references = re.findall(r'(?:url\(#|href="#)([^)"]+)', text)
    assert references
    assert set(references) <= set(ids)
    assert "DejaVu" not in text
    assert "<text" in text


def test_names_from_outside_are_drawn_as_they_are(synflow: RefinementStory) -> None:
    odd = dataclasses.replace(synflow, predictor='_<b>$x^2$ & id="q"', scale="$S$ <i>")
    figure: Figure = comparison_figure(odd, synflow, ["d1"])
    text = document(figure, "odd")
    assert '_&lt;b&gt;$x^2$ &amp; id="q", 12 rounds' in text
    assert "score, $S$ &lt;i&gt;" in document(edf_figure(odd), "edf")
    assert inline(text, 'a "b" <c>').startswith('<svg role="img" aria-label="a &quot;b&quot; &lt;c&gt;"')
