"""GraSP: preservation of the gradient's flow."""

from __future__ import annotations

from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import WEIGHTED, predictor
from netlore.scoring.probe import Probe


@predictor(
    "grasp",
    needs=Evidence.CURVATURE,
    source="Wang et al. 2020, arXiv:2002.07376; Abdelfattah et al. 2021, arXiv:2101.08134",
    applies_to=f"{WEIGHTED}, and can be differentiated twice.",
    transform="signed_log",
    layers=LINEAR_MAPS,
    reduction="signed sum over weights",
    version=1,
)
def grasp(probe: Probe) -> Tensor:
    """S = sum -W (H dL/dW) over the weights of all convolutions and linear layers; it may have either sign.

    In deep networks with batch norm the terms nearly cancel: in float32 even the sign can be wrong.
    """
    if not probe.curvature:
        raise Degenerate(
            "it is exactly zero: every weight that is looked at is zero or without effect on the gradient"
        )
    return -probe.curvature
