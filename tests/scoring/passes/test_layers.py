"""Which layers are looked at, and how their tensors are copied."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from netlore.networks import build_plan
from netlore.scoring.passes import layers
from netlore.scoring.passes.layers import (
    checked_logits,
    copied,
    layers_of,
    layout_of,
    restored_after,
    weight_names,
)
from tests.scoring.cases import ARCHITECTURES, plan_of, small_network


def test_convolutions_and_linear_layers_are_found_once_each() -> None:
    shared = nn.Linear(2, 2)
    network = nn.Sequential(
        nn.Conv1d(1, 1, 1), shared, nn.BatchNorm1d(2), nn.Conv3d(1, 1, 1), shared, nn.Bilinear(1, 1, 1)
    )
    assert [type(layer).__name__ for layer in layers_of(network)] == ["Conv1d", "Linear", "Conv3d"]


def test_layers_that_share_a_weight_share_its_name() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    network[1].weight = network[0].weight
    assert list(weight_names(network, layers_of(network)).values()) == ["0.weight", "0.weight"]


def test_netlores_own_networks_are_channels_last_and_others_are_not() -> None:
    own = build_plan(plan_of(ARCHITECTURES[0]))
    assert layout_of(layers_of(own)) == torch.channels_last
    assert layout_of(layers_of(small_network())) == torch.contiguous_format


def test_copies_have_the_precision_and_layout_asked_for() -> None:
    kernel = torch.randn(4, 3, 3, 3, dtype=torch.float16, requires_grad=True)
    copy = copied(kernel, torch.float64, torch.channels_last)
    assert copy.dtype == torch.float64
    assert copy.is_contiguous(memory_format=torch.channels_last)
    assert not copy.requires_grad
    count = torch.tensor(3)
    twin = copied(count, torch.float64, torch.channels_last)
    assert twin.dtype == torch.int64
    assert twin.data_ptr() != count.data_ptr()
    assert copied(torch.ones(3, 2).T, torch.float32, torch.channels_last).is_contiguous()


def test_modes_come_back_after_an_error() -> None:
    network = small_network().eval()
    network[1].train()
    with pytest.raises(RuntimeError, match="inside"), restored_after(network, training=True):
        assert all(module.training for module in network.modules())
        raise RuntimeError("inside")
    assert [module.training for module in network.children()] == [False, True, *[False] * 6]


def test_logits_are_a_row_per_image() -> None:
    logits = torch.zeros(2, 3)
    assert checked_logits(logits, 2) is logits


def test_an_interruption_while_things_are_put_back_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    network, interrupted = small_network(), iter([True])
    third = network[3]
    own = [id(parameter) for parameter in network.parameters()]
    state = {name: torch.zeros_like(tensor) for name, tensor in network.state_dict().items()}

    def interrupting(held: nn.Module) -> dict[str, object]:
        if held is third and inside and next(interrupted, False):
            raise KeyboardInterrupt
        return held.__dict__

    inside: list[bool] = []
    monkeypatch.setattr(layers, "vars", interrupting, raising=False)
    with pytest.raises(KeyboardInterrupt), restored_after(network, True, state):
        assert [id(parameter) for parameter in network.parameters()] != own
        inside.append(True)
    assert [id(parameter) for parameter in network.parameters()] == own
