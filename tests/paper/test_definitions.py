"""docs/definitions.md: a card for each predictor, no other, and nothing on it that is out of date."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from netlore.errors import InvalidInput
from netlore.scoring.predictor import EVERYTHING, PREDICTORS
from paper import definitions as script

NOTES: dict[str, Any] = tomllib.loads(script.NOTES.read_text())
PAGE = Path(__file__).resolve().parents[2] / "docs" / "definitions.md"


def test_every_predictor_has_an_entry_in_alphabetical_order() -> None:
    assert list(NOTES) == sorted(one.name for one in script.built_in())


def test_the_page_is_what_the_command_makes() -> None:
    assert PAGE.read_text() == script.document(NOTES), f"run {script.COMMAND}"


def test_a_card_has_what_code_says_and_what_is_known() -> None:
    card = next(one for one in script.cards(NOTES) if one.name == "jacov")
    jacov = PREDICTORS.get("jacov")
    assert card.formula == jacov.summary.removesuffix(".") + "." and "k = 1e-5" in card.text[0]
    assert card.facts["Source"] == jacov.source and card.facts["Inputs"] == "the batch"
    assert card.facts["Analysed on the scale"] == "-ln(-S) (`minus_log_minus`)"
    assert card.facts["Needs"].startswith("`INPUT_JACOBIAN`: Gradient of the sum of all logits")
    assert "one backward pass (gradient of the sum of logits)" in card.facts["Passes over a module"]
    assert card.notes["printed"] == NOTES["jacov"]["printed"] and not card.notes["bugs"]
    page = script.document(NOTES)
    assert (
        script.escaped(NOTES["jacov"]["printed"]) in page and script.escaped(NOTES["jacov"]["public"][0]) in page
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"snip": None}, "differ in snip; give each predictor a table"),
        ({"snap": {"printed": ""}}, "differ in snap"),
        ({"snip": {}}, "table 'snip' of definitions.toml is wrong in printed"),
        ({"snip": {"printed": "", "printd": ""}}, "is wrong in printd"),
        ({"snip": {"printed": ["no text"]}}, "is wrong in printed"),
        ({"snip": {"printed": "", "bugs": [1]}}, "is wrong in bugs"),
    ],
)
def test_what_does_not_fit_is_refused(changed: dict[str, Any], message: str) -> None:
    notes = {name: one for name, one in {**NOTES, **changed}.items() if one is not None}
    with pytest.raises(InvalidInput, match=message):
        script.document(notes)


def test_signs_of_markdown_are_escaped_but_in_code() -> None:
    assert script.escaped("a * <b, c> |d| `e * <f>` [g](h)") == r"a \* \<b, c> \|d\| `e * <f>` [g](h)"


def test_the_readme_counts_what_is_built_in() -> None:
    readme = Path(__file__).resolve().parents[2] / "README.md"
    assert f"[{len(EVERYTHING)} predictors and" in readme.read_text(encoding="utf-8")
