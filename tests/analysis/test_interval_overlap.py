from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlore.analysis.interval_overlap import agreement, overlap, stability
from netlore.errors import InvalidInput

GRIDS = {"d1": tuple(range(1, 17)), "w1": (8, 16, 32, 64)}
FOUND = st.tuples(*[st.integers(1, 16)] * 3).map(lambda three: tuple(sorted(three)))


def test_stability_by_hand() -> None:
    found = [
        {"d1": (1, 2, 4), "w1": (8, 8, 8)},
        {"d1": (3, 4, 6), "w1": (16, 32, 64)},
        {"d1": (4, 4, 4), "w1": (8, 16, 64)},
    ]
    one = stability(found, GRIDS)
    assert (one.names, one.replicates) == (("d1", "w1"), 3)
    # d1: [1,4] has medians 4 and 4, [3,6] has 4 but not 2, [4,4] has 4 but not 2: 4 of 6.
    # w1: [8,8] has neither 32 nor 16; [16,64] has 16 but not 8; [8,64] has both: 3 of 6.
    np.testing.assert_allclose(one.containment, [4 / 6, 3 / 6])
    # d1: {3,4} of {1..6}, {4} of {1..4}, {4} of {3..6}; w1: none of 4 values, one of 4, three of 4.
    np.testing.assert_allclose(one.jaccard, [(2 / 6 + 1 / 4 + 1 / 4) / 3, (0 + 1 / 4 + 3 / 4) / 3])


@given(st.lists(FOUND, min_size=2, max_size=5))
def test_stability_equals_its_definition_whatever_the_order(found) -> None:
    sets = [set(range(low, high + 1)) for low, _, high in found]
    inside = [found[j][1] in sets[i] for i, j in itertools.permutations(range(len(found)), 2)]
    shared = [len(a & b) / len(a | b) for a, b in itertools.combinations(sets, 2)]
    for entries in (found, found[::-1]):
        one = stability([{"d1": entry} for entry in entries], {"d1": GRIDS["d1"]})
        assert one.containment[0] == pytest.approx(sum(inside) / len(inside))
        assert one.jaccard[0] == pytest.approx(sum(shared) / len(shared))


def test_agreement_by_hand() -> None:
    principles = {
        "synflow": {"d1": (13, 16), "w1": (8, 8)},
        "snip": {"d1": (15, 16), "w1": (8, 16)},
        "jacov": {"d1": (1, 2), "w1": (64, 64)},
    }
    found = agreement(principles, GRIDS)
    assert found.names == ("synflow", "snip", "jacov")
    # synflow and snip share 2 of 4 depths and 1 of 2 widths; jacov shares nothing.
    assert found.jaccard.tolist() == [[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]]


def test_values_count_not_distances() -> None:
    # [8, 16] and [16, 64]: one value of four in common, though the second interval is six times as long.
    found = agreement({"a": {"w1": (8, 16)}, "b": {"w1": (16, 64)}}, {"w1": GRIDS["w1"]})
    assert found.jaccard[0, 1] == 0.25


ENDS = st.fixed_dictionaries(
    {
        name: st.tuples(*[st.sampled_from(grid)] * 2).map(lambda two: tuple(sorted(two)))
        for name, grid in GRIDS.items()
    }
)


@given(ENDS, ENDS)
def test_overlap_equals_its_definition_and_is_what_agreement_and_stability_say(one, other) -> None:
    found = overlap(one, other, GRIDS)
    shares = []
    for name, grid in GRIDS.items():
        first, second = ([ends[name][0] <= value <= ends[name][1] for value in grid] for ends in (one, other))
        shares.append(np.logical_and(first, second).sum() / np.logical_or(first, second).sum())
    assert found == pytest.approx(np.mean(shares)) == overlap(other, one, GRIDS)
    assert agreement({"a": one, "b": other}, GRIDS).jaccard[0, 1] == found
    triples = [{name: (low, low, high) for name, (low, high) in ends.items()} for ends in (one, other)]
    assert np.mean(stability(triples, GRIDS).jaccard) == pytest.approx(found)
    assert (found == 1) == (one == other)


@pytest.mark.parametrize(
    ("principles", "grids", "message"),
    [
        ({"a": {"d1": (1, 2)}}, GRIDS, "two or more predictors, and has 1"),
        ({"a": {"d1": (1, 2)}, "b": {"d1": (1, 2)}}, GRIDS, "a has no interval for w1"),
        ({"a": {"w1": (8, 8)}, "b": {"w1": (9, 12)}}, {"w1": GRIDS["w1"]}, r"b: \[9, 12\] holds no value"),
        ({"a": {}, "b": {}}, {}, "0 hyperparameters"),
    ],
)
def test_what_cannot_be_compared_is_refused(principles, grids, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        agreement(principles, grids)


def test_one_refinement_has_no_stability() -> None:
    with pytest.raises(InvalidInput, match="two or more refinements, and has 1"):
        stability([{"d1": (1, 2, 4), "w1": (8, 8, 8)}], GRIDS)
