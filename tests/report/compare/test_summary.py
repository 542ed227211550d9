"""Sentences of a comparison: each states its numbers, and claims no more than findings made by hand show."""

from __future__ import annotations

import dataclasses

from netlore.refinement.result import StopReason
from netlore.report.compare.data import GroupFindings
from netlore.report.compare.write import comparison_headline, comparison_summary
from netlore.report.text.summary import MOST
from tests.report.compare.methods import comparison, group, memory, paper, rescored_group


def summary(*groups: GroupFindings) -> list[str]:
    return [one.text for one in comparison_summary(comparison(*groups))]


def test_the_highest_method_stands_with_its_distance_and_what_it_took() -> None:
    first, repeats = summary()
    for part in (
        "refinement with memory has the highest",
        "of 2 methods, 18.5 after 400 networks",
        "11.0 noise units",
    ):
        assert part in first
    assert first.endswith("every seed of it ends above every seed of the paper's refinement.")
    assert "the paper's refinement 100% (intervals cover 20% of the grid)" in repeats


def test_no_winner_is_claimed_where_seeds_overlap_or_are_single() -> None:
    assert summary(group(paper(12, 18), memory(17, 19)))[0].endswith("so neither is shown to end higher.")
    assert "overlap" in summary(group(paper(12, 17), memory(17, 19)))[0]
    assert "one seed of the paper's refinement does not show" in summary(group(paper(12), memory(17, 19)))[0]
    assert not any("highest" in text for text in summary(group(paper(12, 13))))


def test_without_noise_distances_are_scores() -> None:
    assert "5.5 (noise not known) above" in summary(group(paper(12, 13), memory(17, 19), noise=None))[0]
    assert "5.5 (no noise) above" in summary(group(paper(12, 13), memory(17, 19), noise=0.0))[0]


def test_selection_bias_is_stated_beyond_one_noise_unit() -> None:
    groups = [rescored_group(group(paper(12, 14), memory(18, 19)), bias) for bias in (1.0, 0.25)]
    much, little = (next(text for text in summary(one) if "too high" in text) for one in groups)
    assert "the paper's refinement by 2.0 noise units and refinement with memory by 2.0 noise units" in much
    assert "of no method by more than one noise unit" in little
    assert "rescored elite score" in summary(groups[0])[0]


def test_interrupted_refinements_are_named() -> None:
    found = paper(12, 14)
    run = found.run
    ended = tuple(dataclasses.replace(one, stopped_because=StopReason.UNFINISHED) for one in run.refinements)
    open_ended = dataclasses.replace(found, run=dataclasses.replace(run, refinements=ended))
    assert any("interrupted with seeds 0 and 1" in text for text in summary(group(open_ended, memory(18, 19))))
    assert not any("interrupted" in text for text in summary())


def test_there_are_at_most_ten_sentences_with_the_figure_or_table_that_shows_each() -> None:
    groups = [rescored_group(group(paper(12, 14), memory(18, 19)), 1.0) for _ in range(6)]
    found = comparison_summary(comparison(*groups))
    assert len(found) == MOST == 10
    assert {one.about for one in found} <= {"method-courses", "method-agreement", "methods"}


def test_the_headline_counts_what_was_done() -> None:
    facts = dict(comparison_headline(comparison(rescored_group(group(paper(12, 14), memory(18)), 1.0))))
    assert (facts["methods"], facts["refinements"], facts["new scores"]) == ("2", "3", "200")
    assert facts["networks"] == "2,401"
