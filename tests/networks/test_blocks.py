"""Graphs, products, joins and parts of transformers: complexity, modules and initial weights."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from netlore.errors import InvalidInput
from netlore.networks import build_plan
from netlore.networks.initialisation import initial_weights
from netlore.space.complexity import complexity_of_plan
from netlore.space.outline import lines_of, resolution_after, width_after
from netlore.space.plan import (
    Chain,
    Graph,
    Join,
    Layer,
    Plan,
    Product,
    Sum,
    Switch,
    convolution,
    count_layers,
    relu,
)
from tests.export.plans import cell_plan, plain_plan, token_plan
from tests.networks.measured import measured

PLANS = {"cell": cell_plan(), "token": token_plan(), "plain": plain_plan()}


def conv(w_in: int, w_out: int, **sizes: int) -> Layer:
    return Layer("convolution", w_in, w_out, **sizes)


@pytest.mark.parametrize("side", [12, 17])
@pytest.mark.parametrize("name", PLANS)
def test_complexity_is_that_of_the_module(name, side):
    plan = PLANS[name]
    found = measured(build_plan(plan), side)
    expected = complexity_of_plan(plan, side)
    attention = sum(line.complexity.activations for line in lines_of(plan, side) if line.layer.kind == "attention")
    # The hooks see no products of attention.
    assert (found.flops, found.params, found.activations + attention) == tuple(expected.as_dict().values())


@pytest.mark.parametrize("name", PLANS)
def test_the_lines_add_up(name):
    lines = list(lines_of(PLANS[name], 12))
    assert sum(line.times * line.complexity.flops for line in lines) == complexity_of_plan(PLANS[name], 12).flops


@pytest.mark.parametrize("kind", ["convolution", "avg_pool", "max_pool"])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5, 7])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_every_window_has_the_positions_that_torch_gives(kind, kernel, stride):
    for padding in (None, *range(kernel // 2 + 1)):
        plan = Layer(kind, 3, 3, kernel, stride, padding=padding)
        for side in (7, 8, 9):
            shape = build_plan(plan)(torch.zeros(1, 3, side, side)).shape
            assert shape == (1, 3, *[resolution_after(plan, side)] * 2)


def test_the_weights_are_in_the_order_of_the_plan():
    for plan in PLANS.values():
        weights = initial_weights(plan, seed=3)
        parameters = [one for one in build_plan(plan, seed=3).parameters() if one.ndim > 1]
        for (layer, weight), parameter in zip(weights, parameters, strict=True):
            torch.testing.assert_close(
                weight[1:] if layer.kind == "tokens" else weight, parameter.data, rtol=0, atol=0
            )


def test_a_graph_adds_what_comes_in():
    double = Chain((conv(2, 2), Layer("batch_norm", 2, 2)))
    plan = Graph((((0, double),), ((0, Chain(())), (1, relu(2)), (1, relu(2)))))
    network, x = build_plan(plan).eval(), torch.randn(3, 2, 5, 5)
    inner = network[0].edges[0][0](x)
    torch.testing.assert_close(network(x), x + 2 * inner.relu())
    assert count_layers(plan) == 4 and width_after(plan, 2) == 2


def test_a_product_gates_and_a_join_joins():
    x = torch.randn(3, 2, 4, 4)
    gated = build_plan(Product(Chain(()), Chain((Layer("squeeze", 2, 2), Layer("sigmoid", 2, 2)))))
    torch.testing.assert_close(gated(x), x * x.mean(dim=(2, 3), keepdim=True).sigmoid())
    joined = Join((relu(2), Layer("shift", 2, 2)))
    out = build_plan(joined)(x)
    assert width_after(joined, 2) == 4
    torch.testing.assert_close(out[:, :2], x.relu())
    torch.testing.assert_close(out[:, 2:, :-1, :-1], x[:, :, 1:, 1:])
    assert not out[:, 2:, -1].any() and not out[:, 2:, :, -1].any()


def test_what_a_path_begins_with_leaves_its_input_alone():
    x = torch.randn(2, 3, 4, 4)
    before = x.clone()
    for plan in (relu(3), Sum(relu(3), Chain(())), Graph((((0, relu(3)), (0, Chain(()))),))):
        build_plan(plan)(x)
        assert torch.equal(x, before)
    # Behind a cell that hands its input on, too.
    build_plan(Chain((Graph((((0, Chain(())),),)), relu(3))))(x)
    assert torch.equal(x, before)


def test_attention_is_torch_s():
    x = torch.randn(2, 5, 24)
    q, k, v = x.reshape(2, 5, 3, 2, 4).permute(2, 0, 3, 1, 4)
    expected = torch.nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
    torch.testing.assert_close(build_plan(Layer("attention", 24, 8, groups=2))(x), expected)


def test_places_fit_other_images():
    plan = Layer("tokens", 4, 4, kernel=3)
    network = build_plan(plan)
    assert network(torch.zeros(2, 4, 3, 3)).shape == (2, 10, 4)
    found = network(torch.zeros(2, 4, 6, 6))
    assert found.shape == (2, 37, 4) and found[0].unique(dim=0).shape[0] > 9


WRONG: dict[str, tuple[Callable[[], Plan], str]] = {
    "groups": (lambda: conv(6, 4, groups=3), "3 groups cannot have 6 channels in and 4 out; choose multiples"),
    "width": (lambda: conv(0, 4), "w_in = 0 is none; choose 1 or more"),
    "stride": (lambda: conv(4, 4, stride=0), "stride = 0 is none; choose 1 or more"),
    "padding": (lambda: conv(4, 4, padding=-1), "padding = -1 is none; choose 0 or more"),
    "norm": (lambda: Layer("batch_norm", 4, 8), "4 channels in cannot have 8 out; choose the same"),
    "attention": (lambda: Layer("attention", 8, 8), "8 channels out has 8 in; give queries, keys and values, 24"),
    "option": (lambda: Switch(2, (relu(4), relu(4))), "no option 2; choose one of the 2 from 0"),
    "empty node": (lambda: Graph(((),)), r"node 1 has inputs from \[\]; give one or more nodes before it"),
    "later node": (lambda: Graph((((1, relu(4)),),)), r"node 1 has inputs from \[1\]"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused_where_it_is_written(name):
    make, message = WRONG[name]
    with pytest.raises(InvalidInput, match=message):
        make()


def test_positions_that_cannot_be_added_are_refused_before_anything_runs():
    down = Layer("avg_pool", 3, 3, kernel=2, stride=2, padding=0)
    plan = Sum(convolution(3, 3, 3, stride=2), down)
    assert complexity_of_plan(plan, 8).activations == 16 * 3
    with pytest.raises(InvalidInput, match="outputs of 5x5 and 4x4 positions cannot be added"):
        complexity_of_plan(plan, 9)
    with pytest.raises(InvalidInput, match=r"an? convolution of kernel 16 gets 8x8 positions, which are too few"):
        complexity_of_plan(Layer("convolution", 3, 3, kernel=16, stride=16, padding=0), 8)
