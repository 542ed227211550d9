"""GradSign by weight, as AZ-NAS computes it."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.predictor import predictor
from netlore.scoring.predictors.gradsign import APPLIES_TO, GRADIENTS, agreement
from netlore.scoring.probe import Probe


@predictor(
    "gradsign_mean",
    needs=GRADIENTS,
    source="Zhang and Jia 2022, arXiv:2110.08616; "
    "cvlab-yonsei/AZ-NAS:NB201/ZeroShotProxy/compute_gradsign_score.py:24-44",
    applies_to=APPLIES_TO,
    layers=LINEAR_MAPS,
    direction="higher is better, by published correlations; not for every pair of networks",
    reduction="mean over weights of sizes of sums over images",
    version=1,
)
def gradsign_mean(probe: Probe) -> Tensor:
    """S = mean over weights of |sum over images n of sign(dL_n/dW)|, from 0 to N; see `gradsign`."""
    total, count = agreement(probe)
    return total / count
