from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlore.errors import InvalidInput
from netlore.space import families
from netlore.space.budget import Budget
from netlore.space.complexity import complexity
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import choice
from netlore.space.families.anynet import anynet, anynet_printed
from netlore.space.named import named
from netlore.space.sampling import sample
from tests.space.small import anynet_of_512


def test_the_paper_s_space_has_ten_billion_architectures():
    assert anynet().cardinality == (16 * 45 * 3) ** 3 == 10_077_696_000


def test_the_printed_space_has_117_triples_per_stage():
    # Inner width 2^(k - j) for w = 2^k and b = 2^j <= w; then min(k - j, 5) + 1 numbers of groups divide it.
    by_hand = sum(min(k - j, 5) + 1 for j in range(3) for k in range(j, 10))
    assert by_hand == 117
    triples = next(d for d in anynet_printed().distributions if d.names == ("w1", "g1", "b1"))
    assert triples.size == 117 and anynet_printed().cardinality == (16 * 117) ** 3 == 6_560_206_848
    every = itertools.product((2**k for k in range(10)), (2**k for k in range(6)), (1, 2, 4))
    assert set(triples.rows) == {(w, g, b) for w, g, b in every if w >= b and (w / b) % g == 0}


@pytest.mark.parametrize("space", [anynet(), anynet_printed()], ids=["anynet", "anynet-printed"])
def test_whatever_is_drawn_is_a_network(space):
    for architecture in sample(space, 500, seed=3):
        families.check(architecture)
        assert space.contains(architecture)


def test_what_the_paper_found_lies_in_its_space():
    space = anynet(flops=(10e6, 50e6))
    assert space.contains(named("paper/cifar10/logdet"))
    # Its FLOPs are 49,999,962, its first depth is 13.
    assert not anynet(flops=(10e6, 49_999_961)).contains(named("paper/cifar10/logdet"))
    assert not space.restrict({"d1": (1, 12)}).contains(named("paper/cifar10/logdet"))
    assert not space.contains(named("baseline/resnet-20"))


ADMITTING = {
    "anynet": anynet(flops=(10e6, 50e6)),
    "printed": anynet_printed(params=(0, 1e5)),
    "restricted": anynet(flops=(1e6, 50e6)).restrict({"w1": (8, 32), "d2": (2, 5)}),
    "small": anynet_of_512(),
}


@pytest.mark.parametrize("space", ADMITTING.values(), ids=ADMITTING)
def test_many_are_admitted_as_each_alone_is_contained_and_as_it_is_defined(space):
    rng = np.random.default_rng(0)
    wild = {  # of the whole grids or outside them; many are no networks at all
        name: rng.choice([*anynet().grids[name], 3, 0, -1, 1_000], 400) for name in space.hyperparameters
    }
    drawn, near = sample(anynet(), 200, seed=1), sample(space, 200, seed=1)
    known = {name: np.asarray([one.values[name] for one in (*drawn, *near)]) for name in space.hyperparameters}
    values = {name: np.concatenate((wild[name], known[name])) for name in space.hyperparameters}
    admitted = space.admits(values)
    assert admitted.shape == (800,) and admitted[600:].all() and not admitted.all()
    for one, found in zip(space.architectures(values), admitted, strict=True):
        drawable = all(tuple(one.values[name] for name in part.names) in part.rows for part in space.distributions)
        cost = complexity(one, space.num_classes, space.resolution) if drawable else None
        assert found == space.contains(one) == (cost is not None and bool(space.budget.admits(cost)))


def test_nothing_is_admitted_of_nothing():
    none = {name: np.asarray([], dtype=np.int64) for name in anynet().hyperparameters}
    assert anynet(flops=(10e6, 50e6)).admits(none).shape == (0,)


def test_grids_are_in_the_family_s_order():
    grids = anynet().grids
    assert list(grids) == ["d1", "d2", "d3", "w1", "w2", "w3", "g1", "g2", "g3", "b1", "b2", "b3"]
    assert grids["d2"] == tuple(range(1, 17)) and grids["g3"] == (1, 2, 4, 8, 16, 32) and grids["b1"] == (1, 2, 4)


@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_restricting_never_widens(data):
    space = anynet()
    for _ in range(2):
        intervals = {
            name: tuple(sorted((data.draw(st.sampled_from(grid)), data.draw(st.integers(-3, 600)))))
            for name, grid in space.grids.items()
            if name[0] in "db"
        }
        narrower = space.restrict(intervals)
        for name, (low, high) in intervals.items():
            assert narrower.grids[name] == tuple(v for v in space.grids[name] if low <= v <= high)
        assert narrower.cardinality <= space.cardinality
        space = narrower


