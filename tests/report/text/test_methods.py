from __future__ import annotations

from dataclasses import replace

import pytest

from netlore.report.page.refinement_page import figure_plans, render_page
from netlore.report.story import RefinementStory, ReportStory
from netlore.report.text.methods import (
    WORDS,
    by_elites,
    course_title,
    interval_note,
    principles_caption,
    size_note,
)

ONLY_THE_PAPER_S = (
    *("bootstrap", "narrow", "never looks back", "are left", "best networks of a round", "came down to"),
    *("architectures left", "round 0: the original one"),
)


@pytest.mark.parametrize("method", WORDS)
def test_a_page_says_only_what_is_true_of_its_method(synflow: RefinementStory, method: str) -> None:
    story = ReportStory("title", (replace(synflow, method=method),))
    plans = figure_plans(story)
    text = render_page(story, []) + " ".join(f"{plan.title} {plan.caption}" for plan in plans)
    found = [words for words in ONLY_THE_PAPER_S if words in text]
    assert found == (list(ONLY_THE_PAPER_S[1:]) if method == "paper" else [])
    assert ("twelve" in text) == ("may move and widen" in text) == (method != "paper")
    assert ("rinciples</caption>" in text) == ("was refined" in text) == (method in ("paper", "memory"))
    assert ("trend" in text) == ("three times" in text) == (method == "memory")
    assert ("children" in text) == (method == "evolution") and ("at random for" in text) == (method == "random")


@pytest.mark.parametrize("method", ["memory", "random", "evolution"])
def test_notes_name_those_whose_intervals_are_ranges(
    synflow: RefinementStory, jacov: RefinementStory, method: str
) -> None:
    assert interval_note([synflow, jacov]) == size_note([synflow, jacov]) == ""
    other = replace(synflow, method=method)
    assert not by_elites([synflow, jacov]) and by_elites([jacov, other])
    assert interval_note([jacov, other, other]).startswith(" An interval of synflow is the range of the twelve ")
    assert size_note([jacov, other]).startswith(" Of synflow, what the intervals hold is counted; ")


def test_a_figure_of_several_methods_has_a_title_that_is_true_of_all(synflow: RefinementStory) -> None:
    titles = [
        course_title("depths", [replace(synflow, method=one) for one in group]) for group in (WORDS, ["paper"])
    ]
    assert titles == ["How the intervals of depths move", "How depths narrow"]


def test_what_a_baseline_found_is_not_called_a_principle(synflow: RefinementStory, jacov: RefinementStory) -> None:
    chance, memory = replace(jacov, method="random"), replace(synflow, method="memory")
    uncovered = "Design principles that refinement uncovered"
    assert principles_caption([synflow, memory]) == f"{uncovered}."
    assert principles_caption([memory, chance]) == (
        f"{uncovered}; of jacov on cifar10, ranges of the twelve best architectures."
    )
    grown = replace(chance, method="evolution")
    assert principles_caption([chance, chance, grown]) == (
        "Ranges of the twelve best architectures, by random search and by regularised evolution."
    )
