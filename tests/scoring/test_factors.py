"""The conditions of a study of reliability differ from the usual one in one factor each."""

from __future__ import annotations

import pytest

from netlore.errors import InvalidInput
from netlore.scoring.factors import USUAL, Condition, ReliabilityDesign


def test_each_condition_differs_from_the_usual_one_in_one_thing() -> None:
    found = ReliabilityDesign("noise", others=("digits",)).conditions()
    usual = found.pop(USUAL)
    assert usual == Condition("noise", 64, 0, "float32", draws=3)
    assert list(found) == ["batch-1", "batch-2", "images-16", "images-32", "data-1", "float64"]
    for one in found.values():
        assert one.draws == 1
        names = ("data", "batch_size", "data_seed", "dtype")
        assert sum(getattr(one, name) != getattr(usual, name) for name in names) == 1


def test_columns_say_where_the_scores_of_a_factor_are() -> None:
    design = ReliabilityDesign(dtype="float64", batch_size=48)
    assert design.columns("weights") == ((USUAL, 0), (USUAL, 1), (USUAL, 2))
    assert design.columns("batches") == ((USUAL, 0), ("batch-1", 0), ("batch-2", 0))
    assert design.columns("precision") == ((USUAL, 0), ("float32", 0))
    assert design.columns("batch-sizes") == (("images-16", 0), ("images-32", 0), ("images-64", 0))


def test_only_what_is_asked_for_is_varied() -> None:
    design = ReliabilityDesign(factors=("batches",), batches=2)
    assert list(design.conditions()) == [USUAL, "batch-1"] and design.conditions()[USUAL].draws == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"factors": ("colour",)},
            "factor 'colour' is not known; choose from weights, batches, batch-sizes, data",
        ),
        ({"draws": 1}, "factor weights has one condition; give two or more, or leave it out"),
        ({"batches": 1}, "factor batches has one condition"),
        ({"others": ()}, "factor data has one condition"),
        ({"batch_sizes": (64,)}, "factor batch-sizes has one condition"),
    ],
)
def test_what_varies_nothing_is_refused(given: dict, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        ReliabilityDesign(**given)
