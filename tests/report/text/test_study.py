"""Sentences of a study: each is true of findings made up by hand, and none is there without its numbers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from netlore.analysis.exponential import ExponentialTest
from netlore.analysis.interval_overlap import Agreement
from netlore.analysis.replicate_comparison import Repeatability
from netlore.report.data import StudyData
from netlore.report.text.methods import WORDS
from netlore.report.text.study import headline, summary
from netlore.scoring.transforms import TRANSFORMS
from tests.report.conftest import SYNFLOW_ENDS, anynet_grids, configured
from tests.report.tabled import only, refinement, repeats, small_sample, small_study


@pytest.fixture(scope="module")
def study() -> StudyData:
    return small_study()


def about(findings: StudyData, *words: str) -> list[str]:
    """The sentences that hold all these words."""
    return [sentence for sentence in summary(findings) if all(word in sentence for word in words)]


def test_a_sample_and_its_missing_scores_are_counted(study: StudyData) -> None:
    assert summary(study)[0] == (
        "4 networks of anynet (10M to 50M FLOPs) were scored on cifar10 by 3 predictors. "
        "3 of 12 scores are missing: 1 of grad_norm and 2 of jacov."
    )
    one = dataclasses.replace(
        small_sample(),
        frame=small_sample().frame[3:],
        predictors=("grad_norm",),
        correlation=None,
        exponential={},
        trees={},
        partial={},
    )
    assert summary(only(study, samples=(one,))) == [
        "1 network of anynet (10M to 50M FLOPs) was scored on cifar10 by 1 predictor. "
        "1 of 1 score is missing: 1 of grad_norm."
    ]


def test_the_pairs_that_agree_most_and_least(study: StudyData) -> None:
    assert about(study, "agree most") == [
        "Of 2 pairs of predictors on cifar10 (1 more without a defined tau), grad_norm and synflow agree most "
        "(Kendall's tau = 0.90, n = 3), grad_norm and jacov least (tau = -0.25, n = 2)."
    ]


def test_the_exponential_distribution_is_rejected_or_not(study: StudyData) -> None:
    rejects, keeps = about(study, "Lilliefors")
    assert "rejects that" in rejects
    assert "at 5 %, for grad_norm (S: D = 0.310, p = 0.001, n = 1,000) and jacov (-S: D = 0.040" in rejects
    assert "does not reject" in keeps
    assert keeps.endswith("for synflow (S: D = 0.020, p = 0.5, n = 1,000), which is no proof of it.")
    tests = {name: ExponentialTest(0.3, 0.01, 9) for name in ("a", "b")}
    sample = dataclasses.replace(
        small_sample(), exponential=tests, transforms=dict.fromkeys(tests, TRANSFORMS.get("log"))
    )
    (sentence,) = about(only(study, samples=(sample,)), "Lilliefors")
    assert sentence.endswith("and b (S: D = 0.300, p = 0.01, n = 9): for every predictor tested.")


def test_trees_tell_their_first_split_their_top_rule_and_their_worth(study: StudyData) -> None:
    assert [sentence.partition("decision tree of ")[2] for sentence in about(study, "decision tree")] == [
        "grad_norm splits first at d3 ≥ 6; its top rule, d3 ≥ 6, holds 30% of the networks, of which 90% score "
        "high "
        "(accuracy 71%, cross-validated, against 40% without a split).",
        "synflow splits first at d3 ≥ 6; its top rule, d3 ≥ 6, holds 30% of the networks, of which 90% score high "
        "(accuracy 40%, cross-validated, no better than 40% without a split).",
        "jacov finds nothing to split 1,000 networks by.",
    ]


def test_what_is_mostly_a_matter_of_cost_and_what_is_not(study: StudyData) -> None:
    mostly, less = about(study, "matter of cost")
    assert mostly == (
        "grad_norm (75%, strongest partial rho with params = 0.80, n = 1,000) is mostly a matter of cost on "
        "cifar10: "
        "FLOPs, params, activations and depth explain 75% or more of the variance of the ranks."
    )
    assert less.startswith("jacov (12.5%, strongest partial rho with params = -0.30, n = 1,000) is not mostly")


def test_a_share_just_under_the_limit_does_not_read_like_the_limit(study: StudyData) -> None:
    sample = small_sample()
    near = dataclasses.replace(sample.partial["jacov"], explained=0.7493)
    (sentence,) = about(only(study, samples=(dataclasses.replace(sample, partial={"a": near}),)), "matter of cost")
    assert sentence.startswith("a (74.9%, ")
    assert "is not mostly" in sentence


def test_orders_of_magnitude_and_rounds(study: StudyData) -> None:
    # 23,887,872,000 architectures came down to 1, and to 155,520: 10.378 and 5.186 orders of magnitude.
    sentences = about(study, "Orders of magnitude")
    assert sentences[0] == (
        "Orders of magnitude that refinement on cifar10 took off the design space: synflow 10.4 in 3 to 4 rounds "
        "(2 seeds); jacov 5.2 in 3 to 4 rounds (2 seeds)."
    )
    assert sentences[1].endswith("synflow 10.4 in 3 rounds.")


def test_preferences_leave_out_what_is_not_preferred(study: StudyData) -> None:
    synflow, jacov, _ = about(study, "prefers")
    assert synflow.startswith("On cifar10, synflow (seed 0) prefers depths of 15 blocks in stage 1, 16 in stage 2")
    assert synflow.endswith("; bottleneck ratios of 1 in every stage.")
    assert "depths of 2 to 3 blocks in stage 1" in jacov
    assert "bottleneck" not in jacov
    whole = {name: (grid[0], grid[-1]) for name, grid in anynet_grids().items()}
    nothing = only(study, refinements=(refinement(whole, 1, 1.0),))
    assert about(nothing, "prefers") == ["On cifar10, synflow prefers nothing: every interval is the whole grid."]


def test_overlap_of_two_and_of_three_predictors(study: StudyData) -> None:
    assert about(study, "overlap") == [
        "The principles of synflow and jacov on cifar10 overlap (25% of their values in common, mean Jaccard "
        "index)."
    ]
    jaccard = np.asarray([[1.0, 0.2, 0.8], [0.2, 1.0, 0.5], [0.8, 0.5, 1.0]])
    three = dataclasses.replace(study, agreement={"cifar10": Agreement(("a", "b", "c"), jaccard)})
    assert about(three, "overlap") == [
        "Of the principles on cifar10, those of a and c overlap most (80% of their values in common, mean Jaccard "
        "index), those of a and b least (20%)."
    ]


def test_refinements_that_did_not_settle_are_named(study: StudyData) -> None:
    assert about(study, "settled") == []
    limit = refinement(SYNFLOW_ENDS, 1, 1.0, changes={"stopped_because": "round limit"})
    stopped = refinement(SYNFLOW_ENDS, 2, 1.0, predictor="jacov", changes={"stopped_because": "unfinished"})
    assert about(only(study, refinements=(limit, stopped)), "settled") == [
        "The refinement for synflow on cifar10 stopped at the limit of rounds, after 3 rounds: its intervals "
        "had not "
        "settled.",
        "The refinement for jacov on cifar10 (seed 0) was interrupted, after 3 rounds: its intervals had not "
        "settled.",
        "The refinement for jacov on cifar10 (seed 1) was interrupted, after 4 rounds: its intervals had not "
        "settled.",
    ]


def test_what_repeats_over_seeds_and_what_does_not(study: StudyData) -> None:
    assert about(study, "repeat") == [
        "1 of 12 hyperparameters of synflow on cifar10 does not repeat over 2 seeds: the interval of one seed "
        "holds "
        "the median of another in 50% of ordered pairs for d1.",
        "All 12 hyperparameters of jacov on cifar10 repeat over 2 seeds: the interval of one seed always holds "
        "the "
        "median of another.",
    ]


def test_how_far_apart_replicates_end_and_who_came_near_the_best(study: StudyData) -> None:
    # d1 holds the median in half of the cases, eleven others in all: 11.5 / 12.
    assert about(study, "'s refinement")[0] == (
        "synflow's refinement on cifar10, 2 seeds: an interval holds another seed's median in 95.8% of cases; "
        "final elites, each seed's twelve best architectures, lie 4 noise units apart; 1 of 2 seeds came within "
        "one noise unit of the best known score."
    )
    assert about(only(study, refinements=(refinement(SYNFLOW_ENDS, 1, 1.0),)), "'s refinement") == []


def test_without_noise_no_distance_is_told_in_its_units(study: StudyData) -> None:
    def told(noise: float | None) -> str:
        one = dataclasses.replace(study.refinements[0], repeatability=silent(noise))
        (sentence,) = about(only(study, refinements=(one,)), "'s refinement")
        return sentence.partition("; ")[2]

    def silent(noise: float | None) -> Repeatability:
        return dataclasses.replace(repeats(2), noise=noise, spread=None)

    end = "elite scores are 10 to 11; 1 of 2 seeds scored an architecture with the best known score."
    assert (
        told(None) == f"no architecture has two scores, so how much of a difference is noise is not known; {end}"
    )
    assert told(0.0) == f"the scores of an architecture do not differ between initialisations; {end}"


def by(study: StudyData, method: str, **changes: str) -> StudyData:
    """The first refinement alone, as if by another method."""
    one = study.refinements[0]
    found = tuple(dataclasses.replace(each, **changes) for each in one.refinements)  # type: ignore[type-var]
    return only(study, refinements=(dataclasses.replace(configured(one, method=method), refinements=found),))


@pytest.mark.parametrize("method", WORDS)
def test_the_sentence_says_which_method_it_is_about(study: StudyData, method: str) -> None:
    (sentence,) = about(by(study, method), "another seed's median")
    assert sentence.startswith(f"synflow's {WORDS[method].noun} on cifar10, 2 seeds: ")


def test_what_a_baseline_found_is_said_to_be_its_own(study: StudyData) -> None:
    chance = by(study, "random")
    assert about(chance, "Orders of magnitude") == [
        "Orders of magnitude by which the last intervals on cifar10 hold less than the design space: synflow, by "
        "random search, 10.4 in 3 to 4 rounds (2 seeds)."
    ]
    assert about(chance, "prefers")[0].startswith(
        "On cifar10, synflow (seed 0), by random search, prefers depths "
    )
    assert about(by(study, "memory"), "prefers")[0].startswith("On cifar10, synflow (seed 0) prefers depths ")


def test_an_interrupted_search_is_called_by_its_name(study: StudyData) -> None:
    assert about(by(study, "evolution", stopped_because="unfinished"), "seed 1", "had not settled") == [
        "The regularised evolution for synflow on cifar10 (seed 1) was interrupted, after 4 rounds: its intervals "
        "had not settled."
    ]


def test_the_upper_end_of_the_budget_needs_a_budget_and_a_high_median(study: StudyData) -> None:
    # 43 MFLOPs is 94 % of the way from 10 to 45 MFLOPs.
    first = about(study, "upper end", "cifar10")
    assert len(first) == 1
    assert first[0].endswith("jacov (seed 0) 43,000,000 of 10,000,000 to 45,000,000 FLOPs.")
    wide = refinement(SYNFLOW_ENDS, 1, 1.0, flops=(10_000_000, 50_000_000))
    assert about(only(study, refinements=(wide,)), "upper end") == []
    free = refinement(SYNFLOW_ENDS, 1, 1.0, budget="no budget")
    assert about(only(study, refinements=(free,)), "upper end") == []


def test_the_headline_counts_and_leaves_out_nothing_but_nothing(study: StudyData) -> None:
    # 4 networks of the sample, and 500 in each of 17 rounds. 5 times 312.4 s and 8 s: 1,570 s.
    networks = 4 + 500 * (3 + 4 + 3 + 4 + 3)
    facts = dict(headline(study))
    # The builder counts 500 networks for each round, as asked.
    assert facts == {
        "networks scored": f"{networks:,}",
        "predictors": "3",
        "data sets": "2",
        "refinements": "5",
        "rounds": "17",
        "scoring time": "26 min 10 s",
    }
    assert headline(only(study, refinements=(refinement(SYNFLOW_ENDS, 1, 1.0),)))[1:4] == [
        ("predictor", "1"),
        ("data set", "1"),
        ("refinement", "1"),
    ]
    assert headline(only(study)) == []
    assert summary(only(study)) == []
