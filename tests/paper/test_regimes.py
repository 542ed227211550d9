"""The page of docs/regimes.md, from the archives that it is made of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from paper.regimes import COMMAND, document, finished

from netlore.errors import InvalidInput
from netlore.refinement.result import StopReason
from netlore.report.collect import find
from netlore.report.data import StudyData

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def stored() -> StudyData:
    folders = sorted((ROOT / "results" / "regimes").glob("synflow-*/run.json"))
    return find([path.parent for path in folders], "Regimes")


def test_budgets_stand_in_ascending_order_with_what_they_rest_on(stored: StudyData) -> None:
    text = document(finished(stored))
    budgets = ("10M to 50M", "50M to 100M", "100M to 200M")
    places = [text.index(f"- synflow on cifar10 at {budget} FLOPs, ") for budget in budgets]
    assert places == sorted(places)
    assert COMMAND in text and "| 10M to 50M FLOPs | 50M to 100M FLOPs | 100M to 200M FLOPs" in text


def test_what_is_not_finished_is_left_out(stored: StudyData) -> None:
    first, *others = finished(stored).refinements
    begun = replace(first.first, stopped_because=StopReason.UNFINISHED)
    study = replace(stored, refinements=(replace(first, refinements=(begun,)), *others))
    mixed = replace(first, refinements=(first.first, begun))
    assert finished(replace(stored, refinements=(mixed, *others))).refinements[0].refinements == (first.first,)
    assert [one.budget for one in finished(study).refinements] == [one.budget for one in others]
    with pytest.raises(InvalidInput, match="no predictor has finished refinements under two budgets"):
        finished(replace(study, refinements=study.refinements[:2]))
