"""SNIP: connection sensitivity."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import WEIGHTED, predictor
from netlore.scoring.probe import Probe, sum_over_layers


@predictor(
    "snip",
    needs=Evidence.LOSS_GRADIENT,
    source="Lee et al. 2019, arXiv:1810.02340; Abdelfattah et al. 2021, arXiv:2101.08134",
    applies_to=f"{WEIGHTED}.",
    layers=LINEAR_MAPS,
    reduction="sum over weights",
    version=1,
)
def snip(probe: Probe) -> Tensor:
    """S = sum |W dL/dW| over the weights of all convolutions and linear layers."""
    return sum_over_layers((layer.weight * g).abs() for layer, g in probe.loss_gradient.items())
