"""Norms of the initial weights, which no data and no pass has anything to do with."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.kinds.features import layer_weights
from netlore.scoring.predictor import WEIGHTED, predictor
from netlore.scoring.probe import Probe, sum_over_layers

_WEIGHTS = layer_weights()


@predictor(
    "l2_norm",
    needs=_WEIGHTS,
    source="Abdelfattah et al. 2021, arXiv:2101.08134; "
    "automl/NASLib:naslib/predictors/utils/pruners/measures/l2_norm.py:20-22",
    applies_to=f"{WEIGHTED}. A count of widths and layers: nothing else decides norms of random numbers.",
    layers=LINEAR_MAPS,
    reduction="sum of the norms of layers",
    version=1,
)
def l2_norm(probe: Probe) -> Tensor:
    """S = sum over convolutions and linear layers of the Euclidean norm of W.

    With Kaiming's fan-in it comes to the sum of sqrt(2 * output channels), up to the draw.
    """
    (weights,) = probe[_WEIGHTS]
    return sum_over_layers(torch.linalg.vector_norm(one.double()) for one in weights.values())
