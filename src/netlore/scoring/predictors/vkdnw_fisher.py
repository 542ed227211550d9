"""VKDNW with the Fisher matrix that its paper prints."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.predictor import predictor
from netlore.scoring.predictors.vkdnw import APPLIES_TO, DERIVATIVES, LAYERS, REDUCTION, SOURCE, evenness
from netlore.scoring.probe import Probe


@predictor(
    "vkdnw_fisher",
    needs=DERIVATIVES,
    source=f"{SOURCE.split(';')[0]}, as printed",
    applies_to=APPLIES_TO,
    transform="identity",
    layers=LAYERS,
    reduction=REDUCTION,
    version=1,
)
def vkdnw_fisher(probe: Probe) -> Tensor:
    """S = `vkdnw` with the Fisher matrix F = mean_n J^T (diag p - p p^T) J = mean_n (L^T J)^T (L^T J)."""
    return evenness(probe, lambda factor, jacobian: factor.transpose(1, 2) @ jacobian)
