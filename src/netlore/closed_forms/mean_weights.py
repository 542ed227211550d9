"""Mean absolute values of initial weights, by the rule that draws them.

Of a normal weight of standard deviation sigma it is a sigma with a = sqrt(2 / pi) = 0.798, of one that is uniform
between -c and c it is c / 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from netlore.space.plan import Chain, Layer, Plan

MeanWeight = Callable[[Layer], Any]
"""From a convolution or linear layer to E|w|; sizes of a layer may be arrays, and then so is E|w|."""

A = math.sqrt(2 / math.pi)
"""E|w| of a standard normal number."""


def normal(layer: Layer) -> Any:
    """Convolutions normal of variance 2 / (k^2 C_out), linear layers of standard deviation 0.01: the paper's."""
    return 0.01 * A if layer.kind == "linear" else A * np.sqrt(2 / (np.square(layer.kernel) * layer.w_out))


def kaiming(layer: Layer) -> Any:
    """Normal of variance 2 / fan-in, fan-in = k^2 C_in / groups (He et al. 2015, arXiv:1502.01852)."""
    return A * np.sqrt(2 / fan_in(layer))


def uniform(layer: Layer) -> Any:
    """Uniform between -1 / sqrt(fan-in) and 1 / sqrt(fan-in): torch's own."""
    return 0.5 / np.sqrt(fan_in(layer))


RULES: dict[str, MeanWeight] = {"normal": normal, "kaiming": kaiming, "uniform": uniform}
"""By name; `normal` and `uniform` are those that a plan can ask for."""


def rule_of(plan: Plan, name: str | None = None) -> MeanWeight:
    """The rule of that name; None: the plan's own."""
    return RULES[name or (plan.initialisation if isinstance(plan, Chain) else "normal")]


def fan_in(layer: Layer) -> Any:
    """Weights of one output: k^2 C_in / groups of a convolution, C_in of a linear layer."""
    if layer.kind == "linear":
        return np.asarray(layer.w_in)
    return np.square(layer.kernel) * np.asarray(layer.w_in) / layer.groups


def gain(layer: Layer, mean_weight: MeanWeight) -> Any:
    """How much a layer multiplies a signal that is equal in all channels and at all taps: fan-in times E|w|."""
    return fan_in(layer) * mean_weight(layer)
