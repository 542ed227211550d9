"""What networks cost, and how deep they are: what any predictor should be better than."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from netlore.analysis import Floats
from netlore.space.architecture import Architecture
from netlore.space.depth import depth_of
from netlore.space.family import has_plans, plan_of
from netlore.storage.score_table import Score, ScoreRow, ScoreTable

COUNTS = ("flops", "params", "depth", "layers")
"""Quantities that stand beside predictors."""


def costs_of(
    architectures: Sequence[Architecture], num_classes: int, resolution: int, channels: int
) -> Mapping[str, Floats]:
    """FLOPs, parameters, depth and layers of different architectures, shape (n,) each.

    Layers are convolutions and linear layers; depth is how many of them lie on the longest way from input to
    output. Both are left out where the networks of a family are no plans.
    """
    rows = [ScoreRow(one, 0, 0, "", Score(None, "error")) for one in architectures]
    wide = ScoreTable(rows, num_classes, resolution, channels).wide
    found = {name: wide[name].to_numpy(dtype=np.float64) for name in ("flops", "params")}
    families = dict.fromkeys(one.family for one in architectures)
    if not all(map(has_plans, families)):
        return found
    counted = np.zeros((2, len(architectures)))
    for family in families:
        places = [place for place, one in enumerate(architectures) if one.family == family]
        members = [architectures[place].values for place in places]
        values = {name: np.asarray([one[name] for one in members]) for name in members[0]}
        counted[:, places] = np.stack(
            [np.broadcast_to(one, len(places)) for one in depth_of(plan_of(family, values, num_classes, channels))]
        )
    return {**found, **dict(zip(("depth", "layers"), counted, strict=True))}
