"""Names and real numbers among hyperparameters: spaces, sampling, neighbours, documents, counts."""

from __future__ import annotations

import json

import numpy as np
import pytest

import netlore as nl
from netlore.errors import InvalidArchitecture, InvalidInput
from netlore.space import families
from netlore.space.complexity import complexity
from netlore.space.design_space import DesignSpace
from netlore.space.sampling import grid_indices_of, neighbours, sample, values_of
from tests.space.categories import register, scaled_space


@pytest.fixture(autouse=True)
def known():
    register()


def test_a_grid_of_names_keeps_their_order_and_one_of_numbers_ascends():
    assert scaled_space().grids == {
        "d": (1, 2, 3, 4),
        "scale": (0.5, 1.0, 1.5),
        "kernel": ("one", "three", "none"),
    }


def test_every_architecture_is_drawn_once_with_plain_values():
    drawn = sample(scaled_space(), 100)
    assert len(set(drawn)) == 36
    assert {tuple(map(type, one.values.values())) for one in drawn} == {(int, float, str)}
    written = [json.loads(one.to_json())["values"] for one in drawn]
    assert [families.architecture("scaled-widths", one) for one in written] == drawn
    one = families.architecture("scaled-widths", {"d": 2, "scale": 1.5, "kernel": "three"})
    assert (one.string, str(one)) == ("2/1.5/three", "d 2; scale 1.5; kernel three")


def test_complexities_of_arrays_are_those_of_each_network():
    space, drawn = scaled_space(), sample(scaled_space(), 36)
    together = space.complexities(values_of(space, drawn))
    single = [complexity(one, **{"num_classes": 4, "resolution": 8}) for one in drawn]
    assert np.broadcast_to(together.flops, 36).tolist() == [one.flops for one in single]
    assert together.params.tolist() == [one.params for one in single]


def test_a_budget_is_counted_exactly_and_holds_for_what_is_drawn():
    space = scaled_space(params=(200, 2000))
    meets = [one for one in sample(scaled_space(), 36) if space.contains(one)]
    assert 0 < len(meets) < 36
    assert space.cardinality_within_budget == len(meets)
    assert set(sample(space, 36)) == set(meets)


def test_names_restrict_a_category_and_intervals_numbers():
    left = scaled_space().restrict({"kernel": ["none", "one"], "scale": (0.75, 2)})
    assert left.grids == {"d": (1, 2, 3, 4), "scale": (1.0, 1.5), "kernel": ("one", "none")}
    assert left.cardinality == 16 and left == left.restrict(left.grids | {"d": (0, 9), "scale": (1.0, 1.5)})


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        ({"kernel": (1, 3)}, "kernel = (1, 3) is no set of names; give some of {one, three, none}."),
        ({"kernel": "one"}, "kept['kernel'] = 'one' is not a collection; give one."),
        ({"scale": ("one",)}, "scale = ('one',) is no interval; give (low, high)."),
        ({"kernel": ("five",)}, "kernel in five leaves nothing of the design space; choose "),
    ],
)
def test_what_restricts_nothing_is_refused(kept, message):
    with pytest.raises(InvalidInput) as caught:
        scaled_space().restrict(kept)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kernel": "five"}, "kernel = 'five' is none of its names; choose one, three, none."),
        ({"kernel": 1}, "kernel = 1 is none of its names; choose one, three, none."),
        ({"scale": "1"}, "scale = '1' is not a number; give one."),
        ({"scale": float("inf")}, "scale = inf is not a number; give one."),
        ({"d": 1.5}, "d = 1.5 is not a whole number; give an integer."),
    ],
)
def test_values_of_another_kind_are_refused(values, message):
    with pytest.raises(InvalidArchitecture) as caught:
        families.architecture("scaled-widths", {"d": 1, "scale": 1.0, "kernel": "one"} | values)
    assert str(caught.value) == message


def test_a_step_leads_to_any_other_name_and_to_the_next_number():
    space, rng = scaled_space(), np.random.default_rng(0)
    parent = families.architecture("scaled-widths", {"d": 2, "scale": 0.5, "kernel": "one"})
    found = set(space.architectures(neighbours(space, [parent], 400, 1, rng)))
    changed = {"d": (1, 3), "scale": (1.0,), "kernel": ("three", "none")}
    expected = {
        families.architecture("scaled-widths", parent.values | {name: value})
        for name, values in changed.items()
        for value in values
    }
    assert found == expected


def test_a_document_and_places_on_grids():
    space = scaled_space(params=(200, 2000)).restrict({"kernel": ("three", "none")})
    assert DesignSpace.from_document(json.loads(json.dumps(space.to_document()))) == space
    drawn = sample(space, 5)
    places = grid_indices_of(space, values_of(space, drawn))
    grids = list(space.grids.values())
    named = [[grid[i] for grid, i in zip(grids, row, strict=True)] for row in places.tolist()]
    assert named == [[*one.values.values()] for one in drawn]


def test_a_constraint_makes_a_joint_grid():
    found = nl.product({"w": (8, 12), "act": ("relu", "silu")}, where=lambda w, act: w == 8 or act == "relu")
    assert found.rows == ((8, "relu"), (8, "silu"), (12, "relu"))
    with pytest.raises(InvalidInput, match=r"the grid of w = \(\) is empty"):
        nl.product({"w": (8,)}, where=lambda w: w > 8)
