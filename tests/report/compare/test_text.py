"""Sentences of a comparison: each is true of findings made up by hand, and claims no more than they show."""

from __future__ import annotations

import dataclasses

from netlore.report.compare.data import GroupFindings
from netlore.report.compare.text import comparison_headline, comparison_summary
from tests.report.compare.methods import (
    comparison,
    group,
    memory,
    method,
    paper,
    replicate,
    scored_anew,
    without_fresh,
)


def summary(*groups: GroupFindings) -> list[str]:
    return comparison_summary(comparison(*groups))


def test_a_comparison_in_sentences() -> None:
    about = "synflow on cifar10"
    assert summary() == [
        f"{about}: of 2 methods, refinement with memory has the highest median elite score, 18.5 after 400 "
        "networks; that of the paper's refinement is 11.0 noise units lower, 13 after 1,000 to 1,002 networks. "
        "Every seed of "
        "refinement with memory ends above every seed of the paper's refinement.",
        f"{about}: against the best known mean score of an architecture, 20, median elite scores are: refinement "
        "with memory 3.0 noise units below; the paper's refinement 14.0 noise units below.",
        f"{about}, the paper's refinement, 3 seeds: an interval holds another seed's median in 100% of cases, and "
        "covers 20% of its grid on average; final elites lie 4.0 noise units apart; 0 of 3 seeds came within one "
        "noise unit of the best known score.",
        f"{about}, refinement with memory, 2 seeds: an interval holds another seed's median in 100% of cases, and "
        "covers 20% of its grid on average; final elites lie 2.0 noise units apart; 2 of 2 seeds came within one "
        "noise unit of the best known score, after 305 networks (median).",
        f"{about}: how many scores an elite architecture has, on average: 2.0 in the paper's refinement and 3.0 "
        "in refinement with memory. The best of many means of few scores are also the luckiest, so elite scores "
        "that "
        "rest on fewer are rather too high.",
    ]


def test_seeds_that_overlap_show_no_winner() -> None:
    first = summary(group(paper(12, 18), memory(17, 19)))[0]
    assert "Every seed" not in first
    assert first.endswith(
        "But their seeds overlap (17 to 19 and 12 to 18), so neither method is shown to end higher."
    )
    assert "overlap" in summary(group(paper(12, 17), memory(17, 19)))[0]


def test_one_seed_shows_nothing_of_others() -> None:
    found = summary(group(paper(12), memory(17, 19)))
    assert found[0].endswith("One seed of the paper's refinement does not tell where others end.")
    assert found[2] == (
        "synflow on cifar10, the paper's refinement, 1 seed: whether other seeds agree is not known; 0 of 1 seed "
        "came within one noise unit of the best known score."
    )


def test_equal_medians_are_called_equal() -> None:
    assert (
        "have the same median elite score, 15, the highest of 3 methods, after 1,000 to 1,001"
        in (summary(group(paper(15, 15), memory(14, 16), method("own", replicate("own", 0, 1.0, 10, None))))[0])
    )


def test_without_noise_distances_are_scores() -> None:
    first, below, *_ = summary(group(paper(12, 13), memory(17, 19), noise=None))
    assert "is 5.5 (noise not known) lower" in first and "2 (noise not known) below" in below
    found = summary(group(paper(12, 13), memory(17, 19), noise=0.0))
    assert "is 5.5 (no noise) lower" in found[0]
    assert "2 of 2 seeds scored an architecture with the best known score" in found[3]


def test_elites_may_lie_above_the_best_known_mean() -> None:
    assert "refinement with memory 2.0 noise units above" in summary(group(memory(21, 21)))[0]


def test_a_single_method_is_not_ranked() -> None:
    found = summary(group(memory(18, 19)))
    assert len(found) == 2 and not any("highest median" in one or "scores an elite" in one for one in found)


def test_interruptions_are_told_once_for_a_method() -> None:
    cut = [replicate("paper", seed, 12.0, 900 + seed, None, stopped_because="unfinished") for seed in (0, 2)]
    whole = replicate("paper", 1, 13.0, 1000, None)
    for replicates, words in (
        ((cut[0], whole), "seed 0 was interrupted, after 900 networks"),
        ((cut[0], whole, cut[1]), "seeds 0 and 2 were interrupted, after 900 to 902 networks"),
    ):
        (sentence,) = [text for text in summary(group(method("paper", *replicates))) if "interrupted" in text]
        assert sentence == f"synflow on cifar10, the paper's refinement: {words}; more networks may lead higher."


def test_the_headline_counts_methods_once() -> None:
    groups = (group(paper(12, 14), memory(18)), group(memory(18, 19)))
    assert comparison_headline(comparison(*groups)) == [
        ("methods", "2"),
        ("refinements", "5"),
        ("networks", "3,201"),
        ("scoring time", "26 min 2 s"),
    ]
    own = dataclasses.replace(memory(18), label="memory, 250 networks a round")
    assert comparison_headline(comparison(group(own, memory(18))))[0] == ("methods", "2")


