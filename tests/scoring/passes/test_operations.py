"""Operations that are replaced have torch's values, and derivatives of derivatives as by central differences."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netlore.scoring.passes.derivatives import dual_level, make_dual, unpack_dual
from netlore.scoring.passes.operations import Operations
from tests.scoring.cases import seeded

NORMED = torch.linspace(0.5, 1.5, 6, dtype=torch.float64)
CALLS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "relu in place": lambda x: F.relu(x * 1.0, inplace=True),
    "silu": F.silu,
    "silu in place": lambda x: F.silu(x * 1.0, inplace=True),
    "mish": F.mish,
    "hardsigmoid": F.hardsigmoid,
    "hardswish in place": lambda x: F.hardswish(x * 1.0, inplace=True),
    "relu6 in place": lambda x: F.relu6(4 * x, inplace=True),
    "hardtanh": F.hardtanh,
    "group norm": lambda x: F.group_norm(x, 3, NORMED, NORMED.flip(0)),
    "batch norm": lambda x: F.batch_norm(x, None, None, NORMED, NORMED.flip(0), training=True),
    "batch norm, channels last": lambda x: F.batch_norm(
        x.contiguous(memory_format=torch.channels_last), None, None, NORMED, training=True
    ),
    "batch norm of rows": lambda x: F.batch_norm(
        x.flatten(2).transpose(1, 2).reshape(-1, 6), None, None, training=True
    ),
    "linear": lambda x: F.linear(
        x, torch.arange(15.0, dtype=torch.float64).view(3, 5) - 7, torch.ones(3).double()
    ),
    "convolution": lambda x: F.conv2d(x, kernel(4, 6, 3, 3), None, 2, 1),
    "with padding by name": lambda x: F.conv2d(x, kernel(4, 6, 3, 3), padding="same"),
    "in groups": lambda x: F.conv2d(x.contiguous(memory_format=torch.channels_last), kernel(6, 2, 3, 3), groups=3),
    "depthwise": lambda x: F.conv2d(
        x.contiguous(memory_format=torch.channels_last), kernel(6, 1, 3, 3), padding=1, groups=6
    ),
    "strided 1x1": lambda x: F.conv2d(
        x.contiguous(memory_format=torch.channels_last), kernel(2, 6, 1, 1), stride=(2, 1)
    ),
    "transposed": lambda x: F.conv_transpose2d(x, kernel(6, 2, 3, 3), None, 2, 1, 1, 2),
    "one-dimensional": lambda x: F.conv1d(x.flatten(2), kernel(4, 6, 3), torch.ones(4).double(), dilation=2),
    "three-dimensional": lambda x: F.conv3d(x[:, :, None], kernel(2, 6, 1, 3, 3)),
}


def kernel(*shape: int) -> Tensor:
    """A fixed kernel of that shape."""
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


def gradient(call: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """d sum(y^3) / dx, whose further derivative is none of a constant."""
    (found,) = torch.autograd.grad((call(x) ** 3).sum(), x)
    return found


@pytest.mark.parametrize("name", CALLS)
def test_values_gradients_and_their_change_along_a_direction(name: str) -> None:
    call, x = CALLS[name], kernel(3, 6, 5, 5)
    x[x.abs() < 0.05] += 0.1  # no kink within the differences
    direction = kernel(3, 6, 5, 5).flip(0)
    plain = gradient(call, x.clone().requires_grad_())
    step = 1e-6
    above, below = (gradient(call, (x + sign * step * direction).requires_grad_()) for sign in (1, -1))
    with Operations():
        assert torch.allclose(call(x.clone().requires_grad_()), call(x), rtol=1e-12, atol=1e-12)
        leaf = x.clone().requires_grad_()
        with dual_level():
            found = unpack_dual(gradient_of_leaf(call, leaf, make_dual(leaf, direction)))
    assert torch.allclose(found.primal, plain, rtol=1e-10, atol=1e-10)
    assert torch.allclose(found.tangent, (above - below) / (2 * step), rtol=1e-5, atol=1e-5)


def gradient_of_leaf(call: Callable[[Tensor], Tensor], leaf: Tensor, dual: Tensor) -> Tensor:
    """The same by the leaf that a dual tensor was made of."""
    (found,) = torch.autograd.grad((call(dual) ** 3).sum(), leaf)
    return found


@pytest.mark.parametrize("along_itself", [True, False])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_change_along_weights_with_and_without_the_shortcut(
    layout: torch.memory_format, along_itself: bool
) -> None:
    network = seeded(
        lambda: nn.Sequential(nn.Conv2d(6, 8, 3, groups=2), nn.Conv2d(8, 300, 3), nn.Flatten(), nn.Linear(300, 2))
    )
    network, x = network.double(), kernel(2, 6, 5, 5).contiguous(memory_format=layout)
    network.to(memory_format=layout)
    weights = {name: p.detach().requires_grad_() for name, p in network.named_parameters()}
    directions = {
        n: w.detach() if along_itself else w.detach().flip(0) for n, w in weights.items() if "weight" in n
    }

    def loss(state: dict[str, Tensor]) -> Tensor:
        logits: Tensor = torch.func.functional_call(network, state, (x,))
        return (logits**3).sum()

    first = torch.autograd.grad(loss(weights), [weights[name] for name in directions], create_graph=True)
    product = sum((g * directions[n]).sum() for n, g in zip(directions, first, strict=True))
    expected = torch.autograd.grad(product, [weights[name] for name in directions])
    with Operations(), dual_level():
        dual = {name: make_dual(weights[name], one) for name, one in directions.items()}
        found = torch.autograd.grad(loss({**weights, **dual}), [weights[name] for name in directions])
        tangents = [unpack_dual(one).tangent for one in found]
    for one, other in zip(tangents, expected, strict=True):
        assert torch.allclose(one, other, rtol=1e-10, atol=1e-12)


def test_what_is_detached_is_constant_along_the_direction_as_in_reverse_mode() -> None:
    x = torch.tensor([2.0], requires_grad=True)
    with Operations(), dual_level():
        dual = make_dual(x, torch.ones(1))
        for constant in (dual.detach(), dual.data, torch.detach(dual)):
            assert unpack_dual(constant * 3).tangent is None
        with torch.no_grad():
            assert unpack_dual(dual * 3).tangent is None
        assert unpack_dual(dual * 3).tangent.item() == 3.0
