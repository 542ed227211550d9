"""docs/narrowing.md: which comparisons stored scores allow, and the page of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from netlore.experiments.record import record
from netlore.experiments.searches import SearchConfiguration
from netlore.experiments.validate_config import ValidateConfiguration
from netlore.refinement.searches.compare import compare_searches
from netlore.report.figures.figure import png_bytes
from paper import narrowing as script
from tests.refinement.searches.cases import NAME, known

PUBLISHED = Path(__file__).resolve().parents[2] / "results" / "validation" / "published"


def test_netlores_own_scores_of_whole_benchmarks_come_first_then_published_ones(tmp_path: Path) -> None:
    (tmp_path / "published").symlink_to(PUBLISHED)
    both = ValidateConfiguration(predictors=("synflow", "logdet"), networks=15_625)
    for name, asked in (
        ("whole", both),
        ("part", both.model_copy(update={"networks": 500})),
        ("connected", both.model_copy(update={"connected": True})),
    ):
        (tmp_path / name).mkdir()
        record(tmp_path / name, "validate", asked, num_classes=10, resolution=32, channels=3)
    found = list(script.asked(tmp_path))
    own = [(one.predictor, one.scores) for whose, one in found if whose == "netlore"]
    assert own == [("synflow", tmp_path / "whole"), ("logdet", tmp_path / "whole")]
    assert [whose for whose, _ in found[:2]] == ["netlore"] * 2 and len(found) == 2 + len(script.PUBLISHED)


@pytest.mark.parametrize("data", ["cifar100", "class_scene"])
def test_published_scores_fit_their_benchmarks(data: str) -> None:
    for _, one in script.asked(PUBLISHED.parent):
        if one.data == data and one.predictor == "synflow":
            space = one.known()
            assert len(space) == space.space.cardinality == (4_096 if data == "class_scene" else 15_625)
            assert sum(map(bool, space.scores == space.scores)) == (2_128 if data == "class_scene" else 15_284)


def test_the_page_has_every_comparison_with_its_figure_tables_and_command() -> None:
    compared = compare_searches(replace(known(), name="synflow"), 8, 2, 40, with_tpe=False)
    asked = SearchConfiguration(NAME, "noise", scores=Path("some.csv"), networks=8, seeds=2, most=40, tpe=False)
    page = script.document([script.case_of("Nobody", asked, compared)])
    assert "## Three Edges, noise, synflow by Nobody" in page and "Median accuracy of the pick after 200" in page
    assert "figures/narrowing-three-edges-noise-synflow-nobody.png" in page
    assert page.count("| the paper's refinement |") == len(script.TABLES) + 1 and "its best of 25 drawn" in page
    assert "--scores some.csv --networks 8 --seeds 2 --most 40 --no-tpe" in page
    assert png_bytes(script.case_of("Nobody", asked, compared).figures[0].draw())[:4] == b"\x89PNG"
