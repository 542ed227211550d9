"""A study has the figures that its findings support, and they are files fit to print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netlore.report.data import StudyData
from netlore.report.figures.catalogue import figures
from netlore.report.figures.figure import draw_figures
from netlore.report.figures.style import COLUMN, TEXT
from tests.report.conftest import SYNFLOW_ENDS
from tests.report.figures.conftest import assert_inside
from tests.report.tabled import four_trained, only, refinement, small_sample, small_study

SAMPLE = ["fig2-correlation", "fig3-trees", "fig3-tree-grad-norm", "fig3-tree-synflow", "fig3-tree-jacov"]
BEYOND_SAMPLE = ["exponential", "partial-correlation", "importance"]
OTHER = "my-data-1-50"
REFINED = [
    "fig4-edf-cifar10",
    f"fig4-edf-{OTHER}",
    "fig5-sizes",
    "fig6-depths",
    f"fig6-depths-{OTHER}",
    "fig7-widths",
    f"fig7-widths-{OTHER}",
    "fig8-group-widths",
    f"fig8-group-widths-{OTHER}",
    "fig9-bottleneck-ratios",
    f"fig9-bottleneck-ratios-{OTHER}",
    "fig10-complexity",
    f"fig10-complexity-{OTHER}",
]


def names(findings: StudyData) -> list[str]:
    return [spec.name for spec in figures(findings)]


def test_figures_stand_in_their_sections_the_paper_s_first(findings: StudyData) -> None:
    expected = [
        "principles",
        SAMPLE[0],
        *SAMPLE[1:],
        *BEYOND_SAMPLE,
        *REFINED,
        "stability",
        "agreement",
        "front",
        f"front-{OTHER}",
        "repeatability",
    ]
    assert [re.sub(r"my-data[a-z0-9-]*", OTHER, name) for name in names(findings)] == expected


def test_only_what_there_is_is_drawn(findings: StudyData) -> None:
    assert names(only(findings)) == []
    assert names(only(findings, samples=(small_sample(),))) == [*SAMPLE, *BEYOND_SAMPLE]
    alone = only(findings, refinements=(refinement(SYNFLOW_ENDS, 1, 1.0),))
    assert names(alone) == ["intervals", "fig4-edf", "fig5-sizes", "fig10-complexity", "front"]
    assert not {"stability", "agreement", "repeatability"} & set(names(alone))


def test_every_figure_is_as_wide_as_a_column_or_the_text(findings: StudyData) -> None:
    for spec in figures(findings):
        width, height = spec.draw().get_size_inches()
        assert width in (COLUMN, TEXT), spec.name
        assert 0.5 <= height <= 9.5, spec.name


def test_no_text_of_any_figure_leaves_it(findings: StudyData) -> None:
    for spec in figures(findings):
        assert_inside(spec.draw())


def one_of_each() -> StudyData:
    """A sample, one refinement and trainings: every kind of figure once."""
    found = small_study()
    refined = {"refinements": found.refinements[:1], "agreement": found.agreement}
    return only(found, samples=found.samples, trainings=four_trained(), **refined)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("figures")
    reported: list[tuple[int, int]] = []
    drawn = draw_figures(figures(one_of_each()), folder, lambda done, total: reported.append((done, total)))
    assert reported == [(done, len(drawn)) for done in range(len(drawn) + 1)]
    files = {path for one in drawn for path in one.files}
    assert files == set((folder / "figures").iterdir())
    return {path.name: path.read_bytes() for path in files}


def test_fonts_are_embedded_in_pdf_as_truetype(written: dict[str, bytes]) -> None:
    pages = [content for name, content in written.items() if name.endswith(".pdf")]
    assert pages
    for content in pages:
        assert b"/FontFile2" in content
        assert b"/Type3" not in content
        assert b"CreationDate" not in content


def test_svg_files_hold_text_and_no_date(written: dict[str, bytes]) -> None:
    pictures = [content for name, content in written.items() if name.endswith(".svg")]
    assert pictures
    assert all(b"<text" in content and b"<dc:date" not in content for content in pictures)


def test_the_page_gets_text_that_can_be_read_aloud(findings: StudyData, tmp_path: Path) -> None:
    (correlation, *_) = draw_figures(figures(only(findings, samples=(small_sample(),))), tmp_path)
    assert 'aria-label="Do predictors agree? (the paper&#x27;s Fig. 2)"' in correlation.svg
    assert ">grad_norm</text>" in correlation.svg


def test_the_same_findings_give_the_same_bytes(written: dict[str, bytes], tmp_path: Path) -> None:
    draw_figures(figures(one_of_each()), tmp_path)
    again = {path.name: path.read_bytes() for path in (tmp_path / "figures").iterdir()}
    assert again == written
