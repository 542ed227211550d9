"""Fisher information of parameters, as the paper prints it."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import WEIGHTED, predictor
from netlore.scoring.probe import Probe, sum_over_layers


@predictor(
    "fisher_parameter",
    needs=Evidence.IMAGE_GRADIENT_SQUARES,
    source="the paper, section III-E, as printed",
    applies_to=f"{WEIGHTED}.",
    layers=LINEAR_MAPS,
    reduction="sum over weights and images",
    version=1,
)
def fisher_parameter(probe: Probe) -> Tensor:
    """S = sum over weights and images of (W dL_n/dW)^2, L_n the cross-entropy of image n; N backward passes."""
    return sum_over_layers(
        layer.weight.to(squares.dtype).square() * squares
        for layer, squares in probe.image_gradient_squares.items()
    )
