"""GraSP as an L1 norm, one of the two forms that the paper prints."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import WEIGHTED, predictor
from netlore.scoring.probe import Probe, sum_over_layers


@predictor(
    "grasp_l1",
    needs=Evidence.HESSIAN_GRADIENT,
    source="the paper, section III-C: its first, L1 form",
    applies_to=f"{WEIGHTED}, and can be differentiated twice.",
    layers=LINEAR_MAPS,
    reduction="sum over weights",
    version=1,
)
def grasp_l1(probe: Probe) -> Tensor:
    """S = sum |W (H dL/dW)| over the weights of all convolutions and linear layers."""
    return sum_over_layers((hg * layer.weight).abs() for layer, hg in probe.hessian_gradient.items())
