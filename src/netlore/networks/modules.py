"""The modules that plans are built of: torch's own, and a residual connection."""

from __future__ import annotations

from torch import Tensor, nn


class Convolution(nn.Conv2d):
    """torch's convolution, except that it leaves its weights uninitialised.

    `initialise` sets every weight from a generator of its own. torch's default would be thrown away, takes longer
    than scoring a small network, and draws from the global generator.
    """

    def reset_parameters(self) -> None:
        """Nothing: see the class."""


class Classifier(nn.Linear):
    """torch's linear layer, except that it leaves its weights uninitialised; see `Convolution`."""

    def reset_parameters(self) -> None:
        """Nothing: see `Convolution`."""


class Residual(nn.Module):
    """`branch(x) + shortcut(x)`; an empty shortcut is the identity."""

    def __init__(self, branch: nn.Sequential, shortcut: nn.Sequential) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Both paths from the same input; shapes (N, C, H, W)."""
        out: Tensor = self.branch(x) + self.shortcut(x)
        return out


class GlobalPool(nn.Module):
    """Averages all positions: (N, C, H, W) to (N, C)."""

    def forward(self, x: Tensor) -> Tensor:
        """The mean over height and width."""
        return x.mean(dim=(2, 3))
