"""FreeREA's synaptic flow, with the logarithm of the gradient."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.kinds.positive import Flow, positive_flow
from netlore.scoring.kinds.view import View
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe, sum_over_layers

_FLOW = positive_flow(norms=False, view=View("ones", "kaiming_fan_out", draws=3, images=1))


@predictor(
    "synflow_log_gradient",
    needs=_FLOW,
    source="Cavagnero et al. 2023, arXiv:2207.05135; NiccoloCavagnero/FreeREA:metrics/synflow.py:14-84",
    applies_to=(
        "Sequences and sums of layers with ReLU-like activations; behind gates or softmax it is no sum over paths."
    ),
    layers=LINEAR_MAPS,
    reduction="sum over weights, mean over draws",
    version=1,
)
def synflow_log_gradient(probe: Probe) -> Tensor:
    """S = mean over three draws of weights of sum |W ln(1 + dR/dW)|, R as in synflow.

    FreeREA calls it logsynflow. It is not the logarithm of synflow, which is `log_synflow`: gradients alone are
    compressed, and each weight has the same power as before.
    """
    draws = probe[_FLOW]
    if any(bool((one.gradient <= -1).any()) for flows in draws for one in flows.values()):
        raise Degenerate(
            "1 + dR/dW is zero or below for some weight, as behind gates or softmax, and has no logarithm"
        )
    return torch.stack([sum_over_layers(map(_term, flows.values())) for flows in draws]).mean()


def _term(one: Flow) -> Tensor:
    return (one.weight * one.gradient.log1p()).abs()
