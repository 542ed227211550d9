"""Layers and small networks that own cases are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def cnn(
    norm: Callable[[int], nn.Module] = nn.BatchNorm2d, act: Callable[[], nn.Module] = nn.ReLU, out: int = 4
) -> nn.Sequential:
    """Two convolutions and a classifier."""
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 3, padding=1), norm(8), act()),
        *(nn.Conv2d(8, 8, 3, padding=1, stride=2), norm(8), act()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, out)),
    )


class Call(nn.Module):
    """Calls a function of its networks and the inputs."""

    def __init__(self, function: Callable[..., Any], *networks: nn.Module) -> None:
        super().__init__()
        self.networks, self.function = nn.ModuleList(networks), function

    def forward(self, *inputs: Tensor, **named: Tensor) -> Any:
        """What the function returns."""
        return self.function(*self.networks, *inputs, **named)


class Sequences(nn.Module):
    """A recurrent layer's last output, classified."""

    def __init__(self, kind: Callable[..., nn.Module]) -> None:
        super().__init__()
        self.recurrent, self.classifier = kind(6, 8, batch_first=True), nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Any:
        """(N, T, 6) to (N, 4)."""
        return self.classifier(self.recurrent(x)[0][:, -1])


class Cells(nn.Module):
    """A recurrent cell, called for every position."""

    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell, self.classifier = cell, nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Any:
        """(N, T, 6) to (N, 4)."""
        state = None
        for position in x.unbind(1):
            state = self.cell(position, state)
        return self.classifier(state[0] if isinstance(state, tuple) else state)


class Attention(nn.Module):
    """An attention layer between linear ones, with the batch first or second."""

    def __init__(self, batch_first: bool) -> None:
        super().__init__()
        self.first, self.classifier = nn.Linear(6, 8), nn.Linear(8, 4)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=batch_first)

    def forward(self, x: Tensor) -> Any:
        """(N, T, 6) to (N, 4)."""
        x = self.first(x)
        y = x if self.attention.batch_first else x.transpose(0, 1)
        y = self.attention(y, y, y, need_weights=False)[0]
        x = x + (y if self.attention.batch_first else y.transpose(0, 1))
        return self.classifier(F.gelu(x).mean(1))


class Lora(nn.Linear):
    """Keeps a low-rank change apart in training mode, and merges it into the weight in evaluation mode."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.down = nn.Parameter(torch.randn(2, inputs) / 4)
        self.up = nn.Parameter(torch.randn(outputs, 2) / 4)
        self.merged = False

    def train(self, mode: bool = True) -> Lora:
        """Merge or take apart."""
        if mode == self.merged:
            self.weight.data += (-1 if self.merged else 1) * (self.up @ self.down).data
            self.merged = not mode
        return super().train(mode)

    def forward(self, x: Tensor) -> Tensor:
        """W x, plus the change where it is apart."""
        found = super().forward(x)
        return found if self.merged else found + x @ self.down.T @ self.up.T


class Sliced(nn.Module):
    """A convolution of which only some channels are used, as in supernets."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.classifier = nn.Conv2d(3, 12, 3), nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Any:
        """Images to logits."""
        x = F.relu(F.conv2d(x, self.stem.weight[:8], padding=1))
        return self.classifier(x.mean((2, 3)))


class Standardised(nn.Conv2d):
    """A convolution whose weight is standardised."""

    def forward(self, x: Tensor) -> Tensor:
        """As the convolution, with another weight."""
        weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
        return F.conv2d(x, weight / weight.std((1, 2, 3), keepdim=True), self.bias, padding=1)


class Spectrum(nn.Module):
    """A complex filter in front of a network."""

    def __init__(self) -> None:
        super().__init__()
        self.filter, self.network = nn.Parameter(torch.randn(1, 1, 7, dtype=torch.cfloat)), cnn()

    def forward(self, x: Tensor) -> Any:
        """Images to logits."""
        return self.network(torch.fft.irfft(torch.fft.rfft(x) * self.filter))


class Counting(nn.Module):
    """Writes and replaces its buffers, and keeps activations."""

    steps: Tensor
    last: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.network, self.calls = cnn(), 0
        self.register_buffer("steps", torch.zeros(1))
        self.register_buffer("last", torch.zeros(1))

    def forward(self, x: Tensor) -> Any:
        """Images to logits."""
        self.steps += 1
        self.calls += 1
        self.last, self.cache = x.mean().detach(), x * 2
        return self.network(x)


class Raw(nn.Module):
    """Matrices that belong to no layer."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Parameter(torch.randn(6, 9)), nn.Parameter(torch.randn(9, 4))

    def forward(self, x: Tensor) -> Tensor:
        """(N, 6) to (N, 4)."""
        return F.relu(x @ self.a) @ self.b


class Mean(nn.Module):
    """Over the last axis."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., T) to (...)."""
        return x.mean(-1)


class ChannelsLast(nn.Module):
    """Layer norm over the channels of images."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, x: Tensor) -> Any:
        """(N, C, H, W) to the same."""
        return self.norm(x.movedim(1, -1)).movedim(-1, 1)


@dataclass
class Outputs:
    """What some networks return."""

    features: Tensor
    logits: Tensor
