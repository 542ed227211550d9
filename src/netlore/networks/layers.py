"""The modules that plans are built of: torch's own, and a residual connection."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class Convolution(nn.Conv2d):
    """torch's convolution, except that it leaves its weights uninitialised.

    `initialise` sets every weight from a generator of its own. torch's default would be thrown away, takes longer
    than scoring a small network, and draws from the global generator.
    """

    def reset_parameters(self) -> None:
        """Nothing: see the class."""

    def forward(self, x: Tensor) -> Tensor:
        """The convolution of x, (N, C_in, H, W)."""
        if self.kernel_size == (1, 1) and self.stride != (1, 1):
            # The weight gradient of oneDNN's kernel for this case writes past its memory where there are fewer
            # than eight input channels (torch 2.14, float32, channels last, AVX2). Picking the pixels first is the
            # same convolution.
            x = x[:, :, :: self.stride[0], :: self.stride[1]]
            return F.conv2d(x, self.weight, self.bias, groups=self.groups)
        return super().forward(x)


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
