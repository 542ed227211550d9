"""Functions to modules, good ones and bad ones, as users write them."""

from __future__ import annotations

import torch
from torch import nn

import netlore as nl

CALLS: list[str] = []


def network(width: int, act: str, num_classes: int, channels: int) -> nn.Module:
    """One convolution and a classifier."""
    CALLS.append(str(torch.empty(0).device))
    layers = [nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)]
    activation = {"relu": nn.ReLU, "silu": nn.SiLU}[act]()
    return nn.Sequential(*layers, activation, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, num_classes))


def of_values(width: int, resolution: int) -> nn.Module:
    """Cannot be built on the meta device."""
    sizes = torch.tensor([width, resolution])
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * int(sizes[1]) ** 2, int(sizes[0])), nn.Linear(width, 10))


def fails(width: int) -> nn.Module:
    raise RuntimeError("no such width\nat all")


def nothing(width: int) -> nn.Module:
    """Not a module."""
    return width


def of_another_size(width: int) -> nn.Module:
    return nn.Linear(width, 3)


def any_number(*widths: int) -> nn.Module:
    return nn.Linear(1, 1)


def make_space(widths: str = "small", **options) -> nl.DesignSpace:
    grid = {"small": (4, 8), "large": (8, 16, 32)}[widths]
    return nl.module_space(network, [nl.choice("width", grid), nl.choice("act", ("relu", "silu"))], **options)
