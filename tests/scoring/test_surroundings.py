"""What the caller's process has set does not change a score, in it as in worker processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from tests.scoring.cases import nothing_changes

NAMES = ("grad_norm", "snip", "grasp", "jacov")


class Scaled(nn.Module):
    """Makes a tensor on its way, of whatever type is the default."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(14_400, 64), nn.ReLU(), nn.Linear(64, 10)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Logits along a tensor of ones."""
        logits: Tensor = self.layers(x)
        return logits * torch.ones(10)


@contextmanager
def products(precision: str) -> Iterator[None]:
    """Float32 products in another precision, as scripts ask for it."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


@contextmanager
def convolutions(precision: str) -> Iterator[None]:
    """The same for convolutions."""
    before = torch.backends.mkldnn.conv.fp32_precision
    torch.backends.mkldnn.conv.fp32_precision = precision
    try:
        yield
    finally:
        torch.backends.mkldnn.conv.fp32_precision = before


@contextmanager
def default(dtype: torch.dtype) -> Iterator[None]:
    """Another default type."""
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@contextmanager
def deterministic() -> Iterator[None]:
    """Only warnings, so that nothing that has no such algorithm fails."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(False)


SETTINGS: dict[str, Callable[[], Any]] = {
    "products in bfloat16": lambda: products("medium"),
    "convolutions in bfloat16": lambda: convolutions("bf16"),
    "float64": lambda: default(torch.float64),
    "bfloat16": lambda: default(torch.bfloat16),
    "deterministic": deterministic,
    "inference": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
}


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS.keys())
def test_a_setting_of_the_process_changes_no_score(setting: Callable[[], Any]) -> None:
    torch.manual_seed(0)
    network, task = Scaled(), nl.task("noise", batch_size=16)
    architectures = nl.sample(nl.anynet(num_classes=10, flops=(1e6, 5e6)), 1)

    def scores() -> list[float | None]:
        found = nl.probe(network, task.images, task.labels, NAMES)
        of_plans = nl.score(architectures, NAMES, task).rows
        return [one.value for one in found.values()] + [row.score.value for row in of_plans]

    expected = scores()
    with setting(), nothing_changes(network):
        inside = scores()
    assert inside == expected and None not in expected
