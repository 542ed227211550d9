"""Activation codes count every call of a rectifier once, however it is called."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import netlore as nl
from netlore.scoring.passes import relu_codes
from netlore.scoring.passes.relu_codes import ActivationCodes
from tests.oracles import predictors as oracles
from tests.scoring.cases import images_and_labels, seeded, small_network

CALLS: dict[str, Callable[[Tensor], Tensor]] = {
    "nn.ReLU": nn.ReLU(),
    "nn.ReLU in place": nn.ReLU(inplace=True),
    "F.relu": F.relu,
    "F.relu in place": lambda x: F.relu(x, inplace=True),
    "F.relu_": F.relu_,
    "torch.relu": torch.relu,
    "torch.relu_": torch.relu_,
    "method": lambda x: x.relu(),
    "method in place": lambda x: x.relu_(),
    "nn.ReLU6": nn.ReLU6(),
    "F.relu6": F.relu6,
    "F.hardtanh from 0": lambda x: F.hardtanh(x, min_val=0.0),
    "nn.LeakyReLU": nn.LeakyReLU(),
    "F.leaky_relu": F.leaky_relu,
    "F.leaky_relu_": F.leaky_relu_,
    "F.gelu": F.gelu,
    "nn.SiLU": nn.SiLU(inplace=True),
    "nn.Hardswish": nn.Hardswish(),
    "nn.PReLU": nn.PReLU().requires_grad_(False),
    "nn.ELU": nn.ELU(inplace=True),
    "clamp(min=0)": lambda x: x.clamp(min=0),
    "torch.clamp_min": lambda x: torch.clamp_min(x, 0),
    "threshold": lambda x: F.threshold(x, 0, 0),
    "maximum": lambda x: torch.maximum(x, torch.zeros(())),
    "aten.relu": torch.ops.aten.relu,
}


@pytest.mark.parametrize("call", CALLS)
def test_every_call_is_counted_once(call: str) -> None:
    x = torch.tensor([[1.0, -1.0, 2.0], [1.0, 1.0, -3.0]])
    with ActivationCodes(len(x)) as codes:
        CALLS[call](x.clone())
    assert codes.length == 3
    assert codes.kernel().tolist() == [[3.0, 1.0], [1.0, 3.0]]


@pytest.mark.parametrize("call", [torch.tanh, torch.sigmoid, F.softplus, F.hardtanh, nn.Hardtanh(), torch.abs])
def test_other_functions_are_not_counted(call: Callable[[Tensor], Tensor]) -> None:
    with ActivationCodes(2) as codes:
        call(torch.ones(2, 3))
    assert codes.length == 0
    assert codes.kernel().tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_an_input_of_zero_is_off() -> None:
    with ActivationCodes(2) as codes:
        F.relu(torch.tensor([[0.0, -0.0, 1e-30], [-1.0, 0.0, 1.0]]))
    assert codes.kernel().tolist() == [[3.0, 3.0], [3.0, 3.0]]


def test_the_layout_in_memory_does_not_matter() -> None:
    x = torch.randn(3, 4, 5, 6, generator=torch.Generator().manual_seed(0))
    kernels = []
    for layout in (torch.contiguous_format, torch.channels_last):
        with ActivationCodes(len(x)) as codes:
            F.relu(x.contiguous(memory_format=layout))
        kernels.append(codes.kernel())
    assert torch.equal(*kernels)


class Functional(nn.Module):
    """The small network with functions in place of modules."""

    def __init__(self, rectify: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.parts = small_network()
        self.rectify = rectify

    def forward(self, x: Tensor) -> Tensor:
        """The same computation."""
        for part in self.parts:
            x = self.rectify(x) if isinstance(part, nn.ReLU) else part(x)
        return x


@pytest.mark.parametrize("call", list(CALLS)[:9])
def test_networks_of_functions_score_like_networks_of_modules(call: str) -> None:
    images, labels = images_and_labels(resolution=6)
    expected = oracles.logdet(small_network(), images, labels)
    score = nl.probe(Functional(CALLS[call]), images, labels, predictors="logdet", dtype="float64")["logdet"]
    assert float(score) == pytest.approx(expected, rel=1e-12)


class RectifiedParameter(nn.Module):
    """Rectifies something that is not the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(108, 16)
        self.gain = nn.Parameter(torch.ones(7, 1))

    def forward(self, x: Tensor) -> Tensor:
        """One ReLU on a parameter, one on the batch."""
        logits: Tensor = torch.relu(self.layer(x.flatten(1))) * torch.relu(self.gain).sum()
        return logits


def test_rectified_parameters_are_no_activations() -> None:
    x = torch.ones(3, 108)
    with ActivationCodes(len(x)) as codes:
        seeded(RectifiedParameter)(x)
    assert codes.length == 16
    score = nl.probe(seeded(RectifiedParameter), *images_and_labels(n=3, resolution=6), predictors="logdet")[
        "logdet"
    ]
    assert score.status == "ok"


def test_products_without_integer_kernels_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = torch.Generator().manual_seed(0)
    outputs = [F.relu(torch.randn(5, units, generator=draw)) for units in (7, 9_000)]
    kernels = []
    for available in (True, False):
        monkeypatch.setattr(relu_codes, "_has_integer_products", lambda available=available: available)
        codes = ActivationCodes(5)
        for output in outputs:
            codes.add(output)
        kernels.append(codes.kernel())
    assert torch.equal(*kernels)
    on = torch.cat(outputs, dim=1) > 0
    assert kernels[0].tolist() == [[int((one == two).sum()) for two in on] for one in on]
