from __future__ import annotations

from dataclasses import replace

import pytest

from netlore.refinement.methods import METHODS
from netlore.report.data import RefinementData
from netlore.report.text.methods import (
    by_elites,
    common_draws_note,
    course_title,
    interval_note,
    method_of,
    principles_caption,
    size_note,
    stop_sentence,
)
from tests.report.conftest import BEST, configured


@pytest.mark.parametrize("method", ["memory", "random", "evolution"])
def test_notes_name_those_whose_intervals_are_ranges(
    synflow: RefinementData, jacov: RefinementData, method: str
) -> None:
    assert interval_note([synflow, jacov]) == size_note([synflow, jacov]) == ""
    other = configured(synflow, method=method)
    assert not by_elites([synflow, jacov]) and by_elites([jacov, other])
    assert interval_note([jacov, other, other]).startswith(" An interval of synflow is the range of the twelve ")
    assert size_note([jacov, other]).startswith(" Of synflow, what the intervals hold is counted; ")


def test_a_figure_of_several_methods_has_a_title_that_is_true_of_all(synflow: RefinementData) -> None:
    titles = [
        course_title("depths", [configured(synflow, method=one) for one in group])
        for group in (METHODS, ["paper"])
    ]
    assert titles == ["How the intervals of depths move", "How depths narrow"]


def test_what_a_baseline_found_is_not_called_a_principle(synflow: RefinementData, jacov: RefinementData) -> None:
    chance, memory = configured(jacov, method="random"), configured(synflow, method="memory")
    uncovered = "Design principles that refinement uncovered"
    assert principles_caption([synflow, memory]) == f"{uncovered}."
    assert principles_caption([memory, chance]) == (
        f"{uncovered}; of jacov on cifar10, ranges of the twelve best architectures."
    )
    grown = configured(chance, method="evolution")
    assert principles_caption([chance, chance, grown]) == (
        "Ranges of the twelve best architectures, by random search and by regularised evolution."
    )


def test_what_begins_with_the_same_networks_is_said(synflow: RefinementData, jacov: RefinementData) -> None:
    assert common_draws_note([synflow, jacov]) == ""
    pair = [configured(one, common_draws=True) for one in (synflow, jacov)]
    assert common_draws_note([*pair, synflow]).startswith(
        "The draws of synflow on cifar10 and jacov on cifar10 are common: under one seed these refinements begin"
    )
    methods = [pair[0], configured(pair[0], method="memory")]
    assert common_draws_note(methods) == "", "methods of one predictor and data are meant to be paired"
    assert common_draws_note([pair[0], configured(pair[1], seed=7)]) == ""
    assert "5 pairs of a predictor" in common_draws_note(
        [*pair, *(configured(pair[0], data=f"data-{k}", common_draws=True) for k in range(3))]
    )


def test_a_method_that_is_not_installed_is_known_by_its_refinements(synflow: RefinementData) -> None:
    found = method_of("own", synflow.refinements)
    assert found.label == "refinement by own" and not found.has_elites
    assert method_of("own", [replace(synflow.first, elites=(BEST,))]).has_elites  # type: ignore[type-var]
    assert course_title("depths", [configured(synflow, method="own")]) == "How depths narrow"
    assert stop_sentence("own", replace(synflow.first, stopped_because="enough")) == "It ended: enough."  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("method", "ending"),
    [
        ("paper", "; from round 2 on every remaining architecture was scored."),
        ("memory", "; in 1 round there were fewer networks to score than asked for."),
    ],
)
def test_why_it_ended_says_which_rounds_were_not_full(synflow: RefinementData, method: str, ending: str) -> None:
    first, second, *_ = synflow.first.rounds
    one = replace(synflow.first, rounds=(first, replace(second, exhausted=True)), stopped_because="round limit")  # type: ignore[type-var]
    assert stop_sentence(method, one) == f"The limit of rounds was reached{ending}"
    whole = replace(synflow.first, stopped_because="round limit")  # type: ignore[type-var]
    assert stop_sentence("random", whole) == "As many rounds were asked for."
