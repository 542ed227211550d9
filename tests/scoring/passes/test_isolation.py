"""How tensors are copied, and how a network comes back."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from netlore.scoring.passes import isolation
from netlore.scoring.passes.isolation import copied, restored_after
from tests.scoring.cases import small_network


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
    monkeypatch.setattr(isolation, "vars", interrupting, raising=False)
    with pytest.raises(KeyboardInterrupt), restored_after(network, True, state):
        assert [id(parameter) for parameter in network.parameters()] != own
        inside.append(True)
    assert [id(parameter) for parameter in network.parameters()] == own
