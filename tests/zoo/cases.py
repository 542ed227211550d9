"""What a case of the zoo is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.oracles.modules import Outputs


def noise(*shape: int) -> Tensor:
    """Normal noise, the same at each call."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def images(size: int = 12, n: int = 4) -> Tensor:
    """Noise (n, 3, size, size)."""
    return noise(n, 3, size, size)


def tokens(length: int = 6, vocabulary: int = 30) -> Tensor:
    """Whole numbers (4, length)."""
    return torch.randint(vocabulary, (4, length), generator=torch.Generator().manual_seed(2))


def classes(*shape: int, of: int = 4) -> Tensor:
    """Labels."""
    return torch.randint(of, shape or (4,), generator=torch.Generator().manual_seed(3))


def _tensor(returned: Any) -> Outputs:
    return [(1.0, returned)]


def logits(returned: Any) -> Outputs:
    """The logits of outputs with names."""
    return [(1.0, returned.logits)]


@dataclass(frozen=True)
class Case:
    """A module, a batch, and how definitions read it.

    Attributes:
        name: Its name in the table.
        make: Makes the module.
        inputs: As it takes them; None: images.
        targets: As the loss wants them; None: classes.
        loss: As `nl.probe` takes it.
        output: As `nl.probe` takes it.
        read: The outputs that count, of what the module returns, with the weights of their losses.
        bare: What definitions look at, if not the module itself.
        tolerance: Of scores in float64, relative; larger where the module computes parts of itself in float32.
    """

    name: str
    make: Callable[[], nn.Module]
    inputs: Any = None
    targets: Tensor | None = None
    loss: str = "cross_entropy"
    output: Any = None
    read: Callable[[Any], Outputs] = _tensor
    bare: Callable[[nn.Module], nn.Module] = lambda network: network
    tolerance: float = 1e-9

    @property
    def batch(self) -> tuple[Any, Tensor]:
        """Inputs and targets."""
        inputs = images() if self.inputs is None else self.inputs
        return inputs, classes() if self.targets is None else self.targets

    def network(self) -> nn.Module:
        """The module, the same at each call."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return self.make()

    @property
    def loss_of(self) -> Callable[[Tensor, Tensor], Tensor]:
        """The loss that definitions take."""
        return {
            "cross_entropy": F.cross_entropy,
            "mse": lambda output, target: (output - target.to(output)).square().mean(),
            "binary_cross_entropy": lambda output, target: F.binary_cross_entropy(
                output.sigmoid(), target.to(output)
            ),
        }[self.loss]
