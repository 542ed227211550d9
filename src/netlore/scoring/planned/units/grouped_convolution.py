"""Convolutions of a planned layer and their two adjoints, on channels-last tensors.

torch's CPU kernels for groups of two or four channels run at a fraction of the speed of those for eight: the
operations on activations merge such groups into ones of eight, with zeros between them. More is multiplied, none
of it changes the result, and it takes a half to a third of the time (`benchmarks/NOTES.md`). Depthwise
convolutions have kernels of their own and stay as they are, and so do weight gradients.
"""

from __future__ import annotations

import torch
from torch import Tensor

# Groups narrower than this are merged up to it.
MERGED_WIDTH = 8

_backward = torch.ops.aten.convolution_backward


def merged(weight: Tensor, groups: int) -> tuple[Tensor, int]:
    """The weight and the number of groups to convolve with.

    Args:
        weight: Shape (C_out, C_in / groups, k, k).
        groups: Number of groups.

    Returns:
        A weight of wider groups that computes the same convolution, or the one given.
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


def convolve(x: Tensor, weight: Tensor, stride: int, groups: int) -> Tensor:
    """conv(x, W) with padding k // 2."""
    return torch.conv2d(x, weight, stride=stride, padding=weight.shape[2] // 2, groups=groups)


def convolve_back(gradient: Tensor, shape: torch.Size, weight: Tensor, stride: int, groups: int) -> Tensor:
    """conv^T(g, W): the gradient of the input, which has that shape."""
    if stride == 1 and weight.shape[1] == 1 and groups == len(weight) == shape[1]:
        # Depthwise, it is a convolution with the weights turned around, which takes two thirds of the time.
        turned = weight.flip(2, 3).contiguous(memory_format=torch.channels_last)
        return convolve(gradient, turned, 1, groups)
    # Of the input only shape and layout are looked at; memory that is never touched costs nothing.
    like = torch.empty(shape, dtype=gradient.dtype, device=gradient.device, memory_format=torch.channels_last)
    return _adjoint(gradient, like, weight, stride, groups, [True, False, False])[0]


def weight_gradient(gradient: Tensor, x: Tensor, weight: Tensor, stride: int, groups: int) -> Tensor:
    """corr(x, g): the gradient of the weight."""
    if weight.shape[2] == 1 and stride > 1:
        # A kernel of oneDNN for this case writes past its memory where there are fewer than eight input channels
        # (torch 2.14, float32, channels last, AVX2). The pixels that a strided 1x1 sees need no stride.
        x = x[:, :, ::stride, ::stride].contiguous(memory_format=torch.channels_last)
        stride = 1
    if weight.shape[2] == 1 and groups == 1 and weight.shape[0] < weight.shape[1]:
        # The kernel wants many outputs: with x and g in each other's place it is up to five times faster.
        x, gradient, weight = gradient, x, weight.transpose(0, 1)
        return _adjoint(gradient, x, weight, stride, groups, [False, True, False])[1].transpose(0, 1)
    return _adjoint(gradient, x, weight, stride, groups, [False, True, False])[1]


def _adjoint(
    gradient: Tensor, x: Tensor, weight: Tensor, stride: int, groups: int, wanted: list[bool]
) -> tuple[Tensor, Tensor]:
    padding = weight.shape[2] // 2
    found = _backward(
        gradient, x, weight, None, [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], groups, wanted
    )
    return found[0], found[1]