def test_a_restricted_space_keeps_its_budget():
    # Width 16 has 5 group widths, 32 has 6.
    space = anynet(100, flops=(10e6, 50e6)).restrict({"d1": (15, 15), "w2": (16, 32)})
    assert space.cardinality == (1 * 16 * 16) * (45 * 11 * 45) * (3 * 3 * 3)
    assert space.num_classes == 100 and space.budget.flops == (10e6, 50e6)
    assert 0 < space.cardinality_within_budget < space.cardinality


def test_restricting_width_and_group_width_must_leave_a_pair():
    with pytest.raises(InvalidInput, match="w1 in 8, g1 in 16 leaves nothing of the design space"):
        anynet().restrict({"w1": (8, 8), "g1": (16, 16)})


def test_an_unknown_hyperparameter_cannot_be_restricted():
    with pytest.raises(InvalidInput) as caught:
        anynet().restrict({"d4": (1, 1)})
    assert str(caught.value) == (
        "d4 is no hyperparameter of anynet; choose from d1, d2, d3, w1, w2, w3, g1, g2, g3, b1, b2, b3."
    )


def test_distributions_must_draw_each_hyperparameter_once():
    with pytest.raises(InvalidInput, match=r"draw d1, w1; the family resnet needs each of d1, d2, d3, w1, w2, w3"):
        DesignSpace("resnet", (choice("d1", (1,)), choice("w1", (8,))), num_classes=10)
    twice = (*anynet().distributions, choice("d1", (1,)))
    with pytest.raises(InvalidInput, match="exactly once"):
        DesignSpace("anynet", twice, num_classes=10)


@pytest.mark.parametrize("argument", ["num_classes", "resolution", "channels"])
@pytest.mark.parametrize("make", [anynet, anynet_printed])
def test_sizes_must_be_positive(make, argument):
    with pytest.raises(InvalidInput, match=f"{argument} = 0 is not positive; choose 1 or more"):
        make(**{argument: 0})


def test_hyperparameter_arrays_become_architectures_in_order():
    space = anynet_of_512()
    values = space.values_at([np.array([0, 1]) for _ in space.distributions])
    first, second = space.architectures(values)
    assert str(first) == "d 1,2,3; w 8,4,2; g 2,4,1; b 1,1,1"
    assert str(second) == "d 2,3,4; w 64,8,16; g 8,2,4; b 4,4,4"


@pytest.mark.parametrize(
    "space",
    [
        anynet(flops=(10e6, math.inf), params=(0, 1e6), channels=1),
        anynet_printed(num_classes=7, resolution=16).restrict({"d1": (2, 9), "w3": (8, 64)}),
    ],
)
def test_a_space_is_read_back_from_its_document(space):
    document = json.loads(json.dumps(space.to_document(), allow_nan=False))
    assert DesignSpace.from_document({**document, "more": 1}) == space


@pytest.mark.parametrize(
    "change", [{"family": None}, {"distributions": 5}, {"budget": {"flops": [1]}}, {"channels": 1.5}]
)
def test_a_document_that_is_no_space_is_refused(change):
    with pytest.raises(InvalidInput):
        DesignSpace.from_document({**anynet().to_document(), **change})
    with pytest.raises(InvalidInput, match="the record of a design space is damaged"):
        DesignSpace.from_document({})


@pytest.mark.parametrize("value", [10**9, float("nan"), 32.0, True, "32"])
def test_sizes_are_whole_numbers_that_images_have(value):
    with pytest.raises(InvalidInput, match=r"resolution = .* (is out of range|is not a whole number); "):
        anynet(resolution=value)


def test_complexities_beyond_64_bits_are_refused():
    grids = {name: choice(name, (2_000_000, 2_100_000)) for name in ("d1", "d2", "d3", "w1", "w2", "w3")}
    space = DesignSpace("resnet", tuple(grids.values()), num_classes=10, budget=Budget(flops=(0, 1e9)))
    with pytest.raises(InvalidInput, match="have complexities beyond 64-bit integers"):
        sample(space, 3)


def test_a_limit_within_replaces_that_of_its_measure():
    space = anynet(flops=(10e6, 50e6)).within({"params": (0, 1e5), "flops": (1e6, 2e6)})
    assert space.budget == Budget(flops=(1e6, 2e6), params=(0, 1e5))
    assert anynet(budget={"flops": (1e6, 2e6), "params": (0, 1e5)}) == space
