"""Convolutions and their adjoints by the fastest of torch's kernels.

On channels-last activations on the CPU, torch's kernels for groups of two or four channels run at a fraction of
the speed of those for eight: the operations on activations merge such groups into ones of eight, with zeros
between them. More is multiplied, none of it changes the result, and it takes a half to a third of the time
(`benchmarks/NOTES.md`). Depthwise convolutions have kernels of their own and stay as they are, and so do weight
gradients.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

# Groups narrower than this are merged up to it.
MERGED_WIDTH = 8

_aten = torch.ops.aten


@dataclass(frozen=True)
class Geometry:
    """A convolution's numbers, one for each axis of positions.

    Attributes:
        stride: Steps of the kernel.
        padding: Zeros on either side.
        dilation: Distance of the kernel's entries.
        groups: Of channels.
        transposed: Whether it is the adjoint of such a convolution.
        output_padding: What a transposed one adds on one side.
    """

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int = 1
    transposed: bool = False
    output_padding: tuple[int, ...] = ()

    def with_groups(self, groups: int) -> Geometry:
        """The same with another number of groups."""
        return Geometry(self.stride, self.padding, self.dilation, groups, self.transposed, self.output_padding)

    def as_arguments(self) -> tuple[list[int], list[int], list[int], bool, list[int], int]:
        """As torch's operators take it."""
        extra = list(self.output_padding) or [0] * len(self.stride)
        numbers = (list(self.stride), list(self.padding), list(self.dilation))
        return *numbers, self.transposed, extra, self.groups


def is_channels_last(x: Tensor) -> bool:
    """Whether the kernels of this module and of `channelwise` serve it."""
    return x.device.type == "cpu" and x.ndim == 4 and x.is_contiguous(memory_format=torch.channels_last)


def merged(weight: Tensor, groups: int) -> tuple[Tensor, int]:
    """The weight (C_out, C_in / groups, k, k) and the number of groups to convolve with.

    It has wider groups and computes the same convolution, or is the one given.
    """
    width, count = weight.shape[1], 1
    while width * count * 2 <= MERGED_WIDTH and groups % (count * 2) == 0:
        count *= 2
    if width == 1 or count == 1:
        return weight.contiguous(memory_format=torch.channels_last), groups
    c_out, _, height, breadth = weight.shape
    blocks = weight.new_zeros(groups // count, count, c_out // groups, count, width, height, breadth)
    parts = weight.view(groups // count, count, c_out // groups, width, height, breadth)
    for index in range(count):
        blocks[:, index, :, index] = parts[:, index]
    wide = blocks.view(c_out, count * width, height, breadth)
    return wide.contiguous(memory_format=torch.channels_last), groups // count


def convolve(x: Tensor, weight: Tensor, geometry: Geometry, bias: Tensor | None = None) -> Tensor:
    """conv(x, W) + b."""
    found: Tensor = _aten.convolution(x, weight, bias, *geometry.as_arguments())
    return found


def convolve_back(gradient: Tensor, like: Tensor, weight: Tensor, geometry: Geometry) -> Tensor:
    """conv^T(g, W): the gradient of the input, of which only shape and layout are looked at."""
    plain = set(geometry.stride) == {1} and not geometry.transposed
    if (
        plain
        and weight.shape[1] == 1
        and geometry.groups == len(weight) == like.shape[1]
        and is_channels_last(like)
    ):
        # Depthwise, it is a convolution with the weights turned around, which takes two thirds of the time.
        turned = weight.flip(2, 3).contiguous(memory_format=torch.channels_last)
        sizes = zip(geometry.dilation, weight.shape[2:], geometry.padding, strict=True)
        rest = tuple(dilation * (size - 1) - padding for dilation, size, padding in sizes)
        if min(rest) >= 0:
            return convolve(gradient, turned, Geometry(geometry.stride, rest, geometry.dilation, geometry.groups))
    return _adjoint(gradient, like, weight, geometry, [True, False, False])[0]


def weight_gradient(gradient: Tensor, x: Tensor, weight: Tensor, geometry: Geometry) -> Tensor:
    """corr(x, g): the gradient of the weight."""
    if set(weight.shape[2:]) == {1} and is_channels_last(x) and not (any(geometry.padding) or geometry.transposed):
        if set(geometry.stride) != {1}:
            # A kernel of oneDNN for this case writes past its memory where there are fewer than eight input
            # channels (torch 2.14, float32, channels last, AVX2). What a strided 1x1 sees needs no stride.
            down, right = geometry.stride
            x = x[:, :, ::down, ::right].contiguous(memory_format=torch.channels_last)
            geometry = Geometry((1, 1), geometry.padding, geometry.dilation, geometry.groups)
        if geometry.groups == 1 and weight.shape[0] < weight.shape[1]:
            # The kernel wants many outputs: with x and g in each other's place it is up to five times faster.
            turned = weight.transpose(0, 1)
            return _adjoint(x, gradient, turned, geometry, [False, True, False])[1].transpose(0, 1)
    return _adjoint(gradient, x, weight, geometry, [False, True, False])[1]


def _adjoint(
    gradient: Tensor, x: Tensor, weight: Tensor, geometry: Geometry, wanted: list[bool]
) -> tuple[Tensor, Tensor]:
    found = _aten.convolution_backward(gradient, x, weight, None, *geometry.as_arguments(), wanted)
    return found[0], found[1]
