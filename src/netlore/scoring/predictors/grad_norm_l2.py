"""Gradient norm of the whole gradient, as the paper prints it."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe, sum_over_layers


@predictor(
    "grad_norm_l2",
    needs=Evidence.PARAMETER_GRADIENT,
    source="the paper, section III-A, as printed",
    applies_to="All networks with trainable parameters, of whatever layers.",
    layers="all trainable parameters",
    reduction="norm",
    version=1,
)
def grad_norm_l2(probe: Probe) -> Tensor:
    """S = Euclidean norm of the gradient over all trainable parameters, biases and batch norms included."""
    return sum_over_layers(g.abs().square() for g in probe.parameter_gradient.values()).sqrt()
