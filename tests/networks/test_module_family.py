"""Families that are functions to modules."""

from __future__ import annotations

import math
import sys

import pytest
import torch
from torch import nn

import netlore as nl
from netlore.errors import BudgetUnreachable, InvalidArchitecture, InvalidInput
from netlore.networks.module_family import FunctionFamily
from netlore.scoring.draws import network_seed
from netlore.scoring.module_complexity import module_complexity
from netlore.space import families
from netlore.space.complexity import complexity
from tests.networks import own_spaces
from tests.networks.own_spaces import make_space, network

NAME = "tests.networks.own_spaces:network"
ONE = {"width": 8, "act": "silu"}


def test_a_function_is_a_family_by_its_import_path():
    family = families.get(NAME)
    assert (family.name, family.hyperparameters) == (NAME, ("width", "act"))
    one = families.architecture(NAME, ONE)
    assert one in nl.sample(make_space(), 4) and one.string == ""
    assert str(one) == "width 8; act silu"


def test_the_seed_decides_initial_weights_and_nothing_else_does():
    one = families.architecture(NAME, ONE)
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    first = nl.build(one, 5, seed=1)
    assert torch.equal(before, torch.random.get_rng_state())
    torch.set_default_dtype(torch.float64)
    try:
        again, other = nl.build(one, 5, seed=1), nl.build(one, 5, seed=2)
    finally:
        torch.set_default_dtype(torch.float32)
    with torch.inference_mode():
        inside = nl.build(one, 5, seed=1)
    for mine, same, third, differs in zip(*map(_weights, (first, again, inside, other)), strict=True):
        assert torch.equal(mine, same) and torch.equal(mine, third) and not torch.equal(mine, differs)
        assert mine.dtype is torch.float32 and third.requires_grad
    assert first(torch.zeros(2, 3, 9, 9)).shape == (2, 5)


def _weights(found: nn.Module) -> list[torch.Tensor]:
    return [one for name, one in found.named_parameters() if name in ("0.weight", "5.weight")]


def test_sizes_are_counted_on_the_meta_device_once_and_equal_those_of_the_module():
    space, one = make_space(resolution=16), families.architecture(NAME, ONE)
    own_spaces.CALLS.clear()
    found = complexity(one, num_classes=10, resolution=16)
    assert found.flops == 16 * 16 * 8 * 27 + 8 * 10 + 10
    assert (found.params, found.activations) == (8 * 27 + 16 + 90, 16 * 16 * 8 + 10)
    assert complexity(one, num_classes=10, resolution=16) == found
    assert own_spaces.CALLS == ["meta"]
    measured = module_complexity(nl.build(one, 10), torch.zeros(1, 3, 16, 16))
    assert measured == {name: found.as_dict()[name] for name in measured}
    drawn = nl.sample(space, 4)
    values = {name: [one.values[name] for one in drawn] for name in space.hyperparameters}
    together = space.complexities(values)
    assert together.flops.tolist() == [complexity(one, 10, 16).flops for one in drawn]


def test_what_cannot_be_built_without_values_is_counted_on_the_cpu():
    one = families.architecture(f"{own_spaces.__name__}:of_values", {"width": 4})
    assert complexity(one, 10, 8).params == 3 * 64 * 4 + 4 + 4 * 10 + 10


def test_a_budget_holds_and_is_counted_by_building():
    space = make_space("large", resolution=16, params=(500, 1000))
    assert {one.values["width"] for one in nl.sample(space, 9)} == {16}
    assert space.count_within_budget.exact and space.cardinality_within_budget == 2
    with pytest.raises(BudgetUnreachable, match="accepts none of the 6 architectures"):
        nl.sample(make_space("large", params=(1, 2)), 1)
    # Without a budget nothing is built.
    own_spaces.CALLS.clear()
    assert len(nl.sample(make_space("large"), 9)) == 6 and own_spaces.CALLS == []


def test_scores_are_those_of_the_module():
    task = nl.task("noise", batch_size=4)
    drawn = nl.sample(make_space(), 2)
    table = nl.score(drawn, ["snip", "synflow"], task, seed=3)
    again = nl.score(drawn, ["snip", "synflow"], task, seed=3)
    assert table.frame["score"].tolist() == again.frame["score"].tolist()
    assert table.wide[["width", "act"]].to_dict("records") == [one.values for one in drawn]
    module = nl.build(drawn[0], 10, network_seed(3, drawn[0].id, 0))
    alone = nl.probe(module, task.images, task.labels, ["snip"])["snip"]
    assert float(alone) == table.rows[0].score.value


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (own_spaces.fails, ":fails fails for width = 8 (RuntimeError: no such width); correct it, or leave "),
        (own_spaces.nothing, ":nothing returns something of the type int for width = 8; return a torch"),
        (
            own_spaces.of_another_size,
            ":of_another_size for width = 8 cannot look at an image of 3 channels",
        ),
    ],
)
def test_what_makes_no_network_is_refused_before_anything_is_scored(function, message):
    space = nl.module_space(function, [nl.choice("width", (8,))])
    with pytest.raises(InvalidArchitecture) as caught:
        nl.score(nl.sample(space, 1), "snip", nl.task("noise", batch_size=4))
    assert f"{own_spaces.__name__}{message}" in str(caught.value) and "\n" not in str(caught.value)


def test_a_function_that_workers_cannot_import_names_no_family():
    def inside(width: int) -> nn.Module:
        return nn.Linear(width, 1)

    for function in (inside, lambda width: nn.Linear(width, 1), own_spaces.any_number):
        with pytest.raises(InvalidInput, match="cannot name a family; write it at the top level"):
            nl.module_space(function, [nl.choice("width", (8,))])
    with pytest.raises(InvalidInput, match="needs each of width, act exactly once"):
        nl.module_space(network, [nl.choice("width", (8,))])


def test_a_script_may_define_its_family_and_define_it_again(monkeypatch):
    main = sys.modules["__main__"]
    for size in (2, 3):

        def mine(width: int, size=size) -> nn.Module:
            return nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, width * size), nn.Linear(width * size, 10))

        mine.__module__, mine.__qualname__ = "__main__", "mine"
        monkeypatch.setattr(main, "mine", mine, raising=False)
        distributions = [nl.choice("width", (4,)), nl.choice("size", (size,))]
        (one,) = nl.sample(nl.module_space(mine, distributions, resolution=8), 1)
        assert one.family == "__main__:mine" and nl.build(one, 10)[1].out_features == 4 * size
    assert isinstance(families.FAMILIES.get("__main__:mine"), FunctionFamily)
    assert math.isfinite(complexity(one, 10, 8).flops)
