"""GraSP: preservation of the gradient's flow."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe, sum_over_layers

_SOURCE = "Wang et al. 2020, arXiv:2002.07376; Abdelfattah et al. 2021, arXiv:2101.08134"


@predictor("grasp", needs=Evidence.CURVATURE, source=_SOURCE, transform="signed_log", version=1)
def grasp(probe: Probe) -> Tensor:
    """S = sum -W (H dL/dW) over the weights of all convolutions and linear layers; it may have either sign.

    In deep networks with batch norm the terms nearly cancel: in float32 even the sign can be wrong.
    """
    return -probe.curvature


@predictor(
    "grasp_limit",
    needs=Evidence.LOSS_GRADIENT | Evidence.LIMIT_HESSIAN_WEIGHT,
    source="derived in docs/predictors.md from grasp: Wang et al. 2020, arXiv:2002.07376",
    transform="signed_log",
    version=1,
)
def grasp_limit(probe: Probe) -> Tensor:
    """S = -<dL/dW, d<z, ds>/dW>, ds = p (z - b - <p, z - b>) / N constant: grasp without batch norm's epsilon.

    z are the logits, b the classifier's bias, p the softmax. Where every convolution is followed by batch norm,
    grasp tends to this as epsilon tends to 0; it needs first derivatives only. In deep networks with tiny batch
    variances it is another number than grasp, and its terms nearly cancel, too: see docs/predictors.md.
    """
    products = probe.limit_hessian_weight
    return -sum_over_layers(g * products[layer] for layer, g in probe.loss_gradient.items())


@predictor(
    "grasp_l1", needs=Evidence.HESSIAN_GRADIENT, source="the paper, section III-C: its first, L1 form", version=1
)
def grasp_l1(probe: Probe) -> Tensor:
    """S = sum |W (H dL/dW)| over the weights of all convolutions and linear layers."""
    return sum_over_layers((layer.weight * hg).abs() for layer, hg in probe.hessian_gradient.items())
