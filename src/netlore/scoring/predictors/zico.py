"""ZiCo: how large gradients are, compared with how they differ between batches."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.kinds.gradients import part_gradients
from netlore.scoring.predictor import WEIGHTED, predictor
from netlore.scoring.probe import Probe

_GRADIENTS = part_gradients(1, batches=2)


@predictor(
    "zico",
    needs=_GRADIENTS,
    source="Li et al. 2023, arXiv:2301.11300; SLDGroup/ZiCo:ZeroShotProxy/compute_zico.py:14-63",
    applies_to=f"{WEIGHTED}.",
    transform="identity",
    layers=LINEAR_MAPS,
    reduction="sum over layers of logarithms of sums over weights, over two batches",
    version=1,
)
def zico(probe: Probe) -> Tensor:
    """S = sum over layers of ln(sum over weights of mean |g| / std g), over two batches; g = dL/dW of each batch.

    std is the population's. Weights whose gradients do not differ are left out, and so are layers of such weights.
    Of two batches a ratio is (|a| + |b|) / |a - b|: 1 where the signs differ, above 1 where they agree. So S is at
    least the sum of the logarithms of layers' numbers of weights.

    Differs from the paper's theorem, which looks at the variance over images: this is what its code computes.
    """
    (gradients,) = probe[_GRADIENTS]
    logarithms = []
    for of_layer in gradients.values():
        g = of_layer.double()
        deviation = g.std(dim=0, correction=0)
        counted = deviation != 0
        if bool(counted.any()):
            logarithms.append((g.abs().mean(dim=0)[counted] / deviation[counted]).sum().log())
    if not logarithms:
        raise Degenerate("no weight has gradients that differ between the two batches")
    return torch.stack(logarithms).sum()
