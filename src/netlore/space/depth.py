"""How many layers a network has, and how many of them follow one another: folds over its plan."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

import numpy as np

from netlore.space.complexity import measure
from netlore.space.plan import Chain, Graph, Layer, Plan, Repeat, Size, Switch, paths, whole

WEIGHTED = ("convolution", "linear")
"""Kinds of layers that count: those with weights that are more than a scale."""

_NO_WAY = -(10**9)
"""Depth of what passes nothing on; no network is as deep, so that every sum with it is below zero."""


class Depth(NamedTuple):
    """Of one network, integers, or of many, integer arrays.

    Attributes:
        depth: Layers on the longest way from input to output; 0 if there is none.
        layers: All layers, those on no way included, as parameters count all weights.
    """

    depth: Size
    layers: Size


def depth_of(plan: Plan) -> Depth:
    """Count the convolutions and linear layers of a plan.

    The two differ where parts are side by side: a block of three convolutions with a projection as its shortcut
    has four layers, and adds three to the depth. Zeros pass nothing on.
    """
    return Depth(whole(np.maximum(_longest(plan), 0)), _layers(plan))


@measure("longest_path", label="Longest path", unit="layers on the longest path", always=False)
def longest_path(plan: Plan, resolution: int) -> Size:
    """Convolutions and linear layers on the longest way from input to output, as of `depth_of`."""
    return depth_of(plan).depth


def _layers(plan: Plan) -> Size:
    match plan:
        case Layer():
            return int(plan.kind in WEIGHTED)
        case Repeat(part, times):
            return _layers(part) * times
        case Switch(index, options):
            return _chosen(index, map(_layers, options))
        case _:
            return sum((_layers(part) for _, part in paths(plan)), start=0)


def _longest(plan: Plan) -> Size:
    match plan:
        case Layer():
            return _NO_WAY if plan.kind == "zero" else int(plan.kind in WEIGHTED)
        case Repeat(part, times):
            return _longest(part) * times
        case Switch(index, options):
            return _chosen(index, map(_longest, options))
        case Chain(parts):
            return sum((_longest(part) for part in parts), start=0)
        case Graph(nodes):
            depths: list[Size] = [0]
            for incoming in nodes:
                depths.append(_deepest(depths[source] + _longest(part) for source, part in incoming))
            return depths[-1]
        case _:
            return _deepest(_longest(part) for _, part in paths(plan))


def _deepest(depths: Iterable[Size]) -> Size:
    return whole(reduce(np.maximum, depths))


def _chosen(index: Size, values: Iterable[Size]) -> Size:
    return sum((value * whole(np.equal(index, place)) for place, value in enumerate(values)), start=0)
