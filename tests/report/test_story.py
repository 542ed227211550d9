"""Stories whose parts do not fit together are refused with rule, value and remedy."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import pytest

import netlore.report.page.refinement_page
from netlore.errors import InvalidInput
from netlore.report.story import RefinementStory, ReportStory


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rounds": ()}, "needs one finished round"),
        ({"cardinalities": (5, 1)}, "cardinalities has 2 entries; give one more than rounds, 13"),
        ({"cardinalities_within_budget": (5,)}, "cardinalities_within_budget has 1 entries"),
        ({"principles": {"d1": (1, 1)}}, "principles lacks d2, d3"),
        ({"grids": {"d1": (1, 2), "x1": (1, 2)}}, "Round 1 lacks the intervals of x1"),
    ],
)
def test_a_story_that_does_not_fit_is_refused(
    synflow: RefinementStory, change: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        dataclasses.replace(synflow, **change)  # type: ignore[arg-type]


def test_a_story_without_a_counted_budget_is_fine(synflow: RefinementStory) -> None:
    assert dataclasses.replace(synflow, cardinalities_within_budget=()).failed == 0


def test_a_report_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least one refinement"):
        ReportStory("nothing", ())


def test_failures_of_all_rounds_are_counted(jacov: RefinementStory) -> None:
    assert jacov.failed == 30


def test_the_room_imports_nothing_that_samples_scores_or_trains() -> None:
    above = ("errors", "files", "space", "analysis", "report", "scoring.transforms", "training.records")
    allowed = tuple(f"netlore.{room}" for room in above)
    for file in Path(netlore.report.page.refinement_page.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert "pyplot" not in name
                assert not name.startswith("torch")
                assert not name.startswith("netlore") or name.startswith(allowed), f"{file.name} imports {name}"
