"""GraSP without the epsilon of batch norm."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe, sum_over_layers


@predictor(
    "grasp_limit",
    needs=Evidence.LOSS_GRADIENT | Evidence.LIMIT_HESSIAN_WEIGHT,
    source="derived in docs/predictors.md from grasp: Wang et al. 2020, arXiv:2002.07376",
    applies_to=(
        "Networks with a batch norm behind every convolution, whose logits are a linear layer's "
        "output, by cross-entropy."
    ),
    transform="signed_log",
    layers=LINEAR_MAPS,
    reduction="signed sum over weights",
    version=1,
)
def grasp_limit(probe: Probe) -> Tensor:
    """S = -<dL/dW, d<z, ds>/dW>, ds = p (z - b - <p, z - b>) / N constant: grasp without batch norm's epsilon.

    z are the logits, b the classifier's bias, p the softmax. Where every convolution is followed by batch norm,
    grasp tends to this as epsilon tends to 0; it needs first derivatives only. In deep networks with tiny batch
    variances it is another number than grasp, and its terms nearly cancel, too: see docs/predictors.md.
    """
    products = probe.limit_hessian_weight
    return -sum_over_layers((g * products[layer] for layer, g in probe.loss_gradient.items()), signed=True)