def test_elites_scored_anew_decide_and_are_said_to() -> None:
    about = "synflow on cifar10"
    found = summary(scored_anew(group(paper(12, 14, 13), memory(18, 19)), 1.0))
    assert found == [
        f"{about}: the best architectures of all seeds, 50 in all, were scored anew, 4 times each, with initial "
        "weights that no seed had seen.",
        f"{about}: of 2 methods, refinement with memory has, scored anew, the highest median elite score, 17.5 "
        "after 400 networks; that of the paper's refinement is 11.0 noise units lower, 12 after 1,000 to 1,002 "
        "networks. Every seed of refinement with memory ends above every seed of the paper's refinement.",
        f"{about}: against the best known mean score of an architecture scored anew, 20, median elite scores are: "
        "refinement with memory 5.0 noise units below; the paper's refinement 16.0 noise units below.",
        f"{about}, the paper's refinement, 3 seeds: an interval holds another seed's median in 100% of cases, and "
        "covers 20% of its grid on average; final elites, scored anew, lie 4.0 noise units apart; 0 of 3 seeds "
        "came within one noise unit of the best known score.",
        f"{about}, refinement with memory, 2 seeds: an interval holds another seed's median in 100% of cases, and "
        "covers 20% of its grid on average; final elites, scored anew, lie 2.0 noise units apart; 2 of 2 seeds "
        "came within one noise unit of the best known score, after 305 networks (median).",
        f"{about}: own elite scores flatter the paper's refinement by 2.0 noise units and refinement with memory "
        "by 2.0 noise units (median of seeds), for the best of many means of few scores are also the luckiest.",
    ]


def test_only_those_flattered_by_more_than_one_noise_unit_are_named() -> None:
    assert "flatter no method by more than one noise unit" in summary(scored_anew(group(memory(18, 19)), 0.5))[-1]
    lucky, steady = scored_anew(group(paper(12, 13)), 1.0), scored_anew(group(memory(18, 19)), 0.5)
    both = dataclasses.replace(lucky, methods=(*lucky.methods, *steady.methods))
    assert "flatter the paper's refinement by 2.0 noise units (median" in summary(both)[-1]
    unknown = scored_anew(group(memory(18, 19)), 9.0, noise=None)
    assert not any("flatter" in sentence for sentence in summary(unknown))


def test_fresh_scores_may_turn_the_ranking() -> None:
    lucky, steady = scored_anew(group(paper(20, 21)), 9.0), scored_anew(group(memory(18, 19)), 0.0)
    turned = dataclasses.replace(lucky, methods=(*lucky.methods, *steady.methods))
    assert "refinement with memory has, scored anew, the highest" in summary(turned)[1]
    assert "the paper's refinement has the highest" in summary(dataclasses.replace(turned, anew=None))[0]


def test_seeds_without_a_fresh_score_are_told_and_left_out() -> None:
    found = scored_anew(group(paper(12, 14, 13), memory(18, 19)), 1.0)
    first, second = found.methods
    some = summary(dataclasses.replace(found, methods=(without_fresh(first, 1, 2), second)))
    assert "11 after 1,000 to 1,002 networks. One seed of the paper's refinement does not tell" in some[1]
    assert "final elites" not in some[3] and "final elites, scored anew," in some[4]
    assert some[-1] == (
        "synflow on cifar10, the paper's refinement: seeds 1 and 2 have no elite score scored anew, as an elite "
        "lacks fresh scores."
    )
    none = summary(dataclasses.replace(found, methods=(without_fresh(first, 0, 1, 2), second)))
    assert not any("highest median" in sentence for sentence in none)
    assert "scored anew, 20, median elite scores are: refinement with memory 5.0 noise units below." in none[1]


def test_how_often_is_told_as_it_was() -> None:
    found = scored_anew(group(memory(18, 19)), 0.0)
    for changes, words in (
        ({"scores": 199}, "scored anew, up to 4 times each"),
        ({"draws": 1, "scores": 50}, "scored anew, once each"),
    ):
        assert found.anew is not None
        anew = dataclasses.replace(found.anew, **changes)
        assert words in summary(dataclasses.replace(found, anew=anew))[0]


def test_the_headline_counts_fresh_scores_and_their_time() -> None:
    found = comparison_headline(comparison(scored_anew(group(paper(12, 14)), 1.0), group(memory(18))))
    assert ("fresh scores", "200") in found
    plain = comparison_headline(comparison(group(paper(12, 14)), group(memory(18))))
    assert len(plain) == len(found) - 1 and plain[-1] == ("scoring time", "15 min 37 s")
    assert found[-1] == ("scoring time", "15 min 49 s")
