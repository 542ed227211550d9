"""SNIP without the absolute value."""

from __future__ import annotations

from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import WEIGHTED, predictor
from netlore.scoring.probe import Probe, sum_over_layers


@predictor(
    "plain",
    needs=Evidence.LOSS_GRADIENT,
    source="Abdelfattah et al. 2021, arXiv:2101.08134; "
    "automl/NASLib:naslib/predictors/utils/pruners/measures/plain.py:23-44",
    applies_to=f"{WEIGHTED}; of layers with a batch norm behind them it leaves rounding alone.",
    transform="signed_log",
    layers=LINEAR_MAPS,
    reduction="signed sum over weights",
    direction="no direction is known",
    version=1,
)
def plain(probe: Probe) -> Tensor:
    """S = sum W dL/dW over the weights of all convolutions and linear layers; it may have either sign.

    A batch norm takes the scale of the layer before it out, so the terms of that layer cancel up to the norm's
    epsilon: in networks with one behind each convolution, S is the classifier's part. Published correlations with
    accuracy have either sign.
    """
    total = sum_over_layers((layer.weight * g for layer, g in probe.loss_gradient.items()), signed=True)
    if not total:
        raise Degenerate("it is exactly zero: each weight that is looked at is zero or without effect on the loss")
    return total
