from __future__ import annotations

from dataclasses import replace

import pytest

from netlore.report.methods import WORDS, interval_note, size_note
from netlore.report.page import figure_plans, render_page
from netlore.report.story import RefinementStory, ReportStory

ONLY_THE_PAPER_S = ("bootstrap", "narrow", "never looks back", "are left", "best networks of a round")


@pytest.mark.parametrize("method", WORDS)
def test_a_page_says_only_what_is_true_of_its_method(synflow: RefinementStory, method: str) -> None:
    story = ReportStory("title", (replace(synflow, method=method),))
    plans = figure_plans(story)
    text = render_page(story, []) + " ".join(f"{plan.title} {plan.caption}" for plan in plans)
    found = [words for words in ONLY_THE_PAPER_S if words in text]
    assert found == ([] if method == "memory" else list(ONLY_THE_PAPER_S[1:]))
    assert ("twelve" in text) == ("may move and widen" in text) == (method == "memory")


def test_notes_name_those_that_have_a_memory(synflow: RefinementStory, jacov: RefinementStory) -> None:
    assert interval_note([synflow, jacov]) == size_note([synflow, jacov]) == ""
    memory = replace(synflow, method="memory")
    assert interval_note([jacov, memory, memory]).startswith(" An interval of synflow is the range of the twelve ")
    assert "half of a round" in size_note([jacov, memory])
