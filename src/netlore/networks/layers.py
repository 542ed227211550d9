"""The modules that plans are built of: torch's own, residual connections, cells, gates, parts of transformers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netlore.errors import InvalidInput
from netlore.networks.transformer import Attention, TokenPool, Tokens
from netlore.space.layer import Layer, Size


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


class Squeeze(nn.Module):
    """Averages all positions and keeps the axes: (N, C, H, W) to (N, C, 1, 1)."""

    acts_on_each_image = True

    def forward(self, x: Tensor) -> Tensor:
        """The mean over height and width."""
        return x.mean(dim=(2, 3), keepdim=True)


class Zero(nn.Module):
    """Zeros at every `stride`-th position, (N, C, H, W) to (N, w_out, H', W')."""

    acts_on_each_image = True

    def __init__(self, w_out: int, stride: int) -> None:
        super().__init__()
        self.w_out = w_out
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """Zeros that depend on x, with gradient zero, so that a network of nothing else has gradients too."""
        nothing = x[:, :1, :: self.stride, :: self.stride] * 0.0
        return nothing.expand(-1, self.w_out, -1, -1)


class Gated(nn.Module):
    """`branch(x) * gate(x)`; an empty branch is the identity."""

    acts_on_each_image = True

    def __init__(self, branch: nn.Sequential, gate: nn.Sequential) -> None:
        super().__init__()
        self.branch = branch
        self.gate = gate

    def forward(self, x: Tensor) -> Tensor:
        """Both paths from the same input; a gate of one position counts for all."""
        out: Tensor = self.branch(x) * self.gate(x)
        return out


class Joined(nn.ModuleList):
    """Outputs of several paths from one input, one behind the other in channels."""

    acts_on_each_image = True

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, sum of C', H', W')."""
        return torch.cat([path(x) for path in self], dim=1)


class Shift(nn.Module):
    """The image without its first row and column, with zeros behind the last ones; the shape stays."""

    acts_on_each_image = True

    def forward(self, x: Tensor) -> Tensor:
        """Position (i, j) of the output is (i + 1, j + 1) of x, (N, C, H, W)."""
        return F.pad(x[:, :, 1:, 1:], (0, 1, 0, 1))


class Cell(nn.Module):
    """A graph of sums: node 0 is the input, each other one the sum of its edges, the last one the output."""

    acts_on_each_image = True

    def __init__(self, nodes: Sequence[Sequence[tuple[int, nn.Sequential]]]) -> None:
        super().__init__()
        self.sources = tuple(tuple(source for source, _ in incoming) for incoming in nodes)
        self.edges = nn.ModuleList(nn.ModuleList(edge for _, edge in incoming) for incoming in nodes)

    def forward(self, x: Tensor) -> Tensor:
        """The last node."""
        values = [x]
        for sources, edges in zip(self.sources, self.edges, strict=True):
            assert isinstance(edges, nn.ModuleList)
            terms = [edge(values[source]) for source, edge in zip(sources, edges, strict=True)]
            values.append(sum(terms[1:], start=terms[0]))
        return values[-1]


_ELSEWHERE: dict[str, Callable[[int, int, int], nn.Module]] = {
    "relu6": lambda *sizes: nn.ReLU6(),
    "silu": lambda *sizes: nn.SiLU(),
    "sigmoid": lambda *sizes: nn.Sigmoid(),
    "gelu": lambda *sizes: nn.GELU(),
    "layer_norm": lambda width, *sizes: nn.LayerNorm(width),
    "tokens": lambda width, side, _: Tokens(width, side),
    "attention": lambda width, _, heads: Attention(heads),
    "token_pool": lambda *sizes: TokenPool(),
}


def layer_module(layer: Layer, in_place: bool = False) -> nn.Module:
    """The module of a layer of integers, its weights not yet set; a ReLU may overwrite its input `in_place`."""
    sizes = (layer.w_in, layer.w_out, layer.kernel, layer.stride, layer.groups, layer.pads)
    w_in, w_out, kernel, stride, groups, padding = map(_integer, sizes)
    match layer.kind:
        case "convolution":
            return Convolution(w_in, w_out, kernel, stride, padding, groups=groups, bias=layer.has_bias)
        case "batch_norm":
            return nn.BatchNorm2d(w_out)
        case "relu":
            return nn.ReLU(inplace=in_place)
        case "avg_pool":
            return nn.AvgPool2d(kernel, stride, padding, count_include_pad=False)
        case "max_pool":
            return nn.MaxPool2d(kernel, stride, padding)
        case "global_pool":
            return GlobalPool()
        case "squeeze":
            return Squeeze()
        case "zero":
            return Zero(w_out, stride)
        case "shift":
            return Shift()
        case "linear":
            return Classifier(w_in, w_out, bias=layer.has_bias)
        case _:
            return _ELSEWHERE[layer.kind](w_out, kernel, groups)


def _integer(size: Size) -> int:
    if isinstance(size, int):
        return size
    raise InvalidInput(f"the plan's size {size!r} describes many networks; build them one at a time.")
