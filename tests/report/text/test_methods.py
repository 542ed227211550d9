from __future__ import annotations

import pytest

from netlore.report.data import RefinementData
from netlore.report.text.methods import (
    WORDS,
    by_elites,
    course_title,
    interval_note,
    principles_caption,
    size_note,
)
from tests.report.conftest import configured

ONLY_THE_PAPER_S = (
    *("bootstrap", "narrow", "never looks back", "are left", "best networks of a round", "came down to"),
    *("architectures left", "round 0: the original one"),
)


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
        course_title("depths", [configured(synflow, method=one) for one in group]) for group in (WORDS, ["paper"])
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
