"""What the tests of the room share: predictors and their oracles, small networks, snapshots."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.scoring.evidence import OF_THE_BATCH, Evidence
from netlore.scoring.planned import sweep as footprint
from netlore.scoring.predictor import PREDICTORS
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.plan import Plan
from tests.oracles import predictors as oracles

NAMES = (
    "grad_norm",
    "snip",
    "grasp",
    "synflow",
    "fisher",
    "jacov",
    "logdet",
    "grad_norm_l2",
    "grasp_l1",
    "grasp_limit",
    "fisher_parameter",
    "log_synflow",
)
"""Predictors whose oracles are in `tests.oracles`, which know every network of the zoo."""

BUILT_IN = tuple(
    name for name in PREDICTORS.names() if PREDICTORS.get(name).compute.__module__.startswith("netlore.scoring.")
)
"""All predictors of netlore's."""

SWEPT = Evidence(*(kind for kind in OF_THE_BATCH if kind.plan))
"""Evidence that sweeps over a plan give."""

RESOLUTION = 9
CLASSES = 4

# Projections, identities, groups, depthwise convolutions, b = 4, several blocks, w = 1 and every family.
ARCHITECTURES: tuple[Architecture, ...] = (
    nl.anynet_architecture((2, 1, 1), (4, 2, 8), (2, 1, 4), (4, 2, 1)),
    nl.anynet_architecture((1, 2, 1), (1, 8, 4), (1, 8, 2), (1, 1, 2)),
    nl.architecture(
        "anynet-printed",
        {
            "d1": 1,
            "d2": 2,
            "d3": 1,
            "w1": 4,
            "w2": 8,
            "w3": 8,
            "g1": 2,
            "g2": 1,
            "g3": 4,
            "b1": 1,
            "b2": 4,
            "b3": 2,
        },
    ),
    nl.architecture("resnet", {"d1": 1, "d2": 2, "d3": 1, "w1": 4, "w2": 3, "w3": 8}),
    nl.architecture("resnext", {"d1": 1, "d2": 2, "d3": 1, "w1": 4, "w2": 4, "w3": 8, "b": 2, "c": 4}),
)


def plan_of(architecture: Architecture, classes: int = CLASSES, channels: int = 3) -> Plan:
    """The plan of an architecture."""
    return families.get(architecture.family).plan(architecture.values, classes, channels)


def images_and_labels(
    n: int = 4, resolution: int = RESOLUTION, channels: int = 3, classes: int = CLASSES, seed: int = 1
) -> tuple[Tensor, Tensor]:
    """A float32 batch, the same for the same arguments."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.randn(n, channels, resolution, resolution, generator=generator)
    return images, torch.randint(classes, (n,), generator=generator)


def expected(name: str, network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The oracle's value."""
    value: float = getattr(oracles, name)(network, images, labels)
    return value


def size(name: str, value: float, network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """What an error has to be compared with: the value; where its terms cancel, the sum of their sizes."""
    of_terms = {"grasp": "grasp_l1", "grasp_limit": "grasp_limit_size"}
    return expected(of_terms[name], network, images, labels) if name in of_terms else abs(value)


def seeded(kind: type[nn.Module] | Any, *arguments: Any, seed: int = 0) -> nn.Module:
    """A module made with the global generator at a seed, which is put back."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made: nn.Module = kind(*arguments)
    return made


def small_network() -> nn.Sequential:
    """Two convolutions with batch norm, a classifier; for images (3, 6, 6) and 4 classes."""

    def made() -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1, bias=False),
            nn.BatchNorm2d(6),
            nn.ReLU(),
            nn.Conv2d(6, 6, 3, padding=1, stride=2),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(6, CLASSES),
        )

    network = seeded(made)
    assert isinstance(network, nn.Sequential)
    return network


def state_of(network: nn.Module) -> dict[str, Any]:
    """Everything about a module that an examination could leave changed."""
    tensors = dict([*network.named_parameters(), *network.named_buffers()])
    return {
        "identities": {name: id(tensor) for name, tensor in tensors.items()},
        "values": {name: tensor.detach().clone() for name, tensor in tensors.items()},
        "layouts": {name: tensor.stride() for name, tensor in tensors.items()},
        "requires_grad": {name: tensor.requires_grad for name, tensor in tensors.items()},
        "gradients": {
            name: None if tensor.grad is None else (id(tensor.grad), tensor.grad.clone())
            for name, tensor in network.named_parameters()
        },
        "modes": [module.training for module in network.modules()],
        "attributes": [sorted(set(module.__dict__)) for module in network.modules()],
        "hooks": [
            [len(value) for key, value in sorted(module.__dict__.items()) if "hooks" in key and value is not None]
            for module in network.modules()
        ],
        "tensor hooks": {name: getattr(tensor, "_backward_hooks", None) for name, tensor in tensors.items()},
    }


def surroundings() -> dict[str, Any]:
    """The global state that an examination could leave changed."""
    return {
        "torch": torch.random.get_rng_state(),
        "numpy": np.random.get_state()[1:3],  # noqa: NPY002 - the global generator is what is looked at
        "python": random.getstate(),
        "threads": torch.get_num_threads(),
        "grad mode": torch.is_grad_enabled(),
        "inference mode": torch.is_inference_mode_enabled(),
        "default dtype": torch.get_default_dtype(),
        "products": torch.get_float32_matmul_precision(),
        "convolutions": torch.backends.mkldnn.conv.fp32_precision,
        "deterministic": torch.get_deterministic_debug_mode(),
    }


def same(left: Any, right: Any) -> bool:
    """Equality, bit for bit, of nested values that hold tensors and arrays."""
    if isinstance(left, Tensor):
        return (
            isinstance(right, Tensor)
            and left.dtype == right.dtype
            and torch.equal(left.view(torch.uint8).flatten(), right.view(torch.uint8).flatten())
            if left.ndim
            else torch.equal(left, right)
        )
    if isinstance(left, np.ndarray):
        return np.array_equal(left, right)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def set_kept_bytes(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """Let sweeps keep a number of bytes, whatever this machine has."""
    monkeypatch.setattr(footprint, "kept_bytes", lambda: limit)


@contextmanager
def nothing_changes(network: nn.Module) -> Iterator[None]:
    """Fails if the body changes the network or its surroundings."""
    before, around = state_of(network), surroundings()
    yield
    after, around_after = state_of(network), surroundings()
    for key in before:
        assert same(before[key], after[key]), f"{key} changed"
    for key in around:
        assert same(around[key], around_after[key]), f"{key} changed"
