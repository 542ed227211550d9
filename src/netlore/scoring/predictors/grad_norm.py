"""Gradient norm, layer by layer."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import WEIGHTED, predictor
from netlore.scoring.probe import Probe, sum_over_layers


@predictor(
    "grad_norm",
    needs=Evidence.LOSS_GRADIENT,
    source="Abdelfattah et al. 2021, arXiv:2101.08134",
    applies_to=f"{WEIGHTED}.",
    layers=LINEAR_MAPS,
    reduction="sum of the norms of layers",
    version=1,
)
def grad_norm(probe: Probe) -> Tensor:
    """S = sum over convolutions and linear layers of the Euclidean norm of dL/dW.

    Differs from the paper's section III-A, which prints the norm of the whole gradient (`grad_norm_l2`): this is
    what the code behind its numbers computes.
    """
    return sum_over_layers(torch.linalg.vector_norm(g) for g in probe.loss_gradient.values())
